"""Waiting for other processes: poll until a deadline."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
LOOK_SECONDS = 0.1


async def eventually(look: Callable[[], Awaitable[T | None]], what: str, seconds: float = 20) -> T:
    """The first truthy answer within a deadline. Raises AssertionError naming what did not come."""
    try:
        async with asyncio.timeout(seconds):
            while not (found := await look()):
                await asyncio.sleep(LOOK_SECONDS)
            return found
    except TimeoutError:
        raise AssertionError(f"not within {seconds} s: {what}") from None


def pause() -> None:
    """Wait a little before looking again, outside of an event loop."""
    threading.Event().wait(LOOK_SECONDS)
