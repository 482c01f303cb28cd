"""The copy of one partition of `ticker-state`, in a file of SQLite. Its methods block."""

import sqlite3
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from tasker_core.errors import TaskerError
from tasker_ticker.kafka.restore import RecordMark
from tasker_ticker.scheduling.memory.task_table import ScheduledRecord
from tasker_ticker.state_copies.copied_records import CopiedRecord
from tasker_ticker.state_copies.stamps import BOOT, software_stamp

FORM: Final = 1
"""Of the tables. A copy of another form is made anew."""
MADE_BY: Final = f"{BOOT} {software_stamp()}"
"""A copy that was made by another software, or before this machine was started, is made anew."""
BUSY_SECONDS: Final = 5.0
_SUFFIXES: Final = ("", "-wal", "-shm")

Changes = Mapping[bytes, CopiedRecord | None]
"""By key; None for a key that is gone."""


class CopyPosition(NamedTuple):
    """Up to where a copy goes: the next offset to be read, the last record before it, and when that was the end.

    `as_of_ms`: epoch milliseconds. All that was committed before that time, and has an offset before `next_offset`, is
    in the copy.
    """

    next_offset: int
    last: RecordMark
    as_of_ms: int


class CopyChanged(TaskerError):
    """Another process has written to the copy meanwhile."""


class CopyReading:
    """A copy as it was at one moment: its records, each once, in portions."""

    def __init__(self, database: sqlite3.Connection, position: CopyPosition) -> None:
        self._database, self.position = database, position

    def scheduled(self, size: int) -> Iterator[list[ScheduledRecord]]:
        """The tasks whose next time is known."""
        return self._portions("SELECT key, value, decided, due FROM state WHERE due IS NOT NULL", size)

    def others(self, size: int) -> Iterator[list[tuple[bytes, bytes]]]:
        """All else, as keys and values."""
        return self._portions("SELECT key, value FROM state WHERE due IS NULL", size)

    def _portions(self, query: str, size: int) -> Iterator[list[Any]]:
        found = self._database.execute(query)
        while rows := found.fetchmany(size):
            yield rows


class CopyFile:
    """The records of one partition by key, and up to where they go: changed together or not at all, also by a kill.

    Processes of one machine may share a file. Its methods raise sqlite3.Error or OSError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def position(self) -> CopyPosition | None:
        """Up to where it goes; None when there is no copy."""
        if not self.path.exists():
            return None
        with self._opened() as database:
            return _position(database)

    @contextmanager
    def reading(self) -> Generator["CopyReading | None"]:
        """Its records as they are now; None when there is no copy."""
        if not self.path.exists():
            yield None
            return
        with self._opened() as database:
            database.execute("BEGIN")
            position = _position(database)
            yield None if position is None else CopyReading(database, position)

    def write(self, changes: Changes, before: CopyPosition | None, after: CopyPosition) -> None:
        """Put records, remove those that are None, and move on. Raises CopyChanged where it is not as it was before.

        Without a position before, it begins anew.
        """
        put = [(key, *one) for key, one in changes.items() if one is not None]
        removed = [(key,) for key, one in changes.items() if one is None]
        with self._opened() as database:
            if not _is_of_this_form(database):
                database.execute("PRAGMA journal_mode = WAL")
            database.execute("BEGIN IMMEDIATE")
            if not _is_of_this_form(database):
                _make_tables(database)
            if before is None:
                database.execute("DELETE FROM state")
            elif _position(database) != before:
                raise CopyChanged(f"{self.path.name} was changed by another process")
            database.executemany("INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)", put)
            database.executemany("DELETE FROM state WHERE key = ?", removed)
            row = (MADE_BY, after.next_offset, *after.last, after.as_of_ms)
            database.execute("INSERT OR REPLACE INTO position VALUES (1, ?, ?, ?, ?, ?)", row)
            database.execute("COMMIT")

    def remove(self) -> None:
        """Remove the file."""
        for suffix in _SUFFIXES:
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    @contextmanager
    def _opened(self) -> Generator[sqlite3.Connection]:
        """A connection; what is not committed in the end is rolled back."""
        database = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        with closing(database):
            database.execute(f"PRAGMA synchronous = {'OFF' if BOOT else 'NORMAL'}")
            yield database


def _is_of_this_form(database: sqlite3.Connection) -> bool:
    (form,) = database.execute("PRAGMA user_version").fetchone()
    return form == FORM


def _make_tables(database: sqlite3.Connection) -> None:
    for table in ("state", "position"):
        database.execute(f"DROP TABLE IF EXISTS {table}")
    database.execute("CREATE TABLE state (key BLOB PRIMARY KEY, value BLOB NOT NULL, decided INTEGER, due INTEGER)")
    database.execute(
        "CREATE TABLE position (one INTEGER PRIMARY KEY, made_by TEXT, next_offset INTEGER, last_offset INTEGER, "
        "last_timestamp INTEGER, as_of_ms INTEGER)"
    )
    database.execute(f"PRAGMA user_version = {FORM}")


def _position(database: sqlite3.Connection) -> CopyPosition | None:
    if not _is_of_this_form(database):
        return None
    query = "SELECT next_offset, last_offset, last_timestamp, as_of_ms FROM position WHERE made_by = ?"
    found = database.execute(query, (MADE_BY,)).fetchone()
    return None if found is None else CopyPosition(found[0], RecordMark(found[1], found[2]), found[3])
