"""Reads of the execution log: runs, and the nominal times that did not run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tasker_api.queries.cursor import decode_cursor, encode_cursor
from tasker_api.queries.keyset import READ_MS, Page, cut_page, read_sorted
from tasker_core.documents.missed_occurrences import MissedDocument, MissedField
from tasker_core.documents.runs import RunDocument, RunField
from tasker_core.ids import Kind
from tasker_core.run_states import UNFINISHED_STATES, RunState
from tasker_runtime.mongo import Mongo

RunQuery = dict[RunField, Any]
MissedQuery = dict[MissedField, Any]
_COVERING_STATES: Final[Sequence[RunState]] = (*sorted(UNFINISHED_STATES), "succeeded")
_OF_THE_SCHEDULE: Final[Sequence[Kind]] = ("scheduled", "backfill")
"""The kinds whose nominal time is the schedule's."""
_NOMINAL_ONLY: Final[Mapping[RunField, int]] = {"nominal_at": 1}


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs. `since` (inclusive) and `until` (exclusive) bound the effective time.

    `after_run_id`: those that the end of this run has started.
    """

    task_id: str | None = None
    state: str | None = None
    kind: str | None = None
    lane: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after_run_id: str | None = None

    def query(self) -> RunQuery:
        """As a MongoDB query."""
        equal: RunQuery = {"task_id": self.task_id, "state": self.state, "kind": self.kind, "lane": self.lane}
        equal["after_run_id"] = self.after_run_id
        found: RunQuery = {field: value for field, value in equal.items() if value is not None}
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
        query: RunQuery = {"_id": run_id}
        return await self._runs.find_one(query, max_time_ms=READ_MS)

    async def page(self, run_filter: RunFilter, limit: int, cursor: str | None) -> Page[RunDocument]:
        """A page of runs, newest effective time first, and the cursor of the next one."""
        after = decode_cursor("runs", cursor, 2) if cursor else None
        found: list[RunDocument] = await read_sorted(
            self._runs, run_filter.query(), "effective_at", -1, limit + 1, after
        )
        return cut_page(found, limit, lambda last: encode_cursor("runs", last["effective_at"], last["_id"]))

    async def missed_ranges(
        self, task_id: str, generation: int, since: datetime, until: datetime, limit: int
    ) -> list[MissedDocument]:
        """Ranges of nominal times that did not run and touch [since, until), the oldest `limit`."""
        query: MissedQuery = {
            "task_id": task_id,
            "generation": generation,
            "to_at": {"$gte": since},
            "from_at": {"$lt": until},
        }
        oldest_first: MissedField = "to_at"
        found: Any = self._missed.find(query, max_time_ms=READ_MS).sort(oldest_first, 1).limit(limit)
        return await found.to_list(limit)

    async def failed_times(
        self, task_id: str, generation: int, since: datetime, until: datetime, limit: int
    ) -> list[datetime]:
        """The nominal times in [since, until) whose run, or backfilled run, failed: of the oldest `limit` runs.

        By the index `failed_of_task`, however many other runs there are.
        """
        failed: RunState = "failed"
        query: RunQuery = {
            "task_id": task_id,
            "generation": generation,
            "state": failed,
            "kind": {"$in": _OF_THE_SCHEDULE},
            "nominal_at": {"$gte": since, "$lt": until},
        }
        oldest_first: RunField = "nominal_at"
        found: Any = self._runs.find(query, _NOMINAL_ONLY, max_time_ms=READ_MS).sort(oldest_first, 1)
        return _nominal_times(await found.limit(limit).to_list(limit))

    async def covered_times(self, task_id: str, generation: int, nominal: list[datetime]) -> list[datetime]:
        """Of nominal times, those for which a run succeeded or goes on. (Backfilled runs are effective at once.)"""
        query: RunQuery = {
            "task_id": task_id,
            "generation": generation,
            "effective_at": {"$in": nominal},
            "state": {"$in": _COVERING_STATES},
            "kind": {"$in": _OF_THE_SCHEDULE},
        }
        return _nominal_times(await self._runs.find(query, _NOMINAL_ONLY, max_time_ms=READ_MS).to_list(None))


def _nominal_times(runs: list[RunDocument]) -> list[datetime]:
    return [run["nominal_at"] for run in runs]
