"""Reads of tasks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from tasker_api.queries.cursor import decode_cursor, encode_cursor
from tasker_api.queries.keyset import READ_MS, Direction, Page, cut_page, read_sorted
from tasker_core.documents.indexes import PEOPLES_ORDER
from tasker_core.documents.tasks import TaskDocument, TaskField
from tasker_runtime.mongo import Mongo

TaskSort = Literal[
    "name",
    "-name",
    "id",
    "-id",
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "next_at",
    "-next_at",
    "last_outcome",
    "-last_outcome",
    "failures",
    "-failures",
]
_FIELDS: Final[Mapping[str, TaskField]] = {
    "name": "name",
    "id": "_id",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "next_at": "next_at",
    "last_outcome": "last_outcome",
    "failures": "failures",
}
_OPTIONAL: Final[frozenset[TaskField]] = frozenset({"next_at", "last_outcome", "failures"})
"""What a task may be without (`failures` only before its document is one of this release)."""
LastOutcome = Literal["succeeded", "failed", "cancelled", "skipped", "none"]
TaskQuery = dict[TaskField | Literal["$or", "$and"], Any]
COUNTED: Final = 1_000
"""A tag that more tasks have is frequent."""
_ID_ONLY: Final[Mapping[TaskField, int]] = {"_id": 1}


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks. Each of `q` is a part of the name or the id, whatever its case; they have all of the `tags`.

    `then`: a task that they start; `last_outcome`: of the newest run that has ended, `none` where none has;
    `min_failures`: at least so many failures in a row; `paused_by`: paused, and by whom. `without` names some that are
    left out.
    """

    q: Sequence[str] = ()
    tags: Sequence[str] = ()
    handler: str | None = None
    state: str | None = None
    then: str | None = None
    last_outcome: LastOutcome | None = None
    min_failures: int | None = None
    paused_by: str | None = None
    without: Sequence[str] = ()

    def query(self) -> TaskQuery:
        """As a MongoDB query."""
        equal: dict[TaskField, str | None] = {
            "handler": self.handler,
            "state": self.state,
            "starts": self.then,
            "last_outcome": self.last_outcome,
            "paused_by": self.paused_by,
        }
        found: TaskQuery = {"deleted": False}
        found |= {field: value for field, value in equal.items() if value is not None}
        if self.last_outcome == "none":
            found["last_outcome"] = None
        if self.min_failures is not None:
            found["failures"] = {"$gte": self.min_failures}
        if self.without:
            found["_id"] = {"$nin": list(self.without)}
        if self.tags:
            found["tags"] = {"$all": list(self.tags)}
        if self.q:
            found["$and"] = [_named(part) for part in self.q]
        return found


def _named(text: str) -> TaskQuery:
    part = {"$regex": re.escape(text), "$options": "i"}
    alternatives: list[TaskQuery] = [{"name": part}, {"_id": part}]
    return {"$or": alternatives}


class TaskQueries:
    """The collection `tasks`."""

    def __init__(self, mongo: Mongo) -> None:
        self._tasks = mongo.database["tasks"]

    async def find(self, task_id: str) -> TaskDocument | None:
        """A task that is not deleted."""
        query: TaskQuery = {"_id": task_id, "deleted": False}
        return await self._tasks.find_one(query, max_time_ms=READ_MS)

    async def ever_existed(self, task_id: str) -> bool:
        """Whether there is, or was within the last weeks, a task of this id."""
        query: TaskQuery = {"_id": task_id}
        return await self._tasks.find_one(query, _ID_ONLY, max_time_ms=READ_MS) is not None

    async def predecessors(self, task_id: str, limit: int) -> list[TaskDocument]:
        """The tasks that start a task, the first `limit` in the order of their ids."""
        query: TaskQuery = {"starts": task_id, "deleted": False}
        in_order: TaskField = "_id"
        found: Any = (
            self._tasks.find(query, max_time_ms=READ_MS, collation=PEOPLES_ORDER).sort(in_order, 1).limit(limit)
        )
        return await found.to_list(limit)

    async def missing(self, task_ids: Sequence[str]) -> list[str]:
        """Which of these tasks there are not."""
        if not task_ids:
            return []
        query: TaskQuery = {"_id": {"$in": list(task_ids)}, "deleted": False}
        found = {one["_id"] for one in await self._tasks.find(query, _ID_ONLY, max_time_ms=READ_MS).to_list(None)}
        return [task_id for task_id in task_ids if task_id not in found]

    async def page(self, task_filter: TaskFilter, sort: TaskSort, limit: int, cursor: str | None) -> Page[TaskDocument]:
        """A page of tasks, and the cursor of the next one. Those without what is sorted by come last, always."""
        task_filter = await self._rarest_tag_first(task_filter)
        field, direction = _FIELDS[sort.removeprefix("-")], -1 if sort.startswith("-") else 1
        after = decode_cursor(sort, cursor, 2) if cursor else None
        found: list[TaskDocument] = []
        if after is None or after[0] is not None:
            known: TaskQuery = {field: {"$ne": None}}
            only = [known] if field in _OPTIONAL else []
            found = await self._read(task_filter, only, field, direction, limit + 1, after)
            after = None
        if field in _OPTIONAL and len(found) <= limit:
            unknown: TaskQuery = {field: None}
            found += await self._read(task_filter, [unknown], field, direction, limit + 1 - len(found), after)
        return cut_page(found, limit, lambda last: encode_cursor(sort, last.get(field), last["_id"]))

    async def _rarest_tag_first(self, task_filter: TaskFilter) -> TaskFilter:
        """MongoDB looks for the first one of several tags in the index, and reads all that have it."""
        if len(task_filter.tags) < 2:
            return task_filter
        counts: list[tuple[int, str]] = []
        for tag in task_filter.tags:
            matching: TaskQuery = {"deleted": False, "tags": tag}
            options = {"limit": COUNTED, "collation": PEOPLES_ORDER, "maxTimeMS": READ_MS}
            counts.append((await self._tasks.count_documents(matching, **options), tag))
        return replace(task_filter, tags=[tag for _, tag in sorted(counts)])

    async def _read(
        self,
        task_filter: TaskFilter,
        only: list[TaskQuery],
        field: TaskField,
        direction: Direction,
        limit: int,
        after: list[Any] | None,
    ) -> list[TaskDocument]:
        query: TaskQuery = {"$and": [task_filter.query(), *only]}
        return await read_sorted(self._tasks, query, field, direction, limit, after, PEOPLES_ORDER)
