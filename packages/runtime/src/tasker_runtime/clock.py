"""The only place that asks what time it is."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time in epoch milliseconds. Tests bring one that they set."""

    def now_ms(self) -> int: ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Epoch milliseconds now."""
        return time.time_ns() // 1_000_000  # noqa: TID251 -- this is the place


def monotonic_ms() -> int:
    """Milliseconds since some moment in the past: for how long something takes, whatever is done to the clock."""
    return time.monotonic_ns() // 1_000_000


def utc_now() -> datetime:
    """The aware UTC datetime of now."""
    return datetime.now(UTC)  # noqa: TID251 -- this is the place
