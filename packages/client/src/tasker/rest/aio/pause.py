"""How the asynchronous client waits before it tries again."""

import asyncio
from collections.abc import Awaitable, Callable

Pause = Callable[[float], Awaitable[object]]


async def pause(seconds: float) -> None:
    """Wait, while others go on."""
    await asyncio.sleep(seconds)
