"""The copy of one partition of `ticker-state`, in a file of SQLite. Its methods block."""

import os
import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from tasker_core.errors import TaskerError
from tasker_ticker.kafka.committed_records import RecordMark
from tasker_ticker.state_copies.copied_records import CopiedRecord
from tasker_ticker.state_copies.stamps import BOOT, Maker

FORM: Final = 2
"""Of the tables. A copy of another form is made anew."""
BUSY_SECONDS: Final = 5.0
ROWS_AT_ONCE: Final = 1_000
"""In one statement. A thread lets go of Python's lock while one is executed, and waits up to 5 ms to have it again when
others are busy: row by row it took nine times as long then, by measurement. (SQLite takes 32,766 values at most.)"""
_SUFFIXES: Final = ("", "-wal", "-shm", "-journal")

T = TypeVar("T")

Rows = list[tuple[bytes, bytes, int | None, int | None]]
"""Keys, and what is copied of their records."""
Changes = Mapping[bytes, CopiedRecord | None]
"""By key; None for a key that is gone."""


class CopyPosition(NamedTuple):
    """Up to where a copy goes: its last record, after which it is read on, and when nothing more had been committed.

    `as_of_ms`: epoch milliseconds. All that was committed before that time, and stands up to `last`, is in the copy.
    """

    last: RecordMark
    as_of_ms: int


class CopyChanged(TaskerError):
    """Another process has written to the copy meanwhile."""


class CopyReading:
    """A copy as it was when it was opened. Another software may compute other times: `with_times` tells whether it has
    those of this one."""

    def __init__(self, database: sqlite3.Connection, position: CopyPosition, *, with_times: bool) -> None:
        self._database, self.position, self._with_times = database, position, with_times

    def portions(self, size: int) -> Iterator[Rows]:
        """Its records, each once."""
        times = "decided, due" if self._with_times else "NULL, NULL"
        found = self._database.execute(f"SELECT key, value, {times} FROM state")  # noqa: S608 - one of two constants
        while rows := found.fetchmany(size):
            yield rows

    def close(self) -> None:
        """Read no more."""
        self._database.close()


class CopyFile:
    """The records of one partition by key, and up to where they go: changed together or not at all, also by a kill.

    Processes of one machine may share a file. `made_by`: a copy of another maker is made anew. Its methods raise
    sqlite3.Error or OSError.
    """

    def __init__(self, path: Path, made_by: Maker) -> None:
        self.path, self._made_by = path, made_by

    def open(self) -> CopyReading | None:
        """Begin to read it, also one of another software; None when there is none since the machine was started.

        Waits for nobody: whoever starts has no time for that.
        """
        if not self.path.exists():
            return None
        database = self._connect(0)
        try:
            database.execute("BEGIN")
            stored = _stored(database)
        except BaseException:
            database.close()
            raise
        if stored is None or stored.made_by.boot != self._made_by.boot:
            database.close()
            return None
        return CopyReading(database, stored.position, with_times=stored.made_by == self._made_by)

    def position(self) -> CopyPosition | None:
        """Up to where it goes; None when there is no copy by this maker."""
        if not self.path.exists():
            return None
        with closing(self._connect(BUSY_SECONDS)) as database:
            return self._position(database)

    def passed(self, second: int, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Keys beyond `after`, in their order, and values of what was due up to a second."""
        query = "SELECT key, value FROM state WHERE key > ? AND due <= ? ORDER BY key LIMIT ?"
        with closing(self._connect(BUSY_SECONDS)) as database:
            return database.execute(query, (after, second, limit)).fetchall()

    def write(self, changes: Changes, before: CopyPosition | None, after: CopyPosition) -> None:
        """Put records, remove those that are None, and move on. Raises CopyChanged where it is not as it was before.

        Without a position before, it begins anew.
        """
        put = [(key, *one) for key, one in changes.items() if one is not None]
        removed = [key for key, one in changes.items() if one is None]
        with self._changing() as database:
            if before is None:
                database.execute("DELETE FROM state")
            elif self._position(database) != before:
                raise CopyChanged(f"{self.path.name} was changed by another process")
            for rows in _portions(put):
                places, values = ", ".join(["(?, ?, ?, ?)"] * len(rows)), [*chain.from_iterable(rows)]
                database.execute(f"INSERT OR REPLACE INTO state VALUES {places}", values)  # noqa: S608 - question marks
            for keys in _portions(removed):
                places = ", ".join("?" * len(keys))
                database.execute(f"DELETE FROM state WHERE key IN ({places})", keys)  # noqa: S608 - question marks
            row = (*self._made_by, *after.last, after.as_of_ms)
            database.execute("INSERT OR REPLACE INTO position VALUES (1, ?, ?, ?, ?, ?)", row)

    def remove(self) -> None:
        """Remove the file."""
        for path in self._paths():
            path.unlink(missing_ok=True)

    def written_at(self) -> float:
        """When it was written last, in epoch seconds by the machine's clock."""
        return max((path.stat().st_mtime for path in self._paths() if path.exists()), default=0.0)

    def _paths(self) -> list[Path]:
        return [self.path.with_name(self.path.name + suffix) for suffix in _SUFFIXES]

    @contextmanager
    def _changing(self) -> Generator[sqlite3.Connection]:
        """A transaction on the file, which is made when it is missing."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))  # payloads are for nobody else's eyes
        with closing(self._connect(BUSY_SECONDS)) as database:
            if not _is_of_this_form(database):
                (journal,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
                if journal != "wal":
                    raise OSError(f"{self.path}: a local disk is needed, where readers do not wait for a writer")
            database.execute("BEGIN IMMEDIATE")
            if not _is_of_this_form(database):
                _make_tables(database)
            yield database
            database.execute("COMMIT")

    def _connect(self, busy_seconds: float) -> sqlite3.Connection:
        """A connection; what is not committed when it is closed is rolled back."""
        database = sqlite3.connect(self.path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
        database.execute(f"PRAGMA synchronous = {'OFF' if BOOT else 'NORMAL'}")
        return database

    def _position(self, database: sqlite3.Connection) -> CopyPosition | None:
        stored = _stored(database)
        return None if stored is None or stored.made_by != self._made_by else stored.position


class _Stored(NamedTuple):
    made_by: Maker
    position: CopyPosition


def _stored(database: sqlite3.Connection) -> _Stored | None:
    """By whom the copy is, and up to where it goes."""
    if not _is_of_this_form(database):
        return None
    query = "SELECT boot, software, last_offset, last_timestamp, as_of_ms FROM position"
    found = database.execute(query).fetchone()
    return found and _Stored(Maker(*found[:2]), CopyPosition(RecordMark(*found[2:4]), found[4]))


def _portions(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE))


def _is_of_this_form(database: sqlite3.Connection) -> bool:
    (form,) = database.execute("PRAGMA user_version").fetchone()
    return form == FORM


def _make_tables(database: sqlite3.Connection) -> None:
    for table in ("state", "position"):
        database.execute(f"DROP TABLE IF EXISTS {table}")
    database.execute("CREATE TABLE state (key BLOB PRIMARY KEY, value BLOB NOT NULL, decided INTEGER, due INTEGER)")
    database.execute(
        "CREATE TABLE position (one INTEGER PRIMARY KEY, boot TEXT, software TEXT, last_offset INTEGER, "
        "last_timestamp INTEGER, as_of_ms INTEGER)"
    )
    database.execute(f"PRAGMA user_version = {FORM}")
