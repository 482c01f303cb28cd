"""Reads the memory of all partitions ahead, while it is not known yet which of them are ours.

A group that has lost a member without a word waits for it for the session's length: time enough to read what a million
tasks left. What is read ahead is read on after the fence, so nothing that came in between is missed; what turns out to
be another member's is dropped.
"""

import asyncio
from collections.abc import Callable

from tasker_core.errors import TaskerError
from tasker_core.topics import Topics
from tasker_runtime.kafka.client import KafkaError
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.logs import Log
from tasker_ticker.kafka.restore import Recollection, recollect


class Ahead:
    """What was read ahead, by partition; each can be taken once."""

    def __init__(self, reader: Callable[[], PartitionReader], topics: Topics, partitions: int, log: Log) -> None:
        self._reader, self._topics, self._partitions, self._log = reader, topics, partitions, log
        self._known: dict[int, Recollection] = {}
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start reading."""
        self._task = asyncio.create_task(self._read())

    async def end(self) -> None:
        """Stop reading: it is known now what is ours. Harmless when it has ended."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled():
                task.result()

    def take(self, partition: int) -> Recollection | None:
        """What is known of a partition; from now on it is the taker's."""
        return self._known.pop(partition, None)

    def drop(self) -> None:
        """Keep nothing that nobody has taken."""
        self._known.clear()

    async def _read(self) -> None:
        reader = self._reader()
        try:
            await reader.start()
            for partition in range(self._partitions):
                known = self._known[partition] = Recollection()
                await recollect(reader, self._topics, partition, self._log, known)
        except (TaskerError, KafkaError) as error:  # a restore from the beginning will tell
            self._log.info("not read ahead", reason=str(error))
        finally:
            await reader.stop()
