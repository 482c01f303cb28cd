"""Prefetches the state of all partitions, while it is not known yet which of them this member will own.

A group that has lost a member without notice waits for it for a session's length: time enough to read what a million
tasks left. What was prefetched is completed after the fence, so nothing that came in between is missed; partitions of
other members are dropped.
"""

import asyncio
from collections.abc import Callable

from tasker_core.errors import TaskerError
from tasker_core.topics import Topics
from tasker_runtime.kafka.client import KafkaError
from tasker_runtime.logs import Log
from tasker_ticker.kafka.interfaces import CommittedReader
from tasker_ticker.kafka.restore import StateSnapshot, read_state


class Prefetch:
    """The snapshots of all partitions; each can be taken once."""

    def __init__(self, reader: Callable[[], CommittedReader], topics: Topics, partitions: int, log: Log) -> None:
        self._reader, self._topics, self._partitions, self._log = reader, topics, partitions, log
        self._snapshots: dict[int, StateSnapshot] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start reading."""
        self._task = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """Stop reading: the assignment is known now. Harmless when it has ended."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled():
                task.result()

    def take(self, partition: int) -> StateSnapshot | None:
        """The snapshot of a partition; from now on it is the taker's."""
        return self._snapshots.pop(partition, None)

    def clear(self) -> None:
        """Drop what nobody has taken."""
        self._snapshots.clear()

    async def _read(self) -> None:
        reader = self._reader()
        try:
            await reader.start()
            for partition in range(self._partitions):
                snapshot = self._snapshots[partition] = StateSnapshot()
                await read_state(reader, self._topics, partition, self._log, snapshot)
        except (TaskerError, KafkaError) as error:  # a restore reads the rest, and reports what is wrong
            self._log.info("not prefetched", reason=str(error))
        finally:
            await reader.stop()
