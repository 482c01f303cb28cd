"""PURE. Instants as the topics have them, read without Tasker's own codecs."""

import re
from datetime import UTC, datetime
from typing import Final

DAY: Final = 86_400
_DURATION: Final = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_UNIT_SECONDS: Final = (604_800, 86_400, 3_600, 60, 1)


def epoch_ms(text: str) -> int:
    """The epoch milliseconds of an RFC 3339 text. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return round(at.timestamp() * 1000)


def epoch_second(text: str) -> int:
    """The epoch second of an RFC 3339 text; one with a fraction is none. Raises ValueError."""
    second, fraction = divmod(epoch_ms(text), 1000)
    if fraction:
        raise ValueError(f"{text!r} is no whole second")
    return second


def whole_seconds(text: str) -> int:
    """The seconds of an ISO 8601 duration without fractions. Raises ValueError."""
    if not (match := _DURATION.fullmatch(text)) or not any(match.groups()):
        raise ValueError(f"{text!r} is no duration of whole seconds")
    return sum(unit * int(number or 0) for unit, number in zip(_UNIT_SECONDS, match.groups(), strict=True))


def instant_text(second: int) -> str:
    """The RFC 3339 text of an epoch second."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
