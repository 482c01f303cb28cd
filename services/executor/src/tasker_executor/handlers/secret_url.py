"""A URL that is a secret as a whole, as chat systems give them: whoever knows it may write there."""

from typing import Final

from yarl import URL

from tasker_core.handlers.parameters.secret_references import names_in
from tasker_core.handlers.parameters.url import checked_url
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.http.request import split_credentials
from tasker_executor.http.secrets.secret_store import AttemptSecrets, unusable_secret

MIN_TOKEN_LENGTH: Final = 8
"""From this many characters on, a part of the path or a value of the query may be what gives access."""


def secret_url(reference: str, secrets: AttemptSecrets, *, needs_tls: bool) -> tuple[URL, str | None]:
    """The URL that a reference stands for, and its credentials as a header's value. Raises AttemptFailed.

    It is kept out of all that is recorded, as a whole and in the parts that a server may repeat, but for its host: that
    is named where it can't be reached.
    """
    (name,) = names_in(reference)
    text = secrets.value(name)
    try:
        url, authorization = split_credentials(checked_url(text), secrets)
    except (AttemptFailed, ValueError) as error:  # what a ValueError says may repeat the URL
        if isinstance(error, AttemptFailed) and error.kind != "invalid_url":
            raise
        raise unusable_secret(name, "is no URL that begins with http:// or https://") from None
    if needs_tls and url.scheme != "https":
        raise unusable_secret(name, "must begin with https://, since the call has tls")
    secrets.hide(str(url), url.raw_path_qs, url.path_qs, url.raw_path, url.path)
    tokens = (*url.raw_parts, *url.parts, *url.query.values())
    secrets.hide(*(token for token in tokens if len(token) >= MIN_TOKEN_LENGTH))
    return url, authorization
