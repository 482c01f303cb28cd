"""PURE. What a redrive of a dead letter does.

An event goes back to where it came from, and so does a result: anybody may write these. The due topics, verdicts and
watermarks have one writer, the ticker: a run is run again by a trigger of its task, and the rest can't be redriven.
"""

from typing import NamedTuple

import msgspec

from tasker_api.schemas.dead_letters import RedriveAction
from tasker_core.messages.dead_letter import DeadLetter
from tasker_core.messages.runs import ReportedEnd, Run, decode_due
from tasker_core.topics import Topics


class RedrivePlan(NamedTuple):
    """How a dead letter is redriven, with the run where it is run again; or why it can't be."""

    action: RedriveAction | None
    run: Run | None = None
    obstacle: str | None = None


def redrive_plan(dead_letter: DeadLetter, topics: Topics) -> RedrivePlan:
    """What a redrive of a dead letter does."""
    if dead_letter.topic in (topics["task-events"], topics["results"]):
        if dead_letter.cut:
            return RedrivePlan(None, obstacle=f"its {' and '.join(dead_letter.cut)} was too large to be kept whole")
        return RedrivePlan("send_back")
    if dead_letter.topic in (topics["due-tasks"], topics["due-background"]):
        run = None if "value" in dead_letter.cut else _run(dead_letter.value)
        if run is None:
            return RedrivePlan(None, obstacle=f"only the ticker writes {dead_letter.topic}, and these bytes are no run")
        if run.kind == "alert":
            return RedrivePlan(None, obstacle="it told somebody of tasks, and that is old news now: see the payload")
        return RedrivePlan("run_again", run)
    return RedrivePlan(
        None, obstacle=f"records of {dead_letter.topic} have one writer; nobody else may send them again"
    )


def _run(value: bytes) -> Run | None:
    try:
        content = decode_due(value)
    except (msgspec.DecodeError, RecursionError):
        return None
    if isinstance(content, ReportedEnd):
        return content.run
    return content if isinstance(content, Run) else None
