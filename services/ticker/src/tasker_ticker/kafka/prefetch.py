"""Prefetches the state of all partitions, while it is not known yet which of them this member will own.

A group that has lost a member without notice waits for it for a session's length: time enough to read what a million
tasks left. What was prefetched is completed after the fence, so nothing that came in between is missed; partitions of
other members are dropped, and so is all that a member without partitions would hold for as long as it waits for one.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from tasker_core.errors import TaskerError
from tasker_core.topics import Topics
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.client import KafkaError
from tasker_runtime.logs import Log
from tasker_ticker.kafka.interfaces import CommittedReader
from tasker_ticker.kafka.restore import StateSnapshot, read_state


class SnapshotSource(Protocol):
    """Where a part of the state can be had without Kafka."""

    async def load(self, partition: int) -> StateSnapshot | None:
        """The state of a partition as far as it is known; None when nothing is."""
        ...


class Prefetch:
    """The snapshots of all partitions; each can be taken once."""

    def __init__(
        self,
        reader: Callable[[], CommittedReader],
        topics: Topics,
        partitions: int,
        clock: Clock,
        log: Log,
        copies: SnapshotSource | None = None,
    ) -> None:
        self._reader, self._topics, self._partitions, self._clock, self._log = reader, topics, partitions, clock, log
        self._copies = copies
        self._snapshots: dict[int, StateSnapshot] = {}
        self._ended = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start reading."""
        self._task = asyncio.create_task(self._read())

    def take(self, partition: int) -> StateSnapshot | None:
        """The snapshot of a partition; from now on it is the taker's, though its reading may not have ended yet."""
        snapshot = self._snapshots.pop(partition, None)
        return None if snapshot is None else snapshot.take()

    def end(self) -> None:
        """Read no more, and drop what nobody has taken: the assignment is known now. Harmless when it has ended."""
        self._snapshots.clear()
        if self._task is not None and not self._ended:
            self._ended = True
            self._task.cancel()

    async def closed(self) -> None:
        """Wait until it is disconnected, after its end."""
        if self._task is not None:
            await asyncio.wait({self._task})
            if not self._task.cancelled():
                self._task.result()

    async def _read(self) -> None:
        reader = self._reader()
        try:
            await reader.start()
            for partition in range(self._partitions):
                if self._ended:
                    return  # a cancellation may get lost: asyncio.wait_for of Python 3.11 passes a result instead
                copy = None if self._copies is None else await self._copies.load(partition)
                if self._ended:
                    return
                snapshot = self._snapshots[partition] = copy or StateSnapshot(began_ms=self._clock.now_ms())
                await read_state(reader, self._topics, partition, self._log, snapshot)
        except (TaskerError, KafkaError) as error:  # a restore reads the rest, and reports what is wrong
            self._log.info("not prefetched", reason=str(error))
        finally:
            await reader.stop()
