"""Reads of the execution log: runs, and the nominal times that did not run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tasker_api.queries.cursor import decode_cursor, encode_cursor
from tasker_api.queries.keyset import READ_MS, Page, Query, cut_page, read_sorted
from tasker_runtime.documents import MissedDocument, RunDocument
from tasker_runtime.mongo import Mongo


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs. `since` (inclusive) and `until` (exclusive) bound the effective time."""

    task_id: str | None = None
    state: str | None = None
    kind: str | None = None
    lane: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def query(self) -> Query:
        """As a MongoDB query."""
        equal = {"task_id": self.task_id, "state": self.state, "kind": self.kind, "lane": self.lane}
        found: Query = {field: value for field, value in equal.items() if value is not None}
        bounds = {"$gte": self.since, "$lt": self.until}
        if within := {operator: bound for operator, bound in bounds.items() if bound is not None}:
            found["effective_at"] = within
        return found


class RunQueries:
    """The collections `runs` and `missed`."""

    def __init__(self, mongo: Mongo) -> None:
        self._runs, self._missed = mongo.database["runs"], mongo.database["missed"]

    async def find(self, run_id: str) -> RunDocument | None:
        """A run."""
        return await self._runs.find_one({"_id": run_id}, max_time_ms=READ_MS)

    async def page(self, run_filter: RunFilter, limit: int, cursor: str | None) -> Page[RunDocument]:
        """A page of runs, newest effective time first, and the cursor of the next one."""
        after = decode_cursor("runs", cursor, 2) if cursor else None
        found = await read_sorted(self._runs, run_filter.query(), "effective_at", -1, limit + 1, after)
        return cut_page(found, limit, lambda last: encode_cursor("runs", last["effective_at"], last["_id"]))

    async def missed_ranges(
        self, task_id: str, generation: int, since: datetime, until: datetime, limit: int
    ) -> list[MissedDocument]:
        """Ranges of nominal times that did not run and touch [since, until), the oldest `limit`."""
        query = {"task_id": task_id, "generation": generation, "to_at": {"$gte": since}, "from_at": {"$lt": until}}
        found: Any = self._missed.find(query, max_time_ms=READ_MS).sort("to_at", 1).limit(limit)
        return await found.to_list(limit)

    async def failed_times(
        self, task_id: str, generation: int, since: datetime, until: datetime, limit: int
    ) -> list[datetime]:
        """The nominal times in [since, until) whose run, or backfilled run, failed: of the oldest `limit` runs."""
        query = {"task_id": task_id, "generation": generation, "state": "failed", "kind": {"$ne": "manual"}}
        nominal = {"nominal_at": {"$gte": since, "$lt": until}}
        found: Any = self._runs.find(query | nominal, {"nominal_at": 1}, max_time_ms=READ_MS)
        return [run["nominal_at"] for run in await found.sort("effective_at", 1).limit(limit).to_list(limit)]

    async def covered_times(self, task_id: str, generation: int, nominal: list[datetime]) -> list[datetime]:
        """Of nominal times, those for which a run succeeded or goes on. (Backfilled runs are effective at once.)"""
        good = {"state": {"$in": ["waiting", "running", "retrying", "succeeded"]}, "kind": {"$ne": "manual"}}
        query = {"task_id": task_id, "generation": generation, "effective_at": {"$in": nominal}} | good
        found: Any = self._runs.find(query, {"nominal_at": 1}, max_time_ms=READ_MS)
        return [run["nominal_at"] async for run in found]
