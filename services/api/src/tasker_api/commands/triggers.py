"""A run now, with the task's payload or another one: what trigger, rerun and redrive have in common."""

import json
from typing import Any

from tasker_api.api_context import ApiContext
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.commands.payload_checks import payload_check
from tasker_api.problems import Problem
from tasker_api.schemas.run_commands import TriggerResponse
from tasker_core.documents.tasks import TaskDocument
from tasker_core.errors import InvalidInput
from tasker_core.handlers.triggered_payload import triggered_payload
from tasker_core.task import size_errors
from tasker_runtime.mongo import PyMongoError


async def trigger(
    context: ApiContext, builder: CommandBuilder, task_id: str, options: dict[str, Any]
) -> TriggerResponse:
    """Trigger a task. `options` may hold `payload` and `note`. Raises Problem, InvalidInput or VerdictPending."""
    data = {"task_id": task_id, **options}
    if "payload" in options and await builder.earlier_verdict("trigger", task_id, data) is None:
        await _check_payload(context, task_id, options["payload"])
    verdict = await builder.execute("trigger", task_id, data)
    if verdict["run_id"] is None:
        raise Problem(409, "the trigger made no run: this Idempotency-Key was used for another kind of request")
    return TriggerResponse(event_id=verdict["event_id"], task_id=task_id, run_id=verdict["run_id"])


async def trigger_again(
    context: ApiContext,
    builder: CommandBuilder,
    task_id: str,
    payload: str,
    options: dict[str, Any],
) -> TriggerResponse:
    """Trigger the task of a run with the run's payload (JSON), unless `options` hold another. Raises as `trigger`."""
    try:
        return await trigger(context, builder, task_id, {"payload": json.loads(payload)} | options)
    except Problem as problem:
        if problem.status != 404:
            raise
        detail = f"its task {task_id!r} is not there any more, and a run belongs to one: create the task again first"
        raise Problem(409, detail) from None


async def _check_payload(context: ApiContext, task_id: str, payload: Any) -> None:
    """Refuse early what the ticker would refuse; a task that is not in the database is left to it."""
    errors = size_errors(payload)
    try:
        task: TaskDocument | None = None if errors else await context.tasks.find(task_id)
    except PyMongoError:
        task = None
    if task is not None:
        check = await payload_check(context, task["handler"])
        given = triggered_payload(task["handler"], task["payload_json"], payload)
        errors = size_errors(given) or [
            error for error in check(task["handler"], given) if error.pointer.startswith("/payload")
        ]
    if errors:
        raise InvalidInput(errors)
