"""The tasks of a bulk action, in the order of their ids: each is looked at once, whatever becomes of it meanwhile."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from tasker_api.change_sets.bulk_actions import item_for, needs_definition
from tasker_api.change_sets.bulk_request import BulkActionInput
from tasker_api.change_sets.portion_scope import NO_SUCH_TASK, kept_within
from tasker_api.change_sets.portions import Portion
from tasker_api.queries.cursor import encode_cursor
from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_api.queries.tasks import TaskQueries
from tasker_core.access.key_tags import KeyTags
from tasker_core.documents.tasks import TaskDocument
from tasker_core.messages.change_sets import LeftOutTask

PORTION: Final = 200
COUNT_SECONDS: Final = 15.0


class BulkSelection:
    """A PortionSource. `own` are Tasker's own tasks, which nobody's filter means; `key_tags` say whose tasks are meant;
    tasks that were created after `created_until` are none of it."""

    def __init__(
        self,
        tasks: TaskQueries,
        request: BulkActionInput,
        own: Sequence[str],
        key_tags: KeyTags,
        created_until: datetime | None = None,
    ) -> None:
        self._tasks, self._request, self._own = tasks, request, tuple(own)
        self._key_tags, self._created_until = key_tags, created_until

    async def total(self) -> int:
        """As PortionSource says."""
        if self._request.ids is not None:
            return len(set(self._request.ids))
        return await self._tasks.count(self._filter(), COUNT_SECONDS)

    def close(self) -> None:
        """As PortionSource says."""

    async def sample(self, count: int) -> tuple[list[TaskDocument], list[LeftOutTask]]:
        """The first tasks, and what is left out of the ids that were given. Raises PyMongoError."""
        if self._request.ids is None:
            return (await self._tasks.page(self._filter(), "id", count, None))[0], []
        found = await self._tasks.find_many(self._request.ids)
        theirs = {task_id: task for task_id, task in found.items() if self._key_tags.holds(task["tags"])}
        unknown = [_unknown(task_id) for task_id in dict.fromkeys(self._request.ids) if task_id not in theirs]
        return list(theirs.values())[:count], unknown

    async def portions(self, after: str | None) -> AsyncGenerator[Portion]:
        """As PortionSource says."""
        if self._request.ids is not None:
            ids = sorted({task_id for task_id in self._request.ids if after is None or task_id > after})
            for start in range(0, len(ids), PORTION):
                some = ids[start : start + PORTION]
                found = await self._tasks.find_many(some)
                left_out = [_unknown(task_id) for task_id in some if task_id not in found]
                yield self._portion(some[-1], list(found.values()), left_out)
            return
        cursor = None if after is None else encode_cursor("id", after, after)
        while True:
            page, cursor = await self._tasks.page(self._filter(), "id", PORTION, cursor)
            if page:
                tasks = page
                if needs_definition(self._request):
                    tasks = list((await self._tasks.find_many([one["_id"] for one in page])).values())
                yield self._portion(page[-1]["_id"], tasks)
            if cursor is None:
                return

    def _filter(self) -> TaskFilter:
        assert self._request.filter is not None, "there are ids or a filter"
        task_filter = self._request.filter.task_filter(self._own, self._key_tags.in_order)
        return replace(task_filter, created_until=self._created_until)

    def _portion(self, after: str, tasks: Sequence[TaskDocument], left_out: Sequence[LeftOutTask] = ()) -> Portion:
        items = {task["_id"]: item_for(self._request, task) for task in tasks}
        wanted = [one for one in items.values() if one is not None]
        unchanged = [task_id for task_id, one in items.items() if one is None]
        tags_of = {task["_id"]: task["tags"] for task in tasks}
        return kept_within(Portion(after, wanted, unchanged, left_out), tags_of, self._key_tags)


def _unknown(task_id: str) -> LeftOutTask:
    return LeftOutTask(task_id=task_id, message=NO_SUCH_TASK)
