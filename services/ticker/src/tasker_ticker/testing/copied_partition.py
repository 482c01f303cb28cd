"""For tests: a partition of `ticker-state` without Kafka, and its local copy."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from tasker_core.topics import Topics
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.testing import RecordedLog
from tasker_ticker.kafka.restore import restore
from tasker_ticker.state_copies.copier import StateCopier
from tasker_ticker.state_copies.copy_file import CopyPosition
from tasker_ticker.state_copies.stamps import Maker
from tasker_ticker.state_copies.state_copies import StateCopies
from tasker_ticker.testing.stored_log import YEARLY, StoredLog, StoredLogReader, stored_task

TOPICS = Topics("t")
STATE = TopicPartition(TOPICS["ticker-state"], 0)
Tasks = dict[str, int]
"""By id, which of its changes a task shows."""


class CopiedPartition:
    """One partition of `ticker-state`, a clock, and the folder of the copies. `tasks`: what Kafka holds."""

    def __init__(self, folder: Path) -> None:
        self.now, self.log, self.tasks = 1_700_000_000_000, RecordedLog(), Tasks()
        self._logs = defaultdict[TopicPartition, StoredLog](StoredLog)
        self.folder, self.made_by, self._changes = folder, Maker("this start", "this software"), 0
        folder.mkdir()
        self.readers = list[StoredLogReader]()
        self.copier = self.new_copier()

    @property
    def state(self) -> StoredLog:
        """The partition."""
        return self._logs[STATE]

    def now_ms(self) -> int:
        return self.now

    @property
    def copies(self) -> StateCopies:
        return StateCopies(self.folder, self.made_by, TOPICS, self, self.log)

    def new_copier(self) -> StateCopier:
        """That of another process."""
        return StateCopier(self.copies, self.reader, TOPICS, lambda: [0], self, self.log, 60)

    def reader(self) -> StoredLogReader:
        self.readers.append(StoredLogReader(self._logs))
        return self.readers[-1]

    async def restored(self) -> tuple[Tasks, int]:
        """The tasks that a start finds, and from which offset on it has read the state."""
        reader, snapshot = self.reader(), await self.copies.load(0)
        found = await restore(reader, TOPICS, 0, self.log, snapshot)
        tasks = found.stored.tasks
        return {name: tasks[name].version for name in tasks}, reader.sought[STATE]

    async def whole(self) -> int:
        """A start finds what Kafka holds; from which offset on it has read that."""
        tasks, begun_at = await self.restored()
        assert tasks == self.tasks
        return begun_at

    def put(self, *names: str, schedule: bytes = YEARLY) -> None:
        for name in names:
            self._changes += 1
            self.state.append(*stored_task(name, self._changes, schedule), markers=1)
            self.tasks[name] = self._changes

    def delete(self, name: str) -> None:
        self.state.append(f"task/{name}".encode(), None, markers=1)
        self.tasks.pop(name, None)

    def abort(self, offsets: int) -> None:
        """Offsets that nobody reads: of an aborted transaction."""
        self.state.end += offsets

    def remake(self) -> None:
        """The topic is deleted and made again."""
        self._logs[STATE], self.tasks = StoredLog(appended_ms=self.state.appended_ms + 1), Tasks()

    def lose_tail(self) -> None:
        """Kafka loses what stands behind the last record; what is appended next takes the same offsets."""
        self.state.end = max(self.state.records, default=-1) + 1

    def position(self) -> CopyPosition | None:
        return self.copies.file(0).position()


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition, within a bound."""
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.001)
