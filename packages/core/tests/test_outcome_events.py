"""The event `outcome`: how an executor tells the end of a run."""

import json
from typing import Any

import pytest

from tasker_core.events.task_event import OutcomeEvent, Rejection, TaskEvent, parse_event
from tasker_core.messages import RunError

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
    told = parsed(OUTCOME)
    assert isinstance(told, OutcomeEvent)
    assert (told.run_id, told.generation, told.version, told.effective) == ("0" * 32, 1, 2, 1_767_225_600)
    assert (told.failed, told.error) == (True, RunError("timeout", "no answer"))
    good = parsed({name: field for name, field in OUTCOME.items() if name != "error"} | {"outcome": "succeeded"})
    assert isinstance(good, OutcomeEvent)
    assert (good.failed, good.error) == (False, None)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"outcome": "skipped"}, "/outcome"),
        ({"effective_at": "noon"}, "/effective_at"),
        ({"version": 0}, "/version"),
        ({"run_id": ""}, "/run_id"),
        ({"error": {"kind": "x"}}, "/error/message"),
        ({"attempt": 2}, "/attempt"),
    ],
)
def test_outcomes_that_are_refused(wrong: dict[str, Any], place: str) -> None:
    told = parsed(OUTCOME | wrong)
    assert isinstance(told, Rejection)
    assert [error.pointer for error in told.errors] == [place]
