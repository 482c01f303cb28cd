"""One partition of one lane, for as long as this member owns it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.priority_lanes import Lane
from tasker_executor.partition.read_ahead import ReadAhead

POLL_RECORDS = 200
"""At most this many records are read in one poll."""
MAX_IN_FLIGHT = 1_000
"""Runs of a partition that wait no longer and are not finished: executing, or with a result on its way to Kafka."""


class LanePartition:
    """What was read of a partition and is not finished. `abandoned`: it is another member's now."""

    def __init__(self, lane: Lane, offsets: OffsetTracker) -> None:
        self.lane: Lane = lane
        self.offsets = offsets
        self.read_ahead = ReadAhead()
        self.abandoned = False
        self.committed_changes = -1
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def has_capacity(self) -> bool:
        """Whether there is capacity for the records of one more poll, and a commit can list all of them."""
        return (
            len(self.offsets) - self.read_ahead.waiting <= MAX_IN_FLIGHT - POLL_RECORDS
            and self.read_ahead.has_capacity(POLL_RECORDS)
            and self.offsets.fits_commit(POLL_RECORDS)
        )

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work for a record of this partition; it is cancelled when the partition is abandoned."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def abandon(self) -> int:
        """The partition is another member's: cancel its work and start nothing more. Returns how many tasks."""
        self.abandoned = True
        for task in self._tasks:
            task.cancel()
        return len(self._tasks)
