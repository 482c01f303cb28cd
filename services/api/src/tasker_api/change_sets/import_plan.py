"""PURE. What a file of tasks would change: each of its entries held against the task as it stands."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Literal, NamedTuple

import msgspec

from tasker_api.conversion.json_changes import JsonChange, json_changes
from tasker_api.conversion.tasks import task_definition
from tasker_api.system.canary_tasks import PREFIX
from tasker_core.documents.tasks import TaskDocument
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.schedules.anchors import anchored
from tasker_core.task import HandlerCheck, Task, parse_task
from tasker_core.task_files.entries import Entry, FaultyEntry

ImportAction = Literal["create", "change", "same", "invalid"]


class PlannedTask(NamedTuple):
    """What an import would do with one entry. `version`: of the task as it stands, 0 where there is none.

    `definition` is what is put; None of what is the same, or invalid.
    """

    task_id: str | None
    line: int
    action: ImportAction
    version: int = 0
    definition: Mapping[str, Any] | None = None
    changes: Sequence[JsonChange] = ()
    changes_left_out: int = 0
    errors: Sequence[FieldError] = ()
    warnings: Sequence[str] = ()
    is_end: bool = False


TaskCheck = Callable[[Task], Sequence[FieldError]]
"""Why a task may not be put."""


def anything(task: Task) -> Sequence[FieldError]:
    """The check of somebody who may put all tasks."""
    del task
    return ()


def planned(
    entry: Entry, current: TaskDocument | None, check: HandlerCheck, now: int, allowed: TaskCheck = anything
) -> PlannedTask:
    """What becomes of an entry at the epoch second `now`; `check` knows its handler, `allowed` who puts it."""
    if isinstance(entry, FaultyEntry):
        error = FieldError(pointer="", message=entry.message)
        return PlannedTask(None, entry.line, "invalid", errors=[error], is_end=entry.is_end)
    task_id, version = entry.task_id, 0 if current is None else current["version"]
    try:
        if task_id.startswith(PREFIX):
            message = "is one of Tasker's own canaries; leave it out"
            raise InvalidInput([FieldError(pointer="/id", message=message)])
        wanted = parse_task(entry.definition, check)
        if errors := allowed(wanted):
            raise InvalidInput(errors)
    except InvalidInput as error:
        return PlannedTask(task_id, entry.line, "invalid", version, errors=error.errors, warnings=entry.warnings)
    if current is None:
        return PlannedTask(task_id, entry.line, "create", 0, entry.definition, warnings=entry.warnings)
    before = task_definition(current)
    after = _as_it_would_be(wanted, before, now)
    changes, left_out = json_changes(_whole(Task.model_validate(before)), _whole(after))
    if not changes:
        return PlannedTask(task_id, entry.line, "same", version, warnings=entry.warnings)
    return PlannedTask(
        task_id, entry.line, "change", version, entry.definition, changes, left_out, warnings=entry.warnings
    )


def _as_it_would_be(wanted: Task, before: Mapping[str, Any], now: int) -> Task:
    """The task with what a put leaves as it was."""
    stands = Task.model_validate(before)
    paused = wanted.paused if wanted.paused is not None else stands.paused
    return wanted.model_copy(update={"schedule": anchored(wanted.schedule, now, stands.schedule), "paused": paused})


def _whole(task: Task) -> Any:
    return task.model_dump(mode="json", exclude_none=True)


class PlanDigest:
    """Names a plan: the same file against the same tasks has the same one."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)

    def add(self, one: PlannedTask) -> None:
        """One more entry."""
        what = [one.task_id, one.line, one.action, one.version, one.definition]
        self._hash.update(msgspec.json.encode(what))

    def text(self) -> str:
        """The digest of all entries so far."""
        return self._hash.hexdigest()
