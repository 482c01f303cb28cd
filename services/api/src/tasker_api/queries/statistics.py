"""Reads of what is counted: minutes, hours and days, and the newest runs of one task."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tasker_api.queries.keyset import READ_MS
from tasker_api.queries.promise_window import PromiseWindow
from tasker_core.documents.indexes import STATISTICS_RETENTION_SECONDS, TTL
from tasker_core.documents.missed_occurrences import MissedField
from tasker_core.documents.runs import RunDocument, RunField
from tasker_core.documents.statistics import Resolution, StatisticsDocument, StatisticsField
from tasker_core.statistics.run_statistics import RunStatistics, stored_statistics
from tasker_core.statistics.time_units import TimeUnit, in_rows, units_between
from tasker_runtime.mongo import Mongo

MAX_RUNS: Final = 1_000
"""So many runs of a task are looked at."""
_USUAL_RETENTION: Final = tuple(STATISTICS_RETENTION_SECONDS.items())
_NO_STAGES: Final[Mapping[StatisticsField, int]] = {"stages": 0}
_NO_CONTENT: Final[Mapping[RunField, int]] = {"payload_json": 0, "result_json": 0, "attempts": 0, "after": 0}


class StatisticsQueries:
    """The collection `stats`, and that of runs for what is not counted there."""

    def __init__(self, mongo: Mongo) -> None:
        self._statistics, self._runs = mongo.database["stats"], mongo.database["runs"]
        self._missed = mongo.database["missed"]

    async def retention(self) -> dict[Resolution, int]:
        """How many seconds counts of minutes, hours and days are kept: settings of the log sink say so."""
        stored: dict[str, Any] = await self._statistics.index_information()
        return {one: stored.get(f"retention_{one}", {}).get(TTL, usual) for one, usual in _USUAL_RETENTION}

    async def counted(self, window: PromiseWindow, of: str) -> tuple[RunStatistics, list[RunStatistics]]:
        """What is counted of `all`, `handler/<name>` or `partition/<number>` in the window, and in each bucket.

        Those of buckets have no stages.
        """
        by_bucket = [units_between(start, end) for start, end in window.buckets]
        whole, parts = await asyncio.gather(
            self._find(window.units, of, None),
            self._find([unit for some in by_bucket for unit in some], of, _NO_STAGES),
        )
        buckets = [_merged(units, parts, of, stages=False) for units in by_bucket]
        return _merged(window.units, whole, of, stages=True), buckets

    async def newest_runs(
        self, task_id: str, since: datetime | None, until: datetime | None
    ) -> tuple[list[RunDocument], bool]:
        """The newest runs of a task that were due in [since, until), and whether there are no more than these."""
        query: dict[RunField, Any] = {"task_id": task_id, "kind": {"$ne": "alert"}}
        bounds = {"$gte": since, "$lt": until}
        if within := {operator: bound for operator, bound in bounds.items() if bound is not None}:
            query["effective_at"] = within
        newest_first: list[tuple[RunField, int]] = [("effective_at", -1), ("_id", -1)]
        found: Any = self._runs.find(query, _NO_CONTENT, max_time_ms=READ_MS).sort(newest_first)
        runs: list[RunDocument] = await found.limit(MAX_RUNS + 1).to_list(None)
        return runs[:MAX_RUNS], len(runs) <= MAX_RUNS

    async def missed_of(self, task_id: str, since: datetime, until: datetime) -> dict[str, int]:
        """How many ranges of nominal times of a task, whose last one lies in [since, until), did not run, by reason."""
        query: dict[MissedField, Any] = {"task_id": task_id, "to_at": {"$gte": since, "$lt": until}}
        reason_only: Mapping[MissedField, int] = {"reason": 1}
        found: Any = self._missed.find(query, reason_only, max_time_ms=READ_MS).limit(MAX_RUNS)
        counts: dict[str, int] = {}
        for one in await found.to_list(None):
            counts[one["reason"]] = counts.get(one["reason"], 0) + 1
        return counts

    async def _find(
        self, units: Sequence[TimeUnit], of: str, fields: Mapping[StatisticsField, int] | None
    ) -> dict[str, StatisticsDocument]:
        rows = [(first.document_id(of), last.document_id(of)) for first, last in in_rows(units)]
        query = {"$or": [{"_id": {"$gte": first, "$lte": last}} for first, last in rows]}
        found: list[StatisticsDocument] = await self._statistics.find(query, fields, max_time_ms=READ_MS).to_list(None)
        return {one["_id"]: one for one in found}


def _merged(
    units: Sequence[TimeUnit], documents: Mapping[str, StatisticsDocument], of: str, *, stages: bool
) -> RunStatistics:
    found = RunStatistics()
    for unit in units:
        if (document := documents.get(unit.document_id(of))) is not None:
            found.merge(stored_statistics(document, stages=stages))
    return found
