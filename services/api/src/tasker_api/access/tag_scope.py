"""To which tasks a caller is kept whose key has tags: it sees and changes those that have one of them."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, cast

from tasker_api.access.caller import Caller
from tasker_api.problems import Problem, task_not_found
from tasker_api.queries.tasks import TaskQueries
from tasker_core.access.key_tags import KeyTags
from tasker_core.errors import InvalidInput
from tasker_core.messages.verdicts import EventType
from tasker_runtime.mongo import PyMongoError

LOOK_SECONDS: Final = 15.0
"""So often it is looked whether the tasks of whoever listens are still theirs."""


class TagScope:
    """The tasks of a caller; all of them where its key has no tags."""

    def __init__(self, caller: Caller, tasks: TaskQueries) -> None:
        self._caller, self._tasks = caller, tasks
        self.key_tags = KeyTags(caller.tags)

    @property
    def tags(self) -> tuple[str, ...]:
        """One of these its tasks have; none: they are all tasks."""
        return self.key_tags.in_order

    async def require(self, *task_ids: str) -> None:
        """Refuse tasks that are not theirs as if they were not there; of a deleted one its last tags count.

        Raises Problem (404).
        """
        if not self._caller.tags:
            return
        found = await self._tasks.tags_of(task_ids)
        for task_id in task_ids:
            if not self.key_tags.holds(found.get(task_id, ())):
                raise task_not_found(task_id)

    async def lost(self, task_ids: Sequence[str]) -> None:
        """Wait until one of these tasks is not theirs any more: up to 15 s longer than that."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with suppress(PyMongoError):  # who hears nothing from MongoDB hears nothing of tasks, either
                found = await self._tasks.tags_of(task_ids)
                if not all(self.key_tags.holds(found.get(task_id, ())) for task_id in task_ids):
                    return

    async def before(
        self, event_type: EventType, task_id: str, data: Mapping[str, Any], if_version: int | None
    ) -> int | None:
        """Check an event before it is published. The version on which it is to depend: of a task that is theirs only as
        it stands now, that one. Raises Problem (403, 404) or InvalidInput.
        """
        if not self._caller.tags or event_type == "change-set":  # it names no task; each item of it is looked at
            return if_version
        if event_type != "put":
            await self.require(task_id)
            return if_version
        current = await self._tasks.find(task_id)
        task = cast("Mapping[str, Any]", data["task"])
        successors = [link["task"] for link in cast("Sequence[Mapping[str, str]]", task.get("then") or ())]
        tags_of = await self._tasks.tags_of([task_id, *successors])
        if not self.key_tags.may_take(tags_of.get(task_id)):
            raise Problem(403, f"the id {task_id!r} is of a task that this key may not see: choose another one")
        if errors := self.key_tags.errors_of(task.get("tags", ()), successors, tags_of):
            raise InvalidInput(errors)
        return (0 if current is None else current["version"]) if if_version is None else if_version

    def wording(self) -> str:
        """The tags, as an error says them."""
        return self.key_tags.wording()
