"""Cancel runs: one, or all unfinished ones of a task, which may be deleted."""

from tasker_api.api_context import ApiContext
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.problems import Problem, run_not_found, task_not_found
from tasker_api.schemas.run_commands import CancelResponse
from tasker_core.documents.runs import RunDocument
from tasker_core.run_states import is_final


async def cancel_task_runs(
    context: ApiContext, builder: CommandBuilder, task_id: str, run_id: str | None = None
) -> CancelResponse:
    """Publish a cancel. Raises Problem, also for a task that never existed, and VerdictPending.

    The ticker accepts a cancel of any task, since runs outlive theirs. Where it holds none, the tombstone in the
    projection shows whether there ever was one: what came before the verdict is in the projection when the verdict is.
    """
    verdict = await builder.execute("cancel", task_id, _data(task_id, run_id))
    if verdict["generation"] is None and not await context.tasks.ever_existed(task_id):
        raise task_not_found(task_id)
    return CancelResponse(event_id=verdict["event_id"], task_id=task_id, run_id=run_id)


async def cancel_run(context: ApiContext, builder: CommandBuilder, run_id: str, task_id: str | None) -> CancelResponse:
    """Cancel one run. `task_id` is for a run that the log does not have yet. Raises as `cancel_task_runs`."""
    run = await context.runs.find(run_id)
    if run is None and task_id is None:
        raise run_not_found(run_id)
    owner = task_id if run is None else run["task_id"]
    assert owner is not None, "one of both names it"
    if run is not None and is_final(run["state"]) and not await _is_repeated(builder, owner, run_id):
        raise Problem(409, f"the run has ended already: it {_ending(run)}")
    return await cancel_task_runs(context, builder, owner, run_id)


def _data(task_id: str, run_id: str | None) -> dict[str, str]:
    return {"task_id": task_id} if run_id is None else {"task_id": task_id, "run_id": run_id}


async def _is_repeated(builder: CommandBuilder, task_id: str, run_id: str) -> bool:
    """Whether this very request was accepted before: it may be what ended the run."""
    return await builder.earlier_verdict("cancel", task_id, _data(task_id, run_id)) is not None


def _ending(run: RunDocument) -> str:
    return {"skipped": "was skipped", "cancelled": "was cancelled"}.get(run["state"], run["state"])
