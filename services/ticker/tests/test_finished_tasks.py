"""A task that is over: it is said once, and kept for as long as something of it is still to come."""

import pytest

from tasker_core.time.instant import rfc3339_second
from tasker_ticker.scheduling import background
from tasker_ticker.scheduling.memory.held_task import FINISHED_SECONDS
from tasker_ticker.testing.partition_harness import NOON, Model

AT_30 = {"at": "2026-01-01T12:00:30Z"}
EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}


def test_a_finished_task_stays_until_its_last_attempt_is_out() -> None:
    model = Model()
    model.put(0, "a", AT_30)
    model.tick(30)
    due = 30 + FINISHED_SECONDS + 5
    model.send(40, type="retry", run=model.topics["due-tasks"][0], attempt=2, retry_at=rfc3339_second(NOON + due))
    model.settle(41)
    model.settle(due - 3)
    model.restart()
    model.settle(due)
    assert model.fired("a", "due-background") == [30]
    assert (model.told("removed"), model.told("ended")) == ([], [])
    model.settle(due + FINISHED_SECONDS)
    assert [record["task_id"] for record in model.told("removed")] == ["a"]
    assert not model.scheduler.state.tasks


def test_a_finished_task_stays_until_its_backfill_is_done() -> None:
    model = Model()
    model.put(0, "a", EVERY_10 | {"end": "2026-01-01T12:00:30Z"})
    model.tick(30)
    end = 30 + FINISHED_SECONDS
    model.send(
        end - 30, type="backfill", task_id="a", rate=1, start=rfc3339_second(NOON), end=rfc3339_second(NOON + 31)
    )
    for minute in range(6):
        model.turn(end - 29 + minute * 60)
    assert model.fired("a", "due-background") == [0, 10, 20, 30]
    assert [record["reason"] for record in model.told("backfill.ended")] == ["done"]
    assert model.told("removed") == []


def test_what_was_over_before_an_outage_is_not_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model()
    model.put(0, "a", AT_30)
    model.put(0, "b", EVERY_10)
    model.tick(40)
    model.restart()
    with monkeypatch.context() as patch:
        patch.setattr(background, "MAX_VISITS", 0)  # the owner dies with the gap still open
        model.turn(500)
    model.restart()
    model.settle(501)
    assert [record["last_nominal"] for record in model.told("finished")] == ["2026-01-01T12:00:30.000Z"]
    assert model.scheduler.state.tasks["a"].finished_at == NOON + 30


def test_what_ran_at_once_in_an_outage_is_not_said_to_be_over_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model()
    model.put(0, "b", EVERY_10)
    model.turn(1)
    model.restart()
    model.put(30, "a", AT_30)
    with monkeypatch.context() as patch:
        patch.setattr(background, "MAX_VISITS", 0)  # the owner dies with the gap still open
        model.turn(500, recovering=True)
        model.turn(500)
    model.restart()
    model.settle(501)
    assert model.fired("a", "due-background") == [30]
    assert [record["task_id"] for record in model.told("finished")] == ["a"]
