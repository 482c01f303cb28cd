"""Instants as users state them: with an offset, or as local time in a zone. Whole epoch seconds inside."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Literal

from tasker_core.time.zones import BEGIN_OF_TIME, END_OF_TIME, first_instant, zone

Ambiguity = Literal["once", "gap", "fold"]
"""How often the clock shows a local time: once, never (it lies in a gap) or twice."""

_AT = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,20}))?)?"
    r"(?P<offset>Z|[+-]\d\d:\d\d)?",
    re.ASCII | re.IGNORECASE,
)


@lru_cache(maxsize=65_536)
def parse_instant(text: str, timezone: str | None, *, down: bool = False) -> tuple[int, Ambiguity]:
    """The epoch second, fractions rounded up (or `down`), and how often the clock shows it. Raises ValueError.

    Local time that a clock change skips is the first instant after it; local time that comes twice is the first one.
    What is later than all times, as the last hours of 2199 are in America, is the last second.
    """
    if (match := _AT.fullmatch(text)) is None:
        raise ValueError(f"{text[:40]!r} is not a date and time; write it like 2026-12-24T18:00:00+01:00")
    minute, second, fraction, offset = match.groups()
    if offset and timezone:
        raise ValueError("has an offset already; leave the timezone out, or the offset")
    if not offset and not timezone:
        raise ValueError("no instant yet; add an offset or a timezone")
    try:
        given = datetime.fromisoformat(f"{minute}:{second or '00'}{(offset or 'Z').upper()}")
    except ValueError as error:
        raise ValueError(f"{text!r} does not exist: {error}") from None
    whole = int(given.timestamp()) + (1 if not down and (fraction or "").strip("0") else 0)
    if not BEGIN_OF_TIME <= whole < END_OF_TIME:
        raise ValueError("the year is not within 1970 to 2199")
    if not timezone:
        return whole, "once"
    instant, how = first_instant(zone(timezone), whole)
    return min(instant, END_OF_TIME - 1), how


def parse_instant_in_zone(text: str, timezone: str | None, *, down: bool = False) -> tuple[int, Ambiguity]:
    """The same for a text that may bear an offset of its own; `timezone` is for those that bear none."""
    return parse_instant(text, None if has_offset(text) else timezone, down=down)


def has_offset(text: str) -> bool:
    """Whether a date and time bears an offset of its own."""
    match = _AT.fullmatch(text)
    return bool(match and match["offset"])
