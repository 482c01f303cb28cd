"""Events that come again after the task has forgotten their ids: what they made once is not made again for a day."""

from typing import Any

import pytest

from tasker_ticker.scheduling.memory.run_memory import KEEP_SECONDS
from tasker_ticker.testing.partition_harness import Model

HOURLY = {"every": "PT1H", "anchor": "2026-01-01T00:00:00Z"}
RANGE = {"start": "2026-01-01T02:00:00Z", "end": "2026-01-01T06:00:00Z", "rate": 60}
ASKED: list[dict[str, Any]] = [
    {"type": "trigger", "task_id": "a", "id": "mine"},
    {"type": "backfill", "task_id": "a", "id": "mine", **RANGE},
]


def of_kind(model: Model, kind: str) -> list[str]:
    """The ids of the manual or backfilled runs."""
    runs = [run for lane in ("due-tasks", "due-background") for run in model.topics[lane]]
    return [run["run_id"] for run in runs if run.get("kind") == kind]


def with_ten_others_since(event: dict[str, Any]) -> Model:
    """Where an event has made what it asked for, and more others came than a task keeps ids of."""
    model = Model()
    model.put(0, "a", HOURLY)
    model.settle(1)
    model.append(1, event)
    model.tick(9)
    for n in range(10):
        model.send(10, type="cancel", task_id="a", id=f"c{n}")
    model.tick(11)
    model.restart()
    return model


@pytest.mark.parametrize(("event", "kind", "runs"), [(ASKED[0], "manual", 1), (ASKED[1], "backfill", 4)])
def test_a_late_repeat_makes_nothing_again(event: dict[str, Any], kind: str, runs: int) -> None:
    model = with_ten_others_since(event)
    assert len(of_kind(model, kind)) == runs
    model.append(12, event)
    model.tick(20)
    assert model.told()[-1]["verdict"] == "superseded"
    assert len(of_kind(model, kind)) == runs
    model.append(21, event | {"id": "another"})
    model.tick(30)
    assert len(of_kind(model, kind)) == 2 * runs


@pytest.mark.parametrize("event", ASKED)
def test_what_was_asked_for_is_kept_for_a_day_and_not_longer(event: dict[str, Any]) -> None:
    model = with_ten_others_since(event)
    assert len([key for key in model.memory if key != "task/a"]) == 1
    model.settle(KEEP_SECONDS + 20)
    assert list(model.memory) == ["task/a"]


@pytest.mark.parametrize("event", ASKED)
def test_of_a_task_made_anew_it_is_asked_anew(event: dict[str, Any]) -> None:
    model = with_ten_others_since(event)
    model.send(12, type="delete", task_id="a")
    model.put(12, "a", HOURLY)
    model.append(13, event)
    model.tick(20)
    assert model.told()[-1]["verdict"] == "accepted"
