"""Cancels that come late: when the task is gone, or when what they mean has failed in the same moment."""

from typing import Any

import pytest

from tasker_ticker.testing.partition_harness import Model

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


def retried(model: Model, second: float, run: dict[str, Any]) -> str:
    """The verdict on the retry of an attempt that failed."""
    attempt = run.get("attempt", 1) + 1
    model.send(second, type="retry", run=run, attempt=attempt, retry_at="2026-01-01T12:00:15Z")
    model.turn(second)
    return model.told()[-1]["verdict"]


def test_the_retry_of_what_was_out_before_all_runs_were_cancelled_is_refused() -> None:
    model, run = with_a_run()
    model.send(11.2, type="cancel", task_id="a")
    model.turn(11.2)
    assert retried(model, 11.3, run) == "rejected"
    assert [(e["run_id"], e["attempt"], e["outcome"], e["reason"]) for e in model.told("ended")] == [
        (run["run_id"], 2, "cancelled", "cancelled")
    ]


def test_that_all_runs_were_cancelled_is_remembered_through_edits_and_restarts() -> None:
    model, run = with_a_run()
    model.tick(20)
    other = model.topics["due-tasks"][-1]
    model.send(21, type="cancel", task_id="a")
    model.put(21, "a", EVERY_10, name="edited")
    model.send(21, type="pause", task_id="a")
    model.turn(21.5)
    model.restart()
    assert retried(model, 22, run) == "rejected"
    model.send(22, type="resume", task_id="a")
    model.turn(22.5)
    assert retried(model, 23, other) == "rejected"
    model.tick(30)
    assert retried(model, 31, model.topics["due-tasks"][-1]) == "accepted"


def test_a_later_attempt_goes_by_when_it_was_out_itself() -> None:
    model, run = with_a_run()
    assert retried(model, 11, run) == "accepted"
    model.tick(15)
    second = model.topics["due-background"][0]
    assert second["attempt"] == 2
    model.send(16, type="cancel", task_id="a")
    model.turn(16)
    assert retried(model, 17, second) == "rejected"


def test_within_one_turn_what_comes_after_the_cancel_is_not_meant() -> None:
    model = Model()
    model.put(0, "a", EVERY_10)
    model.settle(1)
    model.send(10.1, type="trigger", id="before", task_id="a")
    model.send(10.1, type="cancel", task_id="a")
    model.send(10.1, type="trigger", id="after", task_id="a")
    model.turn(10.2)
    records = model.topics["due-tasks"]
    assert [record["type"] for record in records] == ["run", "run", "cancel", "run"]
    due, before, _, after = records
    model.restart()
    assert [retried(model, 11, run) for run in (due, before, after)] == ["rejected", "rejected", "accepted"]


def test_a_clock_that_is_set_back_cancels_nothing_that_came_later() -> None:
    model, run = with_a_run()
    model.tick(14)
    model.send(14.5, type="cancel", task_id="a")
    model.turn(14.5)
    model.send(12.5, type="trigger", id="t", task_id="a")
    model.turn(12.5)  # by a clock that went back two seconds
    later = model.topics["due-tasks"][-1]
    assert later["kind"] == "manual"
    assert [retried(model, 13, run), retried(model, 13, later)] == ["rejected", "accepted"]


def test_a_clock_that_was_set_back_before_it_hides_nothing_that_was_out() -> None:
    model, _ = with_a_run()
    model.tick(20)
    run = model.topics["due-tasks"][-1]
    model.send(17, type="cancel", task_id="a")
    model.turn(17)  # by a clock that went back three seconds
    assert retried(model, 18, run) == "rejected"
