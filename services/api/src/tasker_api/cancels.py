"""Cancel runs: one, or all unfinished ones of a task, which may be gone."""

from tasker_api.deps import Commander, Services
from tasker_api.problems import not_found
from tasker_api.schemas_runs import CancelAsked


async def cancel(use: Services, issue: Commander, task_id: str, run_id: str | None = None) -> CancelAsked:
    """Have executors told. Raises Problem, also for a task that never was, and Undecided.

    The ticker takes a cancel of whatever task, since runs outlive theirs. Where it holds none, whether there ever was
    one is told by the tombstone: what came before the verdict is in the projection when the verdict is.
    """
    whose = {"task_id": task_id}
    verdict = await issue.carry_out("cancel", task_id, whose if run_id is None else whose | {"run_id": run_id})
    if verdict["generation"] is None and not await use.store.was_there(task_id):
        raise not_found(f"the task {task_id!r}")
    return CancelAsked(event_id=verdict["event_id"], task_id=task_id, run_id=run_id)
