"""A run now, with the task's payload or another one: what trigger, rerun and redrive have in common."""

import json
from typing import Any

from tasker_api.deps import Commander, Services
from tasker_api.handlers import check_for
from tasker_api.problems import Problem
from tasker_api.schemas import Triggered
from tasker_core.errors import InvalidInput
from tasker_core.task import size_errors
from tasker_runtime.documents import TaskDocument
from tasker_runtime.mongo import PyMongoError


async def trigger(use: Services, issue: Commander, task_id: str, said: dict[str, Any]) -> Triggered:
    """Trigger a task with what is said: nothing, `payload`, `note`. Raises Problem, InvalidInput or Undecided."""
    if "payload" in said:
        await _check(use, task_id, said["payload"])
    verdict = await issue.carry_out("trigger", task_id, {"task_id": task_id, **said})
    if verdict["run_id"] is None:
        raise Problem(409, "the trigger made no run: this Idempotency-Key was used for another kind of request")
    return Triggered(event_id=verdict["event_id"], task_id=task_id, run_id=verdict["run_id"])


async def again(use: Services, issue: Commander, task_id: str, payload: str, said: dict[str, Any]) -> Triggered:
    """Trigger the task of a run with what the run had (JSON), unless another payload is said. Raises as `trigger`."""
    try:
        return await trigger(use, issue, task_id, {"payload": json.loads(payload)} | said)
    except Problem as problem:
        if problem.status != 404:
            raise
        told = f"its task {task_id!r} is not there any more, and a run belongs to one: create the task again first"
        raise Problem(409, told) from None


async def _check(use: Services, task_id: str, payload: Any) -> None:
    """Tell early what the ticker would refuse; a task that is not known here is left to it."""
    errors = size_errors(payload)
    try:
        task: TaskDocument | None = None if errors else await use.store.task(task_id)
    except PyMongoError:
        task = None
    if task is not None:
        check = await check_for(use.store, {"handler": task["handler"]})
        errors = [error for error in check(task["handler"], payload) if error.pointer.startswith("/payload")]
    if errors:
        raise InvalidInput(errors)
