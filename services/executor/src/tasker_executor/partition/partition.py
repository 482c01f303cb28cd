"""One partition of one lane, for as long as it is ours."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tasker_executor.partition.lanes import Lane
from tasker_executor.partition.offsets import Offsets
from tasker_executor.partition.read_ahead import Room

READ_AT_ONCE = 200
MAX_UNDER_WAY = 1_000
"""Runs of a partition that wait no longer and are not finished: under way, or with a result on its way to Kafka."""


class Feed:
    """What was read of a partition and is not finished."""

    def __init__(self, lane: Lane, offsets: Offsets) -> None:
        self.lane: Lane = lane
        self.offsets = offsets
        self.room = Room()
        self.gone = False
        self.saved_changes = -1
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def hungry(self) -> bool:
        """Whether there is room for what one more poll may bring, and a commit can tell of all of it."""
        return (
            len(self.offsets) - self.room.waiting <= MAX_UNDER_WAY - READ_AT_ONCE
            and self.room.has_room(READ_AT_ONCE)
            and self.offsets.can_tell(READ_AT_ONCE)
        )

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something for a record of this partition; it ends when the partition goes."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def leave(self) -> int:
        """The partition is another member's: stop what is under way and start nothing more. Returns how many."""
        self.gone = True
        for task in self._tasks:
            task.cancel()
        return len(self._tasks)
