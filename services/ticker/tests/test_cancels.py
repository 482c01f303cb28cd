"""Cancels that come late: when the task is gone, or when what they mean has failed in the same moment."""

from typing import Any

import pytest

from tasker_ticker.testing import Model

EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}


def cancels(model: Model) -> list[list[dict[str, Any]]]:
    """What executors are told to cancel, by lane."""
    lanes = ("due-tasks", "due-background")
    return [[record for record in model.topics[lane] if record["type"] == "cancel"] for lane in lanes]


def with_a_run() -> tuple[Model, dict[str, Any]]:
    model = Model()
    model.put(0, "a", EVERY_10)
    model.settle(1)
    model.tick(10)
    return model, model.topics["due-tasks"][0]


@pytest.mark.parametrize("all_of_them", [True, False])
def test_a_run_of_a_deleted_task_is_cancelled(all_of_them: bool) -> None:
    model, run = with_a_run()
    model.send(11, type="delete", task_id="a")
    model.settle(12)
    model.restart()
    which = {} if all_of_them else {"run_id": run["run_id"]}
    model.send(13, type="cancel", id="c", task_id="a", **which)
    model.settle(13)
    assert cancels(model) == [[{"type": "cancel", "task_id": "a"} | which]] * 2
    told = model.told()[-1]
    assert (told["verdict"], told["event_id"]) == ("accepted", "c")
    assert told["effective_from"] == "2026-01-01T12:00:13.000Z"
    assert [told.get(name) for name in ("version", "generation", "task")] == [None] * 3, "there is no task to tell of"
