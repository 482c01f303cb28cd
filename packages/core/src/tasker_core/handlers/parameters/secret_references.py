"""PURE. References to secrets, `secret://name`: only they travel in tasks, runs and results, never what they stand for.

The executor resolves them when a call is made. A name is 1 to 128 letters, digits, `_`, `-` and `.`, of which the first
is no `-` and no `.`.
"""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

SCHEME: Final = "secret://"
_NAME: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
REFERENCE: Final = re.compile(rf"secret://({_NAME})")
_USERINFO: Final = re.compile(rf"(?P<scheme>https?://)(?P<userinfo>(?:secret://{_NAME}|[^/?#@\\])*)@", re.IGNORECASE)


def _a_reference(text: str) -> str:
    if not is_reference(text):
        raise ValueError("must be a reference such as secret://name: the secret itself never travels in a task")
    return text


Reference = Annotated[
    str,
    AfterValidator(_a_reference),
    WithJsonSchema({"type": "string", "pattern": f"^{REFERENCE.pattern}$"}),
]


def names_in(text: str) -> list[str]:
    """The names that a text refers to."""
    return REFERENCE.findall(text)


def is_reference(text: str) -> bool:
    """Whether a text is one reference as a whole."""
    return REFERENCE.fullmatch(text) is not None


def well_referred(text: str) -> str:
    """The text, when each reference in it is one. Raises ValueError."""
    if text.count(SCHEME) != len(names_in(text)):
        raise ValueError("has a reference without a name; write it like secret://name")
    return text


def sheltered(url: str) -> str:
    """A URL whose userinfo holds references as they are written, with these percent-encoded: then it is a URL.

    The slashes of `https://user:secret://name@host/` would otherwise end the authority (RFC 3986, section 3.2).
    """
    if (match := _USERINFO.match(url)) is None:
        return url
    safe = REFERENCE.sub(r"secret%3A%2F%2F\1", match["userinfo"])
    return f"{match['scheme']}{safe}@{url[match.end() :]}"
