"""Due runs without a ticker."""

from typing import Any

from tasker_core.messages.runs import Run


def due_run(run_id: str, task_id: str, at: str, **more: Any) -> Run:
    """A run of a task's first version, nominal, effective and emitted at an instant."""
    instants = {"nominal_at": at, "effective_at": at, "emitted_at": at}
    return Run(run_id=run_id, task_id=task_id, task_name=task_id, generation=1, version=1, **instants, **more)
