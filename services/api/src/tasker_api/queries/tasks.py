"""Reads of tasks."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from tasker_api.batched_reads import BatchedReads
from tasker_api.queries.cursor import decode_cursor, encode_cursor
from tasker_api.queries.keyset import READ_MS, Direction, Page, cut_page, read_sorted
from tasker_api.queries.task_lists.list_index import OF_ALL, index_in_order
from tasker_api.queries.task_lists.task_filter import WORDS, WORDS_BY_NAME, Criterion, TaskFilter, TaskQuery
from tasker_api.queries.task_lists.tasks_by_next_time import TasksByNextTime
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
FEW: Final = 5_000
"""So many tasks are read and sorted within some milliseconds; of more, a list's order is read until a page is full."""
TIMES_FEW: Final = 5
"""So many times as many are sorted, too, where as many entries of next times as are few have not filled a page."""
MAX_COUNTED: Final = 10
"""So many parts of a filter are counted."""
MAX_MERGED: Final = 20
MAX_TOGETHER: Final = 50
"""So many single tasks are read together: a task may have half a megabyte."""
MAX_LINKS: Final = 1_000
BY_ID: Final = "_id_"
OF_SUCCESSOR: Final = "of_successor"
FIRST_CHARACTER, LAST_CHARACTER = "\x00", "\U0010ffff"
_ID_ONLY: Final[Mapping[TaskField, int]] = {"_id": 1}
_TAGS_ONLY: Final[Mapping[TaskField, int]] = {"tags": 1}
_NAME_ONLY: Final[Mapping[TaskField, int]] = {"name": 1}


