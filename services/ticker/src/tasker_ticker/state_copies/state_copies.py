"""The copies of a process, a file for each partition, and how a start begins with them.

A copy only saves time: whatever is wrong with it, it is removed, and all is read from Kafka.
"""

import asyncio
import sqlite3
from pathlib import Path
from typing import Final

from tasker_core.topics import Topics
from tasker_runtime.clock import Clock
from tasker_runtime.logs import Log
from tasker_ticker.kafka.restore import StateSnapshot
from tasker_ticker.scheduling.stored_state import StoredState
from tasker_ticker.state_copies.copy_file import CopyFile

AT_ONCE: Final = 2_000
UNUSABLE: Final = (sqlite3.Error, OSError)


class StateCopies:
    """The copies in a folder, of the partitions of `ticker-state` of one installation."""

    def __init__(self, folder: Path, topics: Topics, clock: Clock, log: Log) -> None:
        self._folder, self._topic, self._clock, self._log = folder, topics["ticker-state"], clock, log

    def prepare(self) -> None:
        """Make the folder, for its owner alone. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def file(self, partition: int) -> CopyFile:
        """The file of a partition."""
        return CopyFile(self._folder / f"{self._topic}-{partition}.sqlite")

    async def load(self, partition: int) -> StateSnapshot | None:
        """The state of a partition as far as its copy goes; None when there is none that can be read on."""
        file = self.file(partition)
        try:
            return await self._loaded(file)
        except UNUSABLE as error:
            await self.give_up(file, error)
            return None

    async def give_up(self, file: CopyFile, error: Exception) -> None:
        """Remove a copy that cannot be used, if that can be done."""
        self._log.warning("copy of the state removed", file=str(file.path), reason=f"{type(error).__name__}: {error}")
        try:
            await asyncio.to_thread(file.remove)
        except OSError as kept:
            self._log.warning("copy of the state not removed", file=str(file.path), reason=str(kept))

    async def _loaded(self, file: CopyFile) -> StateSnapshot | None:
        """In portions, between which others get their turn. To read one takes 2 ms: no thread is worth that."""
        with file.reading() as copy:
            if copy is None:
                return None
            position = copy.position
            snapshot = StateSnapshot(StoredState(), position.next_offset, position.as_of_ms, position.last)
            if not snapshot.can_be_read_on(self._clock.now_ms()):
                return None
            for scheduled in copy.scheduled(AT_ONCE):
                snapshot.stored.apply_scheduled(scheduled)
                await asyncio.sleep(0)
            for others in copy.others(AT_ONCE):
                for key, value in others:
                    snapshot.stored.apply(key, value)
                await asyncio.sleep(0)
        return snapshot
