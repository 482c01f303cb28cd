"""Which verdict an event must get, from what the oracle's model holds of its task."""

from collections.abc import Callable
from typing import Any

from tasker_core.time.instant import rfc3339_second
from tests.simulation.oracle.committed_log import LoggedEvent
from tests.simulation.oracle.reference_calendar import calendar_of, second
from tests.simulation.oracle.run_models import RunModel
from tests.simulation.oracle.task_model import TaskModel

Body = dict[str, Any]
DAY = 24 * 3600
ACCEPTED = "accepted", "nothing speaks against it"


def is_malformed(event: LoggedEvent) -> bool:
    """Whether it breaks the contract: an unknown field, another key, or no next attempt."""
    body = event.body or {}
    wrong = body.get("type") == "retry" and body["attempt"] != body["run"].get("attempt", 1) + 1
    return event.contradicted or wrong or "bogus" in body or "bogus" in body.get("task", {})


def put_verdict(schedule: Body, model: TaskModel | None, verdict: Body, at: int) -> tuple[str, str]:
    """The verdict on a put that takes effect at a second, and why."""
    if "at" in schedule and not (model and model.body["schedule"] == schedule):
        when = second(schedule["at"])
        over = calendar_of(schedule, verdict["task_id"]).occurrences[0][1] <= at
        if over and (model is not None or at - when > DAY):
            return "rejected", "its only time is over"
    pointers = [error["pointer"] for error in verdict.get("errors", ())]
    if verdict["verdict"] == "rejected" and pointers == ["/schedule/exclude"]:
        anchored = {"anchor": _anchor(model, at), **schedule}
        left = [nominal for nominal, _ in calendar_of(anchored, verdict["task_id"]).occurrences if nominal > at]
        return ("accepted", "it has occurrences") if left else ("rejected", "nothing is left")
    return ACCEPTED


def retry_verdict(
    body: Body, run: RunModel, model: TaskModel | None, was_cancelled: Callable[[], bool]
) -> tuple[str, str]:
    """The verdict on a retry. `was_cancelled`: whether the attempt that failed was emitted before a cancel of all."""
    if run.knows(body["attempt"]):
        return "superseded", "that attempt is known"
    if model is None or model.generation != body["run"]["generation"] or run.cancelled or was_cancelled():
        return "rejected", "its task was deleted, or the run was cancelled"
    return ACCEPTED


def _anchor(model: TaskModel | None, at: int) -> str:
    """The anchor of an interval that states none: as it was before, else the second of creation."""
    before: str | None = model.body["schedule"].get("anchor") if model else None
    return before or rfc3339_second(at)
