"""The log of the peers on PostgreSQL: a table of executions, and a file of when each row's commit was acknowledged."""

import os
import struct
from pathlib import Path

from bench.peers.peer import Execution
from bench.peers.postgres.postgres_store import PostgresStore

ENTRY = struct.Struct(">qd")
"""The id of a row, and when its commit was acknowledged, in epoch milliseconds."""
TABLE = (
    "CREATE TABLE executions (id bigint PRIMARY KEY, task text NOT NULL, nominal_ms bigint NOT NULL,"
    " started_ms double precision NOT NULL)"
)


class ExecutionTable:
    """The handler inserts a row and commits; when that was acknowledged can't be in the row itself.

    It goes to a file, by one small write that is not synced: the cheapest place that outlives a kill of its process,
    and the same for all of these peers. What was committed by a process that was killed before it knew counts as
    acknowledged when it was killed.
    """

    def __init__(self, store: PostgresStore, folder: Path) -> None:
        self._store, self.acknowledged = store, folder / "acknowledged"
        self._killed_ms = list[float]()

    async def create(self) -> None:
        """Make it, empty."""
        await self._store.query(TABLE)
        _empty(self.acknowledged)
        self._killed_ms.clear()

    def killed(self, at_ms: float) -> None:
        """Take note that the process that writes it was killed."""
        self._killed_ms.append(at_ms)

    def count(self) -> int:
        """How many executions are known to be logged."""
        return os.stat(self.acknowledged).st_size // ENTRY.size

    async def read(self) -> list[Execution]:
        """All of them but those of which it is not known yet. Raises PeerFailed."""
        rows = await self._store.query("SELECT id, task, nominal_ms, started_ms FROM executions")
        whole = self.count() * ENTRY.size
        logged_ms = dict(ENTRY.iter_unpack(_bytes(self.acknowledged)[:whole]))
        found = list[Execution]()
        for row, task, nominal_ms, text in rows:
            started_ms = float(text)
            at_ms = logged_ms.get(int(row)) or self._killed_after(started_ms)
            if at_ms is not None:
                found.append(Execution(task, int(nominal_ms), started_ms, at_ms))
        return found

    async def forget(self) -> None:
        """Empty it, while nothing is being executed. Raises PeerFailed."""
        await self._store.query("TRUNCATE executions")
        _empty(self.acknowledged)

    def _killed_after(self, at_ms: float) -> float | None:
        return min((one for one in self._killed_ms if one >= at_ms), default=None)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _bytes(path: Path) -> bytes:
    return path.read_bytes()
