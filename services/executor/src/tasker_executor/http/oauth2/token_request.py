"""One request for an access token, and what its answer means."""

import math
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast
from urllib.parse import quote_plus, urlencode

import msgspec
from multidict import CIMultiDict
from yarl import URL

from tasker_core.handlers.parameters.http_headers import MAX_VALUE_CHARACTERS, usable_value
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.http.connection import DIRECT, ConnectionOptions
from tasker_executor.http.request import USER_AGENT, HttpRequest
from tasker_executor.http.response import HttpResponse
from tasker_executor.http.statuses import status_failure

DEFAULT_LIFETIME_SECONDS: Final = 300.0
"""Of a token that does not say how long it is good for (RFC 6749, section 5.1, leaves that to other means)."""
MAX_LIFETIME_SECONDS: Final = 24 * 3600.0
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Whose token, for what, and how it is asked for: equal ones share a token."""

    url: URL
    client_id: str
    client_secret: str
    scope: str | None = None
    audience: str | None = None
    client_in_body: bool = False
    connection: ConnectionOptions = DIRECT

    @property
    def credentials(self) -> str:
        """The client's name and secret for Basic; both are form-encoded before (RFC 6749, section 2.3.1)."""
        return b64encode(f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}".encode()).decode()

    def request(self) -> HttpRequest:
        """What is sent."""
        form = {"grant_type": "client_credentials", "scope": self.scope, "audience": self.audience}
        headers = CIMultiDict({"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"})
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.client_in_body:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        else:
            headers["Authorization"] = f"Basic {self.credentials}"
        body = urlencode({name: value for name, value in form.items() if value is not None}).encode()
        return HttpRequest("POST", self.url, headers, body, self.connection)


class AccessToken(NamedTuple):
    """A token, and for how many seconds from its request on it is good."""

    value: str
    lifetime_seconds: float


def access_token(response: HttpResponse, host: str, now_ms: int, hide: Callable[[str], str] = str) -> AccessToken:
    """The token in an answer. Raises AttemptFailed, without anything of the answer but its error.

    `hide` takes secrets out of that, before it is shortened.
    """
    members = _members(response)
    if not 200 <= response.status < 300:
        failure = status_failure(response, now_ms)
        said = " ".join(hide(str(members[name]))[:_SHOWN] for name in ("error", "error_description") if name in members)
        passing = members.get("error") in ("temporarily_unavailable", "server_error", "slow_down")
        message = f"{host} gave no token: it answered {response.status}{f' ({said})' if said else ''}"
        final = failure.final and not passing
        advice = "; check client_id, client_secret, scope and audience" if final else ""
        raise AttemptFailed("oauth2", message + advice, final=final, wait_seconds=failure.wait_seconds)
    token, kind = members.get("access_token"), members.get("token_type", "Bearer")
    if not isinstance(token, str) or not usable_token(token):
        raise AttemptFailed("oauth2", f"{host} gave no token: its answer has no usable access_token; check token_url")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        message = f"{host} gave a token of the type {hide(str(kind))[:_SHOWN]!r}; only bearer tokens are understood"
        raise AttemptFailed("oauth2", message, final=True)
    return AccessToken(token, _lifetime(members.get("expires_in")))


def usable_token(token: str) -> bool:
    """Whether this can be sent as a bearer token."""
    return 0 < len(token) <= MAX_VALUE_CHARACTERS and " " not in token and usable_value(token)


def _members(response: HttpResponse) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(response.result["body"])
    except (msgspec.DecodeError, RecursionError):
        return {}
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}


def _lifetime(expires_in: object) -> float:
    """Seconds, which some servers write as a text."""
    try:
        seconds = float(cast("Any", expires_in))
    except (TypeError, ValueError, OverflowError):
        return DEFAULT_LIFETIME_SECONDS
    return min(max(0.0, seconds), MAX_LIFETIME_SECONDS) if math.isfinite(seconds) else DEFAULT_LIFETIME_SECONDS
