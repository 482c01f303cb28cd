"""Keeps something running: when it ends it is started again."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from tasker_devstack import terminal_output
from tasker_devstack.errors import DevstackError

FIRST_DELAY, MAX_DELAY, HEALTHY_SECONDS = 0.5, 30.0, 60.0


async def restart_whenever_ended(
    name: str,
    start: Callable[[], Awaitable[object]],
    wait: Callable[[], Awaitable[int]],
    first_delay: float = FIRST_DELAY,
) -> None:
    """Start something again whenever it ends, however, with a growing delay while it does not stay up."""
    delay = first_delay
    while True:
        began = time.monotonic()
        status = await wait()
        if time.monotonic() - began > HEALTHY_SECONDS:
            delay = first_delay
        terminal_output.line("tasker", f"{name} ended (status {status}); starting it again in {delay:g} s")
        await asyncio.sleep(delay)
        delay = min(delay * 2, MAX_DELAY)
        try:
            await start()
        except (DevstackError, OSError) as error:
            terminal_output.line("tasker", str(error))
