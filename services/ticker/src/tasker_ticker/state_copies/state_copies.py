"""The copies of a process, a file for each partition, and how a start begins with them.

A copy only saves time: where anything is wrong with it, all is read from Kafka.
"""

import asyncio
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Final, cast

from tasker_core.topics import Topics
from tasker_runtime.clock import Clock
from tasker_runtime.logs import Log
from tasker_ticker.kafka.restore import SNAPSHOT_MS, StateSnapshot
from tasker_ticker.scheduling.memory.task_table import ScheduledRecord
from tasker_ticker.scheduling.stored_state import StoredState
from tasker_ticker.state_copies.copy_file import CopyFile, CopyReading
from tasker_ticker.state_copies.stamps import BOOT, Maker, software_stamp

AT_ONCE: Final = 2_000
SETTING: Final = "TASKER_TICKER_STATE_DIR"
LEAST_FREE: Final = 512 * 1024 * 1024
"""So many bytes of the disk are left to others: Kafka and MongoDB may be on it."""
UNUSED_SECONDS: Final = 2 * SNAPSHOT_MS / 1000
"""No start uses a copy that is half as old, and whoever keeps one writes to it each ten minutes at least."""
_BUSY: Final = frozenset((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED))


class StateCopies:
    """The copies in a folder, of the partitions of `ticker-state` of one installation."""

    def __init__(self, folder: Path, made_by: Maker, topics: Topics, clock: Clock, log: Log) -> None:
        self._folder, self._made_by, self._topic = folder, made_by, topics["ticker-state"]
        self._clock, self._log = clock, log

    def file(self, partition: int) -> CopyFile:
        """The file of a partition."""
        return CopyFile(self._folder / f"{self._topic}-{partition}.sqlite", self._made_by)

    def remove_unused(self) -> None:
        """Remove files that nobody keeps any more: of partitions that others own now."""
        for path in self._folder.glob(f"{self._topic}-*.sqlite"):
            file = CopyFile(path, self._made_by)
            try:
                if self._clock.now_ms() / 1000 - file.written_at() > UNUSED_SECONDS:
                    file.remove()
                    self._log.info("copy of the state removed", file=str(path), reason="nobody keeps it any more")
            except OSError as error:
                self._log.warning("copy of the state not removed", file=str(path), reason=str(error))

    def check_space(self) -> None:
        """Raise OSError when the disk has no room for more."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (free := shutil.disk_usage(self._folder).free) < LEAST_FREE:
            raise OSError(f"{self._folder}: {free >> 20} MiB are free, and {LEAST_FREE >> 20} are left to others")

    async def load(self, partition: int) -> StateSnapshot | None:
        """The state of a partition as far as its copy goes; None when there is none that can be read on."""
        file = self.file(partition)
        try:
            reading = await asyncio.to_thread(file.open)
            if reading is None:
                return None
            try:
                return await self._loaded(reading)
            finally:
                await asyncio.to_thread(reading.close)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it: Kafka has all
            await self.give_up(partition, error)
            return None

    async def give_up(self, partition: int, error: Exception) -> None:
        """Remove a copy with which something is wrong, if there is one and it can be done; not one that is locked."""
        file, reason = self.file(partition), f"{type(error).__name__}: {error}"
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode in _BUSY:
            self._log.info("copy of the state is locked", file=str(file.path), reason=reason)
            return
        try:
            if await asyncio.to_thread(file.path.exists):
                await asyncio.to_thread(file.remove)
                self._log.warning("copy of the state removed", file=str(file.path), reason=reason)
        except OSError as error:
            self._log.warning("copy of the state not removed", file=str(file.path), reason=f"{reason}; {error}")

    async def _loaded(self, copy: CopyReading) -> StateSnapshot | None:
        """In portions of some milliseconds, between which others get their turn."""
        last, as_of_ms = copy.position
        snapshot = StateSnapshot(StoredState(), last.offset + 1, as_of_ms, last)
        if not snapshot.can_be_read_on(self._clock.now_ms()):
            return None
        stored = snapshot.stored
        for rows in copy.portions(AT_ONCE):
            scheduled = [row for row in rows if row[3] is not None]
            stored.apply_scheduled(cast("list[ScheduledRecord]", scheduled))
            for key, value, _, due in rows:
                if due is None:
                    stored.apply(key, value)
            await asyncio.sleep(0)
        return snapshot


def state_copies(folder: Path | None, topics: Topics, clock: Clock, log: Log) -> StateCopies | None:
    """The copies in a folder, which is made; None without one, or where it is of no use."""
    if folder is None:
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return StateCopies(folder, Maker(BOOT, software_stamp()), topics, clock, log)
    except OSError as error:
        log.warning("no copies of the state: a restart reads all from Kafka", reason=str(error), setting=SETTING)
        return None
