"""Puts an earlier version of a task back, also of one that is deleted."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tasker_api.api_context import ApiContext
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.commands.payload_checks import payload_check
from tasker_api.commands.task_body import task_body
from tasker_api.conversion.schedules import schedule_of_task
from tasker_api.conversion.task_history import defined_task
from tasker_api.problems import Problem
from tasker_api.schemas.task_history import RevertInput
from tasker_core.documents.journal import JournalDocument
from tasker_core.documents.tasks import TaskDocument
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.schedules.occurrences import offset_of
from tasker_core.schedules.reachability import unreachable_errors


async def revert(
    context: ApiContext, builder: CommandBuilder, task_id: str, request: RevertInput, if_version: int | None
) -> JournalDocument:
    """Put the definition of a version back, as a new version; whether the task is paused stays as it is.

    One that is deleted is made anew, paused if that version was. Raises Problem or VerdictPending.
    """
    sent = {"revert": request.model_dump(exclude_none=True), "if_version": if_version}
    try:
        if (earlier := await builder.earlier_verdict("put", task_id, sent)) is not None:
            return earlier
        task, current = await _definition(context, task_id, request.version), await context.tasks.find(task_id)
        if current is not None:
            del task["paused"]  # it stays as it is
        elif if_version is None:
            if_version = 0  # nobody else is to have made it anew meanwhile
        body = task_body(task, task_id, frozenset(), await payload_check(context, task["handler"]))
        if errors := _schedule_errors(context, task_id, body["schedule"], current):
            raise InvalidInput(errors)
        note = f"reverted to version {request.version}" + (f": {request.note}" if request.note else "")
        return await builder.execute("put", task_id, {"task": body, "note": note}, if_version, request=sent)
    except (InvalidInput, Problem) as error:
        if isinstance(error, Problem) and (error.status != 422 or not error.errors):
            raise
        raise _impossible(task_id, request.version, error.errors) from None


async def _definition(context: ApiContext, task_id: str, version: int) -> dict[str, Any]:
    """The task as it was in a version. Raises Problem."""
    found = await context.revisions.find(task_id, version)
    if found is None:
        if not (await context.revisions.page(task_id, 1, None))[0]:
            raise Problem(404, f"there is no task {task_id!r}, nor a history of one that was deleted")
        raise _no_version(task_id, f"there is no version {version} of this task, or it is not kept any more")
    if found["task_json"] is None:
        raise _no_version(task_id, f"version {version} is the end of the task; take one before it")
    return defined_task(found["task_json"])


def _schedule_errors(
    context: ApiContext, task_id: str, schedule: Mapping[str, Any], current: TaskDocument | None
) -> list[FieldError]:
    """Why a schedule can't be put back: it would never fire again.

    The ticker checks that as well, but runs a new task at once whose one time has just passed.
    """
    if current is not None and json.loads(current["schedule_json"]) == schedule:
        return []
    found = schedule_of_task(json.dumps(schedule), task_id)
    try:
        return unreachable_errors(found, context.clock.now_ms() // 1000, offset_of(found, task_id))
    except ValueError:
        return []  # what it takes to know is the ticker's


def _no_version(task_id: str, message: str) -> Problem:
    detail = f"{message}; GET /api/v1/tasks/{task_id}/history lists them"
    return Problem(404, detail, [FieldError(pointer="/version", message=message)])


def _impossible(task_id: str, version: int, errors: Sequence[FieldError]) -> Problem:
    reasons = "; ".join(f"{error.pointer or 'the whole'}: {error.message}" for error in errors)
    detail = (
        f"version {version} can't be put back as it was: {reasons} (pointers are into the task); read it at "
        f"/api/v1/tasks/{task_id}/history/{version}, change that, and PUT it"
    )
    return Problem(422, detail, errors)