class TaskQueries:
    """The collection `tasks`."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo, self._tasks = mongo, mongo.database["tasks"]
        self._by_next_time = TasksByNextTime(mongo)
        self._single = BatchedReads[str, TaskDocument](self.find_many, MAX_TOGETHER)
        self._successors = BatchedReads[str, bool](self._with_predecessors, MAX_TOGETHER)

    async def find(self, task_id: str) -> TaskDocument | None:
        """A task that is not deleted."""
        return await self._single.read(task_id)

    async def find_last(self, task_id: str) -> TaskDocument | None:
        """A task as it is, or as it was when it was deleted within the last weeks."""
        query: TaskQuery = {"_id": task_id, "version": {"$gt": 0}}
        return await self._tasks.find_one(query, max_time_ms=READ_MS)

    async def ever_existed(self, task_id: str) -> bool:
        """Whether there is, or was within the last weeks, a task of this id."""
        query: TaskQuery = {"_id": task_id}
        return await self._tasks.find_one(query, _ID_ONLY, max_time_ms=READ_MS) is not None

    async def tags_of(self, task_ids: Sequence[str]) -> dict[str, list[str]]:
        """The last tags of those of these tasks that there are, or were within the last weeks."""
        if not task_ids:
            return {}
        query: TaskQuery = {"_id": {"$in": list(task_ids)}}
        found = await self._tasks.find(query, _TAGS_ONLY, max_time_ms=READ_MS).to_list(None)
        return {one["_id"]: one.get("tags", []) for one in found}

    async def names_of(self, task_ids: Sequence[str]) -> dict[str, str]:
        """The names of those of these tasks that there are, or were within the last weeks."""
        query: TaskQuery = {"_id": {"$in": list(task_ids)}}
        if not task_ids:
            return {}
        found = await self._tasks.find(query, _NAME_ONLY, max_time_ms=READ_MS).to_list(None)
        return {one["_id"]: one["name"] for one in found if "name" in one}

    async def predecessors(self, task_id: str, limit: int) -> list[TaskDocument]:
        """The tasks that start a task, the first `limit` in the order of their ids."""
        if not await self._successors.read(task_id):
            return []
        query: TaskQuery = {"starts": task_id, "deleted": False}
        in_order: TaskField = "_id"
        found: Any = (
            self._tasks.find(query, max_time_ms=READ_MS, collation=PEOPLES_ORDER).sort(in_order, 1).limit(limit)
        )
        return await found.to_list(limit)

    async def _with_predecessors(self, task_ids: Sequence[str]) -> dict[str, bool]:
        """Which of these tasks others start, or may: most are started by none."""
        query: TaskQuery = {"starts": {"$in": list(task_ids)}, "deleted": False}
        only: Mapping[TaskField, int] = {"_id": 0, "starts": 1}
        options: dict[str, Any] = {"collation": PEOPLES_ORDER, "hint": OF_SUCCESSOR}
        with self._mongo.within(READ_MS / 1000):
            found = await self._tasks.find(query, only, **options).limit(MAX_LINKS).to_list(MAX_LINKS)
        if len(found) == MAX_LINKS:
            return dict.fromkeys(task_ids, True)
        return dict.fromkeys((successor for one in found for successor in one["starts"]), True)

    async def missing(self, task_ids: Sequence[str]) -> list[str]:
        """Which of these tasks there are not."""
        if not task_ids:
            return []
        query: TaskQuery = {"_id": {"$in": list(task_ids)}, "deleted": False}
        found = {one["_id"] for one in await self._tasks.find(query, _ID_ONLY, max_time_ms=READ_MS).to_list(None)}
        return [task_id for task_id in task_ids if task_id not in found]

    async def find_many(self, task_ids: Sequence[str]) -> dict[str, TaskDocument]:
        """Those of these tasks that are not deleted, whole, by their ids."""
        query: TaskQuery = {"_id": {"$in": list(task_ids)}}
        with self._mongo.within(READ_MS / 1000):  # also for a server that does not answer: others wait for this read
            found = await self._tasks.find(query, hint=BY_ID).to_list(None)
        return {one["_id"]: one for one in found if not one["deleted"]}

    async def count(self, task_filter: TaskFilter, seconds: float) -> int:
        """How many tasks there are. Raises PyMongoError also when they can't be counted within so many seconds."""
        first = await self._narrowest(task_filter, FEW)
        if first is None:
            first = Criterion(index_in_order("_id", task_filter), {})
        options: dict[str, Any] = {
            "hint": first.hint,
            "collation": PEOPLES_ORDER,
            "maxTimeMS": int(seconds * 1000),
        }
        found: int = await self._tasks.count_documents(task_filter.query(first), **options)
        return found

    async def count_up_to(self, task_filter: TaskFilter, limit: int) -> int:
        """How many tasks there are, as far as `limit`: it costs no more, however many there are.

        Of those that are due before an instant, where that many are and few of them pass the rest of the filter, those
        that pass a part of it are looked at instead. Raises PyMongoError where they are not few.
        """
        criteria = task_filter.criteria()
        first = criteria[0] if criteria else Criterion(index_in_order("_id", task_filter), {})
        if task_filter.due_before is not None:
            if (count := await self._by_next_time.count_due(task_filter, limit, limit + FEW)) is not None:
                return count
            if (few := await self._narrowest(task_filter, TIMES_FEW * FEW)) is None:
                return await self._by_next_time.count_due(task_filter, limit) or 0
            first = few
        options: dict[str, Any] = {
            "limit": limit,
            "hint": first.hint,
            "collation": PEOPLES_ORDER,
            "maxTimeMS": READ_MS,
        }
        found: int = await self._tasks.count_documents(task_filter.query(first), **options)
        return found

    async def page(self, task_filter: TaskFilter, sort: TaskSort, limit: int, cursor: str | None) -> Page[TaskDocument]:
        """A page of tasks, and the cursor of the next one. Those without what is sorted by come last, always.

        The index is named in each case: MongoDB finds one by reading some of each that could serve, for seconds where
        what is looked for comes late in them, and is often wrong then.
        """
        field, direction = _FIELDS[sort.removeprefix("-")], -1 if sort.startswith("-") else 1
        after = decode_cursor(sort, cursor, 2) if cursor else None
        found = await self._sorted(task_filter, field, direction, limit + 1, after)
        return cut_page(found, limit, lambda last: encode_cursor(sort, last.get(field), last["_id"]))

    async def _sorted(
        self, task_filter: TaskFilter, field: TaskField, direction: Direction, limit: int, after: list[Any] | None
    ) -> list[TaskDocument]:
        """The first tasks by (field, id) behind a place."""
        first = await self._narrowest(task_filter, FEW)
        if first is None and field == "next_at":
            if task_filter.is_of_idle:  # none of them has a next time: the order of their ids is what is left
                first = Criterion(index_in_order("_id", task_filter), {})
                behind = None if after is None else [after[1], after[1]]
                return await self._read([task_filter.query(first)], "_id", direction, limit, behind, first.hint)
            found = await self._by_next_time.read(task_filter, direction, limit, after, FEW)
            if found is None and (first := await self._narrowest(task_filter, TIMES_FEW * FEW)) is None:
                found = await self._by_next_time.read(task_filter, direction, limit, after)
            if found is not None:
                return found
        if first is None:
            index = index_in_order(field, task_filter)
            first = await self._whole_words(task_filter) if index == OF_ALL["name"] else None
            first = first or Criterion(index, {})
        query, index = task_filter.query(first), first.hint
        found, may_lack = list[TaskDocument](), task_filter.may_lack(field)
        if after is None or after[0] is not None:
            known: TaskQuery = {field: {"$ne": None}}
            only = [known] if may_lack else []
            found = await self._read([query, *only], field, direction, limit, after, index)
            after = None
        if may_lack and len(found) < limit:
            unknown: TaskQuery = {field: None}
            behind = None if after is None else [after[1], after[1]]  # the order of their ids is what is left
            found += await self._read([query, unknown], "_id", direction, limit - len(found), behind, index)
        return found

    async def _narrowest(self, task_filter: TaskFilter, few: int) -> Criterion | None:
        """The part of a filter that fewest tasks pass; None when there is none that few pass."""
        if task_filter.due_before is not None and (due := await self._by_next_time.due(task_filter.due_before, FEW)):
            return due
        criteria = task_filter.criteria()[:MAX_COUNTED]
        counts = await asyncio.gather(*(self._count(one, few) for one in criteria))
        found = [(count, number) for number, count in enumerate(counts) if count <= few]
        return criteria[min(found)[1]] if found else None

    async def _count(self, criterion: Criterion, few: int) -> int:
        """How many tasks there are, up to one more than few."""
        matching: TaskQuery = {"deleted": False, **criterion.condition}
        options: dict[str, Any] = {
            "limit": few + 1,
            "hint": criterion.hint,
            "collation": PEOPLES_ORDER,
            "maxTimeMS": READ_MS,
        }
        found: int = await self._tasks.count_documents(matching, **options)
        return found

    async def _whole_words(self, task_filter: TaskFilter) -> Criterion | None:
        """The few words that begin as the search says, of which many tasks have one; None where they are not few.

        By them tasks are in the order of their names in an index: the names themselves may begin with the word, so that
        none, or each, of the first ones has it.
        """
        for criterion in task_filter.words()[:MAX_COUNTED]:
            found = await self._vocabulary(str(criterion.word))
            if len(found) <= MAX_MERGED:
                return Criterion(WORDS_BY_NAME, {"words": {"$in": found}}, criterion.word)
        return None

    async def _vocabulary(self, beginning: str) -> list[str]:
        """The words of tasks that begin so, up to one more than few: from the index, from one to the next."""
        found, after = list[str](), beginning
        end = [("deleted", False), ("words", beginning + LAST_CHARACTER)]
        while len(found) <= MAX_MERGED:
            begin = [("deleted", False), ("words", after)]
            options: dict[str, Any] = {"return_key": True, "hint": WORDS, "max_time_ms": READ_MS}
            keys = await self._tasks.find({}, **options).min(begin).max(end).limit(1).to_list(1)
            if not keys:
                break
            found.append(keys[0]["words"])
            after = found[-1] + FIRST_CHARACTER
        return found

    async def _read(
        self,
        queries: Sequence[TaskQuery],
        field: TaskField,
        direction: Direction,
        limit: int,
        after: list[Any] | None,
        index: str,
    ) -> list[TaskDocument]:
        query: TaskQuery = {"$and": list(queries)}
        return await read_sorted(self._tasks, query, field, direction, limit, after, PEOPLES_ORDER, index)
