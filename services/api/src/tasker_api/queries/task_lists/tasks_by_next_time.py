"""Reads of tasks by when they run next: their order is in the collection `next_times`, what they are in `tasks`.

Entries are read in portions, and of each portion the tasks that pass the filter, until there are as many as are asked
for. So a list costs little where many tasks pass; where few do, or hardly one of those that come first, the tasks that
pass a part of the filter are read and sorted instead (tasks.py).
"""

from collections.abc import AsyncGenerator
from datetime import datetime
from math import inf
from typing import Any, Final, NamedTuple

from tasker_api.queries.keyset import HIDDEN, READ_MS, Direction, read_sorted
from tasker_api.queries.task_lists.list_index import OF_ALL
from tasker_api.queries.task_lists.task_filter import Criterion, TaskFilter, not_from
from tasker_core.documents.indexes import PEOPLES_ORDER
from tasker_core.documents.tasks import NextTimeDocument, NextTimeField, TaskDocument
from tasker_runtime.mongo import Mongo

IN_ORDER: Final = "in_order"
COUNTED: Final = 100
MAX_PORTION: Final = 2_000
"""The first portion is as large as a page, or 100 to count; each further one is twice as large, up to this."""
NextTimeQuery = dict[NextTimeField, Any]


class _Stretch(NamedTuple):
    """Entries that match, in the order of a field, behind a place."""

    matching: NextTimeQuery
    field: NextTimeField
    after: list[Any] | None


class TasksByNextTime:
    """The collections `next_times` and `tasks`."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo, self._entries, self._tasks = mongo, mongo.database["next_times"], mongo.database["tasks"]

    async def due(self, before: datetime, limit: int) -> Criterion | None:
        """The tasks that are due before an instant, by their ids; None where they are more than `limit`."""
        query: NextTimeQuery = {"next_at": {"$ne": None, "$lt": before}, "due_at": not_from(before)}
        found = await read_sorted(self._entries, query, "next_at", 1, limit + 1, None, PEOPLES_ORDER, IN_ORDER)
        return None if len(found) > limit else among([one["_id"] for one in found])

    async def read(
        self, task_filter: TaskFilter, direction: Direction, limit: int, after: list[Any] | None, most: float = inf
    ) -> list[TaskDocument] | None:
        """The first tasks behind (next time, id); those without a next time come last, in the order of their ids.

        `next_at` of each is the one by which it stands where it does. None where so many are not found among the first
        `most` entries. Raises PyMongoError also where they are not found in time.
        """
        found, passed = list[TaskDocument](), 0
        with self._mongo.within(READ_MS / 1000):
            async for entries in self._portions(task_filter, direction, after, limit):
                whole = task_filter.query(among([one["_id"] for one in entries]))
                options: dict[str, Any] = {"hint": OF_ALL["_id"], "collation": PEOPLES_ORDER}
                passing = await self._tasks.find(whole, HIDDEN, **options).to_list(None)
                by_id: dict[str, TaskDocument] = {one["_id"]: one for one in passing}
                for entry in entries:
                    if (task := by_id.get(entry["_id"])) is not None:
                        task["next_at"], task["due_at"] = entry["next_at"], entry.get("due_at")
                        found.append(task)
                passed += len(entries)
                if len(found) >= limit:
                    break
                if passed > most:
                    return None
        return found[:limit]

    async def count_due(self, task_filter: TaskFilter, limit: int, most: float = inf) -> int | None:
        """How many of the tasks there are that are due before the filter's instant, as far as `limit`.

        None where there are fewer among the first `most` entries, which are not all.
        """
        count = passed = 0
        with self._mongo.within(READ_MS / 1000):
            async for entries in self._portions(task_filter, 1, None, COUNTED):
                whole = task_filter.query(among([one["_id"] for one in entries]))
                options: dict[str, Any] = {"hint": OF_ALL["_id"], "collation": PEOPLES_ORDER}
                count += await self._tasks.count_documents(whole, **options)
                passed += len(entries)
                if count >= limit:
                    break
                if passed > most:
                    return None
        return min(count, limit)

    async def _portions(
        self, task_filter: TaskFilter, direction: Direction, after: list[Any] | None, size: int
    ) -> AsyncGenerator[list[NextTimeDocument]]:
        for matching, field, start in _stretches(task_filter, after):
            place = start
            while True:
                entries: list[NextTimeDocument] = await read_sorted(
                    self._entries, matching, field, direction, size, place, PEOPLES_ORDER, IN_ORDER
                )
                if entries:
                    yield entries
                if len(entries) < size:
                    break
                place, size = [entries[-1][field], entries[-1]["_id"]], min(2 * size, MAX_PORTION)


def among(task_ids: list[str]) -> Criterion:
    """The tasks of these ids, found in the order in which people see them."""
    return Criterion(OF_ALL["_id"], {"_id": {"$in": task_ids}})


def _stretches(task_filter: TaskFilter, after: list[Any] | None) -> list[_Stretch]:
    known: NextTimeQuery = {"next_at": {"$ne": None}}
    if task_filter.due_before is not None:
        before = task_filter.due_before
        return [_Stretch({"next_at": {"$ne": None, "$lt": before}, "due_at": not_from(before)}, "next_at", after)]
    unknown: NextTimeQuery = {"next_at": None}
    if after is not None and after[0] is None:
        return [_Stretch(unknown, "_id", [after[1], after[1]])]
    return [_Stretch(known, "next_at", after), _Stretch(unknown, "_id", None)]
