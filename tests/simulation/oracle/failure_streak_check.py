"""The oracle's own count of failures in a row: from all reported outcomes of a task's runs, each time from scratch."""

from typing import Any

from tests.simulation.oracle.committed_log import LoggedEvent
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.reference_calendar import second
from tests.simulation.oracle.task_model import TaskModel

Body = dict[str, Any]


def must_pause(model: TaskModel | None, event: LoggedEvent) -> bool:
    """Note the outcome of a run; whether it pauses the task."""
    body = event.body or {}
    if model is None or model.paused or model.finished or body["generation"] != model.generation:
        return False
    limit = model.body.get("max_consecutive_failures")
    if limit is None or body["version"] < model.counts_from:
        return False
    run = (second(body["effective_at"]), body["run_id"])
    if body["outcome"] not in ("succeeded", "failed"):
        return False
    model.outcomes.setdefault(run, body["outcome"] == "failed")
    return len(failure_streak(model)) >= limit


def failure_streak(model: TaskModel) -> list[tuple[int, str]]:
    """The failures that are newer than every success, as the log lists them."""
    last = max((run for run, failed in model.outcomes.items() if not failed), default=(0, ""))
    return [run for run, failed in model.outcomes.items() if failed and run > last]


def check_pause(model: TaskModel, event: LoggedEvent, verdict: Body) -> None:
    """What the verdict says of a pause: who and why."""
    pause, invariant = verdict["task"].get("pause"), Invariant.FAILURE_STREAK
    if not model.paused:
        require(pause is None, invariant, f"{verdict} goes on, but states a pause")
        return
    detail = f"{verdict} states the pause: {pause}"
    require(pause is not None, invariant, detail)
    if event.body and event.body["type"] == "outcome":
        failures = len(failure_streak(model))
        words = "a failure" if failures == 1 else f"{failures} failures in a row"
        why = f"paused after {words}"
        require((pause["by"], pause["at"]) == ("tasker", verdict["effective_from"]), invariant, detail)
        require(pause["note"] == verdict["note"] and why in pause["note"], invariant, f"{detail}, not {why}")
