"""To which tasks a caller is kept whose key has tags: it sees and changes those that have one of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from tasker_api.access.caller import Caller
from tasker_api.problems import Problem, task_not_found
from tasker_api.queries.tasks import TaskQueries
from tasker_core.errors import FieldError, InvalidInput, pointer
from tasker_core.messages.verdicts import EventType


class TagScope:
    """The tasks of a caller; all of them where its key has no tags."""

    def __init__(self, caller: Caller, tasks: TaskQueries) -> None:
        self._caller, self._tasks = caller, tasks

    @property
    def tags(self) -> tuple[str, ...]:
        """One of these its tasks have; none: they are all tasks."""
        return tuple(sorted(self._caller.tags))

    def holds(self, tags: Iterable[str]) -> bool:
        """Whether a task with these tags is theirs."""
        return not self._caller.tags or not self._caller.tags.isdisjoint(tags)

    async def require(self, task_id: str) -> None:
        """Refuse a task that is not theirs as if it were not there; of a deleted one its last tags count.

        Raises Problem (404).
        """
        if self._caller.tags and not self.holds(await self._tasks.last_tags(task_id) or ()):
            raise task_not_found(task_id)

    async def before(
        self, event_type: EventType, task_id: str, data: Mapping[str, Any], if_version: int | None
    ) -> int | None:
        """Check an event before it is published. The version on which it is to depend: of a task that is theirs only as
        it stands now, that one. Raises Problem (403, 404) or InvalidInput.
        """
        if not self._caller.tags:
            return if_version
        if event_type != "put":
            await self.require(task_id)
            return if_version
        current = await self._tasks.find(task_id)
        if current is not None and not self.holds(current["tags"]):
            raise Problem(403, f"the id {task_id!r} is of a task that this key may not see: choose another one")
        task = cast("Mapping[str, Any]", data["task"])
        if errors := [*self.tag_errors(task.get("tags", ())), *await self._successor_errors(task)]:
            raise InvalidInput(errors)
        return (0 if current is None else current["version"]) if if_version is None else if_version

    def tag_errors(self, tags: Iterable[str]) -> list[FieldError]:
        """Why a task may not have these tags; nothing when it has one of theirs."""
        if self.holds(tags):
            return []
        message = f"none of the tags of the key {self._caller.name!r} is there: give the task {self.wording()}"
        return [FieldError(pointer="/tags", message=message)]

    async def _successor_errors(self, task: Mapping[str, Any]) -> list[FieldError]:
        """A task may not start others than theirs."""
        errors = list[FieldError]()
        for number, link in enumerate(cast("Sequence[Mapping[str, Any]]", task.get("then") or ())):
            tags = await self._tasks.last_tags(link["task"])
            if tags is not None and not self.holds(tags):
                message = f"is a task that the key {self._caller.name!r} may not start: leave it out"
                errors.append(FieldError(pointer=pointer(("then", number, "task")), message=message))
        return errors

    def wording(self) -> str:
        """The tags, as an error says them."""
        return " or ".join(repr(tag) for tag in self.tags)
