"""PURE. Instants as the topics have them, read without Tasker's own codecs."""

from datetime import UTC, datetime


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


def instant_text(second: int) -> str:
    """The RFC 3339 text of an epoch second."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
