"""PURE. The URL that a handler calls, kept as it was written."""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AnyHttpUrl, StringConstraints, TypeAdapter, ValidationError, WithJsonSchema

from tasker_core.handlers.parameters.secret_references import SCHEME, is_reference, sheltered, well_referred

MAX_URL_CHARACTERS: Final = 8_000
"""RFC 9110, section 4.1: everybody should support URLs of this length."""
_ANY: Final[TypeAdapter[Any]] = TypeAdapter(AnyHttpUrl)
_BEGINNING: Final = re.compile("https?://", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def checked_url(url: str) -> str:
    """The URL, when it can be called. Raises ValueError."""
    if _CONTROL.search(url) or url != url.strip():
        raise ValueError("has a control character in it, or blanks around it; remove them")
    safe = sheltered(url)
    try:
        _ANY.validate_python(safe)
    except ValidationError as error:
        if _BEGINNING.match(safe) is None:
            raise ValueError("is no URL that can be called: it must begin with http:// or https://") from None
        raise ValueError(f"is no URL: {error.errors()[0]['msg'].rpartition(', ')[2]}") from None
    if SCHEME in safe.partition("://")[2]:
        raise ValueError(
            "refers to a secret outside user and password, where it would be recorded; use a header, or, in http and "
            "notify, put the whole URL into the secret: secret://name"
        )
    well_referred(url)
    return url


URL_SCHEMA: Final = {
    "type": "string",
    "format": "uri",
    "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://",
    "minLength": 1,
    "maxLength": MAX_URL_CHARACTERS,
}
URL_OR_REFERENCE_SCHEMA: Final = URL_SCHEMA | {"pattern": "^([Hh][Tt][Tt][Pp][Ss]?|secret)://"}
CallUrl = Annotated[
    str,
    StringConstraints(max_length=MAX_URL_CHARACTERS),
    AfterValidator(checked_url),
    WithJsonSchema(URL_SCHEMA),
]
"""An http:// or https:// URL. User and password in it may be references to secrets."""


def checked_url_or_reference(url: str) -> str:
    """The URL, when it can be called, or the reference to one that is a secret as a whole. Raises ValueError."""
    if url.startswith(SCHEME) and not is_reference(url):
        raise ValueError("is no reference to a secret: write it like secret://name, and nothing behind the name")
    return url if is_reference(url) else checked_url(url)


def has_userinfo(url: str) -> bool:
    """Whether a valid URL brings user or password."""
    return "@" in re.split(r"[/?#\\]", sheltered(url).partition("://")[2], maxsplit=1)[0]
