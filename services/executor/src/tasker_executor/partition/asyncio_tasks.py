"""The asyncio tasks that work on records: a stop waits for them, and an unexpected error of one ends the executor."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tasker_executor.partition.partition import LanePartition


class AsyncioTasks:
    """Starts tasks for partitions. `failed` gets the first unexpected error. Needs a running event loop."""

    def __init__(self) -> None:
        self.running: set[asyncio.Task[None]] = set()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def spawn(self, partition: LanePartition, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work for a record of a partition; it is cancelled when the partition is abandoned."""
        task = partition.start(work)
        self.running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self.failed.done():
            self.failed.set_exception(error)
