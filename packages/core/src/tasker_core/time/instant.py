"""Instants: epoch seconds and milliseconds inside, RFC 3339 in UTC with milliseconds on the wire."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import AwareDatetime, PlainSerializer

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of epoch milliseconds (exact: integer arithmetic)."""
    return _EPOCH + timedelta(milliseconds=ms)


def to_ms(instant: datetime) -> int:
    """Epoch milliseconds of an aware datetime, fractions cut off."""
    return (instant - _EPOCH) // _MS


def rfc3339(ms: int) -> str:
    """`2026-12-24T17:00:00.000Z` for epoch milliseconds."""
    return f"{_second(ms // 1000)}.{ms % 1000:03d}Z"


# What is due in one second shares its text.
@lru_cache(maxsize=4096)
def rfc3339_second(second: int) -> str:
    """`2026-12-24T17:00:00.000Z` for epoch seconds."""
    return f"{_second(second)}.000Z"


def parse_ms(text: str) -> int:
    """Epoch milliseconds of an RFC 3339 text as `rfc3339` writes it. Raises ValueError for anything else."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return to_ms(instant)


def parse_second(text: str) -> int:
    """Epoch seconds of an RFC 3339 text, fractions cut off."""
    return parse_ms(text) // 1000


@lru_cache(maxsize=64)
def _second(second: int) -> str:
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")


Instant = Annotated[AwareDatetime, PlainSerializer(lambda value: rfc3339(to_ms(value)), return_type=str)]
"""An aware datetime that is written as RFC 3339 in UTC with milliseconds."""
