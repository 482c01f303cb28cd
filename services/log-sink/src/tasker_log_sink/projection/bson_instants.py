"""PURE. Instants on the wire as BSON holds them."""

from datetime import UTC, datetime
from functools import lru_cache


# What is due in one second shares its texts.
@lru_cache(maxsize=16384)
def instant(text: str) -> datetime:
    """The aware UTC datetime of an RFC 3339 text, cut to milliseconds. Raises ValueError for anything else."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    try:
        return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)
    except OverflowError:
        raise ValueError(f"{text!r} lies beyond the years 1 to 9999 in UTC") from None


def optional_instant(text: str | None) -> datetime | None:
    """The same for what may be absent. Raises ValueError."""
    return None if text is None else instant(text)
