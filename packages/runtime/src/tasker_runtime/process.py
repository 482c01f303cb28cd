"""The life of a service process: start, run until a signal, stop within a bound."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from tasker_runtime.logs import Log


async def until_signal(log: Log, run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run a service until SIGTERM or SIGINT sets the event it is given; an error of the service ends the process."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    log.info("started")
    await run(stopping)
    log.info("stopped")
