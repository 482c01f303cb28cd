"""Create, replace, patch and change tasks."""

from typing import Any

from tasker_api.api_context import ApiContext
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.commands.payload_checks import payload_check
from tasker_api.commands.task_body import merge_patch, task_body
from tasker_api.conversion.tasks import task_definition
from tasker_api.problems import Problem
from tasker_api.schemas.tasks import Note, TaskResponse
from tasker_core.documents.journal import JournalDocument
from tasker_core.documents.tasks import TaskDocument
from tasker_core.messages.verdicts import EventType
from tasker_core.task import Task

PATCH_TRIES = 5
READ_ONLY = frozenset(TaskResponse.model_fields) - frozenset(Task.model_fields)


async def put(
    context: ApiContext,
    builder: CommandBuilder,
    task_id: str,
    body: dict[str, Any],
    if_version: int | None,
    request: Any = None,
) -> JournalDocument:
    """Create or replace a task; `request` as `CommandBuilder.execute` takes it.

    Raises InvalidInput, Problem or VerdictPending.
    """
    check = await payload_check(context, body.get("handler", "default"))
    task = task_body(body, task_id, READ_ONLY, check)
    return await builder.execute("put", task_id, {"task": task}, if_version, request)


async def patch(
    context: ApiContext, builder: CommandBuilder, task_id: str, body: dict[str, Any], if_version: int | None
) -> JournalDocument:
    """Apply a merge patch; when somebody else changes the task meanwhile, apply it to that. Raises as `put`.

    Repeated under its Idempotency-Key it walks the same tries, up to the one that was accepted.
    """
    sent = {"patch": body, "if_version": if_version}
    for attempt in range(1, PATCH_TRIES + 1):
        of_try = builder.of_try(attempt)
        try:
            if (earlier := await of_try.earlier_verdict("put", task_id, sent)) is not None:
                return earlier
            current: TaskDocument = await context.existing_task(task_id)
            patched = merge_patch(task_definition(current), body)
            version = current["version"] if if_version is None else if_version
            return await put(context, of_try, task_id, patched, version, sent)
        except Problem as problem:
            if problem.status != 412 or if_version is not None or attempt == PATCH_TRIES:
                raise
    raise AssertionError("the last try returns or raises")


async def change(
    builder: CommandBuilder, event_type: EventType, task_id: str, note: Note, if_version: int | None
) -> JournalDocument:
    """Delete, pause or resume a task. Raises Problem or VerdictPending."""
    data = {"task_id": task_id, **note.model_dump(exclude_none=True)}
    return await builder.execute(event_type, task_id, data, if_version)
