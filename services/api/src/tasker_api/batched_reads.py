"""Many who each read one thing at the same time are served by one read.

A read of MongoDB costs about as much for fifty documents as for one: a thread, a message there and back, a plan.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BatchedReads(Generic[K, V]):
    """Reads by key. What is asked for while a read is under way waits for the next one, of at most `most` keys.

    A read begins after it was asked for: it sees whatever was written before. `read_many` raises for all of its keys,
    and has to end in time by itself: the next read waits for it.
    """

    def __init__(self, read_many: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], most: int) -> None:
        self._read_many, self._most = read_many, most
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def read(self, key: K) -> V | None:
        """The value, None where there is none. Raises what `read_many` raises. The value is shared: don't change it."""
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
            future.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # all askers may have gone
        if self._reading is None:
            # in a context of its own: a deadline of the one who asked first is not that of the others
            self._reading = asyncio.create_task(self._read_all(), context=contextvars.Context())
        return await asyncio.shield(future)

    async def _read_all(self) -> None:
        try:
            while self._waiting:
                keys = list(self._waiting)[: self._most]
                await self._read_some({key: self._waiting.pop(key) for key in keys})
        finally:
            self._reading = None

    async def _read_some(self, asked: Mapping[K, "asyncio.Future[V | None]"]) -> None:
        try:
            found = await self._read_many(list(asked))
        except asyncio.CancelledError:
            for future in asked.values():
                future.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - whoever asked gets it, and the next ones are read all the same
            for future in asked.values():
                future.set_exception(error)
        else:
            for key, future in asked.items():
                future.set_result(found.get(key))
