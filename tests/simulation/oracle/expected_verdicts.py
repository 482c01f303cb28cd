"""Which verdict an event must get, from what the oracle's model holds of its task."""

from collections.abc import Callable, Mapping
from typing import Any

from tasker_cli.verify.enumeration.calendar_versions import under
from tests.simulation.oracle.committed_log import LoggedEvent
from tests.simulation.oracle.expected_anchors import is_same, with_anchors
from tests.simulation.oracle.reference_calendar import Calendars, second
from tests.simulation.oracle.run_models import RunModel
from tests.simulation.oracle.task_model import TaskModel

Body = dict[str, Any]
Versions = Mapping[str, int]
DAY = 24 * 3600
ACCEPTED = "accepted", "nothing speaks against it"
USED_UP = "rejected", "as many runs as it allows are done"


def is_malformed(event: LoggedEvent) -> bool:
    """Whether it breaks the contract: an unknown field, another key, or no next attempt."""
    body = event.body or {}
    wrong = body.get("type") == "retry" and body["attempt"] != body["run"].get("attempt", 1) + 1
    parts = (body, body.get("task", {}), body.get("calendar", {}))
    return event.contradicted or wrong or any("bogus" in part for part in parts)


def put_verdict(
    schedule: Body, model: TaskModel | None, verdict: Body, at: int, calendars: Calendars, versions: Versions
) -> tuple[str, str]:
    """The verdict on a put that takes effect at a second, and why, when its calendars are under `versions`."""
    before = model.body["schedule"] if model else None
    anchored = with_anchors(schedule, before, at)
    if before is not None and is_same(anchored, before):
        return ACCEPTED
    calendar = calendars.of(under(anchored, versions), verdict["task_id"])
    if model is not None and calendar.max_runs is not None:
        pointers = [error["pointer"] for error in verdict.get("errors", ())]
        # What was emitted in the same batch, before the put, has not been counted yet.
        if model.runs_done >= calendar.max_runs or pointers == ["/schedule/max_runs"]:
            return USED_UP
    if calendar.once and model is None and at - second(schedule["at"]) <= DAY:
        return ACCEPTED
    if calendar.manual or calendar.following or any(effective > at for _, effective in calendar.occurrences):
        return ACCEPTED
    return "rejected", "nothing is left"


def retry_verdict(
    body: Body, run: RunModel, model: TaskModel | None, was_cancelled: Callable[[], bool]
) -> tuple[str, str]:
    """The verdict on a retry. `was_cancelled`: whether the attempt that failed was emitted before a cancel of all."""
    if run.knows(body["attempt"]):
        return "superseded", "that attempt is known"
    if model is None or model.generation != body["run"]["generation"] or run.cancelled or was_cancelled():
        return "rejected", "its task was deleted, or the run was cancelled"
    return ACCEPTED
