"""The life of a service process: start, run until a signal, stop within a bound."""

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import uvloop
from pydantic import ValidationError

from tasker_core.errors import TaskerError
from tasker_runtime.logs import Log

COLLECTED_AFTER = (50_000, 20, 100)
"""The collector's thresholds. What is held is no garbage: at Python's own ones a restore of the ticker spends more than
half of its time on looking through it again and again, and a burst of results in the log sink a third."""


class UnusableSetting(TaskerError):
    """A setting names something that can't be used; the message says which, why, and the way out."""


class ServiceLoop(uvloop.Loop):
    """uvloop's event loop: on asyncio's own, the services take a sixth more CPU for each run.

    As there, names are resolved in the threads of the default executor. Those of uvloop are four, for all that waits.
    """

    async def getaddrinfo(
        self,
        host: str | bytes | None,
        port: str | bytes | int | None,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """As socket.getaddrinfo."""
        return await self.run_in_executor(None, socket.getaddrinfo, host, port, family, type, proto, flags)


def run_service(service: str, serve: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """The process of a service. Settings that are wrong, or name what is unusable, end it with status 1, saying so."""
    try:
        with asyncio.Runner(loop_factory=ServiceLoop) as runner:
            runner.run(serve())
    except (ValidationError, UnusableSetting) as error:
        sys.exit(f"{service}: {error}")


async def run_until_signal(log: Log, run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run a service until SIGTERM or SIGINT sets the event it is given; an error of the service ends the process."""
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.set_exception_handler(lambda _, about: log.warning("background error", reason=_reason(about)))
    log.info("started")
    await run(stopping)
    log.info("stopped")


def exit_within(seconds: float) -> None:
    """End this process then at the latest, whatever goes on in it.

    For what others wrote: `asyncio.run` waits for tasks that hear no cancellation, and the interpreter for threads.
    """
    last_resort = threading.Timer(seconds, os._exit, (1,))
    last_resort.daemon = True
    last_resort.start()


def _reason(about: dict[str, Any]) -> str:
    """One line for an error in a library's own task, such as the sender of a producer that was fenced."""
    error = about.get("exception")
    return f"{about['message']}: {type(error).__name__}: {error}" if error else about["message"]
