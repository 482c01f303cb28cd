"""Reads of tasks."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from tasker_api.queries.cursor import decode_cursor, encode_cursor
from tasker_api.queries.keyset import READ_MS, Direction, Page, cut_page, read_sorted
from tasker_api.queries.task_filter import TaskFilter, TaskQuery, begins_word
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
COUNTED: Final = 1_000
"""A tag that more tasks have is frequent."""
RARE: Final = 5_000
"""Tasks that a word finds are read by their ids when there are no more of them; beyond, the list's order is walked."""
MAX_COUNTED_WORDS: Final = 5
"""So many words of a search are counted, the longest ones."""
_BY_WORD: Final = "of_word"
_BY_ID: Final = "listed_by_id"
_ID_ONLY: Final[Mapping[TaskField, int]] = {"_id": 1}


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
        task_filter = await self._found_by_words(await self._rarest_tag_first(task_filter))
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

    async def _found_by_words(self, task_filter: TaskFilter) -> TaskFilter:
        """Where a word of the search finds few tasks: which of these pass the whole filter.

        Beginnings of words have a place in the index `of_word` alone: the order of the lists has none for them.
        """
        words = sorted(task_filter.terms.words, key=len, reverse=True)[:MAX_COUNTED_WORDS]
        if not words:
            return task_filter
        counts = await asyncio.gather(*(self._count_word(word) for word in words))
        count, rarest = min(zip(counts, words, strict=True))
        if count > RARE:
            return task_filter
        by_word: TaskQuery = {"$and": [begins_word(rarest), task_filter.query()]}
        found = await self._tasks.find(by_word, _ID_ONLY, max_time_ms=READ_MS, hint=_BY_WORD).to_list(None)
        return TaskFilter(ids=[one["_id"] for one in found])

    async def _count_word(self, word: str) -> int:
        matching: TaskQuery = {"deleted": False, **begins_word(word)}
        options = {"limit": RARE + 1, "hint": _BY_WORD, "maxTimeMS": READ_MS}
        found: int = await self._tasks.count_documents(matching, **options)
        return found

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
        hint = None if task_filter.ids is None else _BY_ID
        return await read_sorted(self._tasks, query, field, direction, limit, after, PEOPLES_ORDER, hint)
