"""PURE. Which headers of an answer are recorded, and how: never the value of one that carries a credential."""

import re
from collections.abc import Mapping
from typing import Final

from tasker_executor.http.secrets.redaction import REDACTED

MAX_HEADER_CHARACTERS: Final = 32 * 1024
_SENSITIVE: Final = re.compile(
    r"(proxy-)?authorization|(proxy-)?authentication-info|(set-)?cookie2?|.*(api-?key|secret|token|password|session).*"
)
_URLS: Final = frozenset(("location", "content-location", "refresh"))


def sensitive(name: str) -> bool:
    """Whether a header of this name, in any case, carries a credential."""
    return _SENSITIVE.fullmatch(name.lower()) is not None


def recorded_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers by name, in lower case, as many as there is room for; those of one name in one value."""
    kept: dict[str, str] = {}
    room = MAX_HEADER_CHARACTERS
    for given, value in headers.items():
        room -= len(given) + len(value)
        if room < 0:
            break
        name = given.lower()
        shown = REDACTED if sensitive(name) else _without_userinfo(value) if name in _URLS else value
        kept[name] = f"{kept[name]}, {shown}" if name in kept else shown
    return kept


def _without_userinfo(location: str) -> str:
    scheme, slashes, rest = location.partition("//")
    authority, slash, path = rest.partition("/")
    return scheme + slashes + authority.rpartition("@")[2] + slash + path if slashes else location
