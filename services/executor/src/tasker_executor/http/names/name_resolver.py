"""Looks the names of called hosts up, in threads that nothing else uses.

The operating system's look-up can't be stopped: where nobody answers for a name it goes on for half a minute, whatever
became of the call. So domains share the threads as tasks share slots: none takes one more unless it holds fewer than
are free, and the names of a domain that is dead keep out no other's.

Which domains belong to somebody else than their neighbours do is not known here: that would take the Public Suffix
List, a new one every month. So domains of three labels share in the same way what their domain of two may take:
`a.co.uk` keeps out neither `b.co.uk` nor, together with it, `example.com`. Under a suffix that is longer, as
`k12.ca.us`, all share one part.
"""

import asyncio
import socket
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

MIN_THREADS: Final = 32
WAIT_SECONDS: Final = 30.0
"""So long a name waits for a thread."""


def domains_of(host: str) -> list[str]:
    """The last two labels of a name, and the last three; the same servers mostly answer for the names below."""
    labels = host.lower().rstrip(".").split(".")
    return [".".join(labels[-count:]) for count in range(min(2, len(labels)), min(3, len(labels)) + 1)]


class NameResolver(AbstractResolver):
    """Looks up so many names at a time, or MIN_THREADS. Needs a running event loop."""

    def __init__(self, threads: int = MIN_THREADS) -> None:
        self._loop, self._free = asyncio.get_running_loop(), max(threads, MIN_THREADS)
        self._threads = ThreadPoolExecutor(self._free, "names")
        self._held = Counter[str]()
        """Threads by the domains of the name that they look up."""
        self._waiting: dict[asyncio.Future[None], list[str]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises OSError."""
        found = await self._look_up(
            host, partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]) if len(address) < 4 or not address[3] else f"{address[0]}%{address[3]}",
                port=int(address[1]),
                family=family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for family, _, protocol, _, address in found
            if family in (socket.AF_INET, socket.AF_INET6)
        ]

    async def close(self) -> None:
        """Look up nothing more. What is being looked up is left to itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _look_up(self, host: str, look_up: partial[Any]) -> Any:
        domains = domains_of(host)
        await self._thread_for(domains)
        work = self._threads.submit(look_up)
        work.add_done_callback(partial(self._ended, domains))  # when the thread is free, not when the call is given up
        return await asyncio.wrap_future(work)

    async def _thread_for(self, domains: list[str]) -> None:
        """Wait until a name may take a thread, and take it. Raises OSError when that takes too long."""
        turn: asyncio.Future[None] = self._loop.create_future()
        self._waiting[turn] = domains
        self._give_turns()
        try:
            await asyncio.wait({turn}, timeout=WAIT_SECONDS)
        except asyncio.CancelledError:
            if turn.done():
                self._release(domains)
            raise
        finally:
            self._waiting.pop(turn, None)
        if not turn.done():
            raise OSError(
                f"look-ups of other names in {domains[0]}, which nobody answers, have all threads it may have"
            )

    def _give_turns(self) -> None:
        """Give threads to those that wait and may have one, first come, first served."""
        for turn, domains in self._waiting.items():
            if not self._free:
                return
            if not turn.done() and self._may_take_one(domains):
                self._held.update(domains)
                self._free -= 1
                turn.set_result(None)

    def _may_take_one(self, domains: list[str]) -> bool:
        """Whether each domain holds fewer threads than the one above it may take besides; the first, than are free."""
        free = self._free
        for domain in domains:
            if self._held[domain] >= free:
                return False
            free = (free - self._held[domain] + 1) // 2
        return True

    def _ended(self, domains: list[str], _: Future[Any]) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._release, domains)

    def _release(self, domains: list[str]) -> None:
        self._held -= Counter(domains)
        self._free += 1
        self._give_turns()
