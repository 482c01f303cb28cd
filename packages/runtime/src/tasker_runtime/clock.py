"""The only place that asks what time it is; and a wait that ends with time."""

import asyncio
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


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, but no longer than that; whether it is set."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
    return event.is_set()  # perhaps in the same moment
