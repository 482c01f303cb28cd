"""PURE. Which headers of a response are recorded, and how: never the value of one that carries a credential."""

import re
from collections.abc import Mapping
from typing import Final

from tasker_executor.http.secrets.redaction import REDACTED

MAX_HEADER_CHARACTERS: Final = 32 * 1024
_SENSITIVE: Final = re.compile(
    r"(proxy-)?authorization|(proxy-)?authentication-info|(set-)?cookie2?|.*(api-?key|secret|token|password|session).*"
)
_URLS: Final = frozenset(("location", "content-location", "refresh"))


def is_sensitive(name: str) -> bool:
    """Whether a header of this name, in any case, carries a credential."""
    return _SENSITIVE.fullmatch(name.lower()) is not None


def recorded_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers by name, in lower case, as many as fit; those of one name in one value.

    Bytes that are no UTF-8, as in names of files in Latin-1, become �, as those of a body do.
    """
    recorded: dict[str, str] = {}
    characters_left = MAX_HEADER_CHARACTERS
    for original_name, value in headers.items():
        characters_left -= len(original_name) + len(value)
        if characters_left < 0:
            break
        name = original_name.lower()
        text = REDACTED if is_sensitive(name) else _without_userinfo(value) if name in _URLS else value
        text = text.encode(errors="surrogateescape").decode(errors="replace")  # the client keeps such bytes as halves
        recorded[name] = f"{recorded[name]}, {text}" if name in recorded else text
    return recorded


def _without_userinfo(location: str) -> str:
    scheme, slashes, rest = location.partition("//")
    authority, slash, path = rest.partition("/")
    return scheme + slashes + authority.rpartition("@")[2] + slash + path if slashes else location
