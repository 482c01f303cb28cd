"""PURE. The request headers that a task may set (RFC 9110, section 5): no way into the framing of the message."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from tasker_core.errors import in_words
from tasker_core.handlers.parameters.secret_references import well_referred
from tasker_core.handlers.parameters.templates.template import check_templates
from tasker_core.handlers.parameters.templates.variables import check_name

MAX_HEADERS: Final = 50
MAX_VALUE_CHARACTERS: Final = 8_000
_NAME: Final = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$"
_VALUE: Final = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?|")
_FRAMING: Final = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_TASKERS: Final = frozenset(
    {
        "idempotency-key",
        "tasker-callback-url",
        "traceparent",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    }
)


def usable_value(value: str) -> bool:
    """Whether this can be a header's value: printable ASCII, blanks only inside it, so no way to end the line."""
    return _VALUE.fullmatch(value) is not None


def _name(name: str) -> str:
    if name.lower() in _FRAMING:
        raise ValueError("belongs to the framing of the request, which follows from url, method and body; remove it")
    if name.lower() in _TASKERS:
        raise ValueError("is set by Tasker; remove it")
    return name


def _value(value: str) -> str:
    if not usable_value(value):
        raise ValueError("must be printable ASCII on one line, without blanks around it")
    check_templates(value, check_name)
    return well_referred(value)


def _once(headers: dict[str, str]) -> dict[str, str]:
    if len({name.lower() for name in headers}) != len(headers):
        raise ValueError("has a name twice: upper and lower case are the same; give it once")
    return headers


_NO_NAME: Final = "is no name of a header: give letters, digits and hyphens (RFC 9110), up to 128"
HeaderName = Annotated[str, StringConstraints(pattern=_NAME), AfterValidator(_name), in_words(_NAME, _NO_NAME)]
HeaderValue = Annotated[str, StringConstraints(max_length=MAX_VALUE_CHARACTERS), AfterValidator(_value)]
Headers = Annotated[dict[HeaderName, HeaderValue], Field(max_length=MAX_HEADERS), AfterValidator(_once)]
"""Names and values; a value may hold references such as `Bearer secret://name`, and templates."""
