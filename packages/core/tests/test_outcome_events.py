"""The event `outcome`: how an executor reports the end of a run."""

import json
from typing import Any

import pytest

from tasker_core.events.task_event import OutcomeEvent, Rejection, TaskEvent, parse_event
from tasker_core.messages.runs import RunError

START = "2026-01-01T00:00:00Z"


def parsed(body: Any) -> TaskEvent | Rejection:
    return parse_event(json.dumps(body).encode(), [], None)


OUTCOME: dict[str, Any] = {
    "type": "outcome",
    "task_id": "a",
    "run_id": "0" * 32,
    "generation": 1,
    "version": 2,
    "effective_at": START,
    "outcome": "failed",
    "error": {"kind": "timeout", "message": "no answer"},
}


def test_an_outcome_tells_which_run_has_ended_and_how() -> None:
    event = parsed(OUTCOME)
    assert isinstance(event, OutcomeEvent)
    assert (event.run_id, event.generation, event.version, event.effective) == ("0" * 32, 1, 2, 1_767_225_600)
    assert (event.failed, event.error) == (True, RunError("timeout", "no answer"))
    good = parsed({name: field for name, field in OUTCOME.items() if name != "error"} | {"outcome": "succeeded"})
    assert isinstance(good, OutcomeEvent)
    assert (good.failed, good.error) == (False, None)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"outcome": "lost"}, "/outcome"),
        ({"effective_at": "noon"}, "/effective_at"),
        ({"version": 0}, "/version"),
        ({"run_id": ""}, "/run_id"),
        ({"error": {"kind": "x"}}, "/error/message"),
        ({"attempt": 2}, "/attempt"),
    ],
)
def test_outcomes_that_are_refused(wrong: dict[str, Any], place: str) -> None:
    event = parsed(OUTCOME | wrong)
    assert isinstance(event, Rejection)
    assert [error.pointer for error in event.errors] == [place]
