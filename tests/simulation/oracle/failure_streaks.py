"""The oracle's own count of failures in a row: from all that was told of a task's runs, each time from scratch."""

from typing import Any

from tests.simulation.oracle.committed_log import Happening
from tests.simulation.oracle.invariants import hold
from tests.simulation.oracle.reference_calendar import second
from tests.simulation.oracle.task_model import Life

Body = dict[str, Any]
RULE = "so many failures in a row pause a task, and no fewer"


def must_pause(life: Life | None, event: Happening) -> bool:
    """Take in how a run has ended; whether it pauses the task."""
    body = event.body or {}
    if life is None or life.paused or life.finished or body["generation"] != life.generation:
        return False
    limit = life.body.get("max_consecutive_failures")
    if limit is None or body["version"] < life.counts_from:
        return False
    run = (second(body["effective_at"]), body["run_id"])
    life.told.setdefault(run, body["outcome"] == "failed")
    return len(in_a_row(life)) >= limit


def in_a_row(life: Life) -> list[tuple[int, str]]:
    """The failures that are newer than every success, as the log lists them."""
    last = max((run for run, failed in life.told.items() if not failed), default=(0, ""))
    return [run for run, failed in life.told.items() if failed and run > last]


def judge_pause(life: Life, event: Happening, verdict: Body) -> None:
    """What the verdict says of a pause: who and why."""
    pause = verdict["task"].get("pause")
    if not life.paused:
        hold(pause is None, RULE, f"{verdict} goes on, but tells of a pause")
        return
    told = f"{verdict} tells of the pause: {pause}"
    hold(pause is not None, RULE, told)
    if event.body and event.body["type"] == "outcome":
        failures = len(in_a_row(life))
        words = "a failure" if failures == 1 else f"{failures} failures in a row"
        why = f"paused after {words}"
        hold((pause["by"], pause["at"]) == ("tasker", verdict["effective_from"]), RULE, told)
        hold(pause["note"] == verdict["note"] and why in pause["note"], RULE, f"{told}, not {why}")
