"""Reads of the execution log: runs, and the nominal times that did not run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tasker_api.queries.cursor import decode_cursor, encode_cursor
from tasker_api.queries.keyset import HIDDEN, READ_MS, Page, cut_page, read_sorted
from tasker_api.queries.run_lists.run_filter import MissedFilter, MissedQuery, RunFilter, RunQuery
from tasker_core.documents.missed_occurrences import MissedDocument, MissedField
from tasker_core.documents.runs import RunDocument, RunField
from tasker_core.ids import Kind
from tasker_core.run_states import UNFINISHED_STATES, RunState
from tasker_runtime.mongo import Mongo

LAST_CHARACTER: Final = "\U0010ffff"
_COVERING_STATES: Final[Sequence[RunState]] = (*sorted(UNFINISHED_STATES), "succeeded")
_OF_THE_SCHEDULE: Final[Sequence[Kind]] = ("scheduled", "backfill")
"""The kinds whose nominal time is the schedule's."""
_NOMINAL_ONLY: Final[Mapping[RunField, int]] = {"nominal_at": 1}


class RunQueries:
    """The collections `runs` and `missed`."""

    def __init__(self, mongo: Mongo) -> None:
        self._runs, self._missed = mongo.database["runs"], mongo.database["missed"]
        self._tasks = mongo.database["tasks"]

    async def find(self, run_id: str) -> RunDocument | None:
        """A run."""
        query: RunQuery = {"_id": run_id}
        return await self._runs.find_one(query, max_time_ms=READ_MS)

    async def page(self, run_filter: RunFilter, limit: int, cursor: str | None) -> Page[RunDocument]:
        """A page of runs, newest effective time first, and the cursor of the next one."""
        after = decode_cursor("runs", cursor, 2) if cursor else None
        query, index = run_filter.query(), run_filter.index
        found: list[RunDocument] = await read_sorted(
            self._runs, query, "effective_at", -1, limit + 1, after, hint=index
        )
        return cut_page(found, limit, lambda last: encode_cursor("runs", last["effective_at"], last["_id"]))

    async def ids_beginning(self, text: str, limit: int) -> list[str]:
        """Ids of runs that begin so, the first ones."""
        query: RunQuery = {"_id": {"$gte": text, "$lt": text + LAST_CHARACTER}}
        in_order: RunField = "_id"
        only: Mapping[RunField, int] = {"_id": 1}
        found: Any = self._runs.find(query, only, max_time_ms=READ_MS).sort(in_order, 1).limit(limit)
        return [one["_id"] for one in await found.to_list(limit)]

    async def tasks_beginning(self, text: str, limit: int) -> list[str]:
        """Ids that begin so of tasks that have runs, also of deleted ones: from the index, from one to the next."""
        found, of_task = list[str](), "by_task"
        query: RunQuery = {"task_id": {"$gte": text, "$lt": text + LAST_CHARACTER}}
        only: Mapping[RunField, int] = {"_id": 0, "task_id": 1}
        in_order: RunField = "task_id"
        while len(found) < limit:
            next_one: Any = self._runs.find(query, only, max_time_ms=READ_MS, hint=of_task).sort(in_order, 1).limit(1)
            if not (one := await next_one.to_list(1)):
                break
            found.append(one[0]["task_id"])
            query = {"task_id": {"$gt": found[-1], "$lt": text + LAST_CHARACTER}}
        return found

    async def recent(self, task_ids: Sequence[str], limit: int) -> dict[str, list[RunDocument]]:
        """The newest runs of each of these tasks, newest first, by their ids."""
        order: Mapping[RunField, int] = {"effective_at": -1, "_id": -1}
        newest: list[Mapping[str, Any]] = [{"$sort": order}, {"$limit": limit}, {"$project": HIDDEN}]
        of_task: RunField = "task_id"
        pipeline: list[Mapping[str, Any]] = [
            {"$match": {"_id": {"$in": list(task_ids)}}},
            {"$project": {"_id": 1}},
            {
                "$lookup": {
                    "from": "runs",
                    "localField": "_id",
                    "foreignField": of_task,
                    "pipeline": newest,
                    "as": "runs",
                }
            },
        ]
        found = await self._tasks.aggregate(pipeline, maxTimeMS=READ_MS).to_list(None)
        return {one["_id"]: one["runs"] for one in found}

    async def missed_page(self, missed: MissedFilter, limit: int, cursor: str | None) -> Page[MissedDocument]:
        """A page of ranges of nominal times that did not run, the newest first, and the cursor of the next one."""
        after = decode_cursor("missed", cursor, 2) if cursor else None
        found: list[MissedDocument] = await read_sorted(self._missed, missed.query(), "to_at", -1, limit + 1, after)
        return cut_page(found, limit, lambda last: encode_cursor("missed", last["to_at"], last["_id"]))

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
