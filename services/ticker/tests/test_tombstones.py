"""Deleted tasks: an event that was sent on and is older than the delete does not bring one back."""

from typing import Any

from tasker_ticker.scheduling.memory.tombstones import KEEP_SECONDS
from tasker_ticker.testing.partition_harness import Model

EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
PUT: dict[str, Any] = {"type": "put", "task": {"id": "a", "schedule": EVERY_10}}
ELSEWHERE = 7


def words(model: Model) -> list[str]:
    return [told["verdict"] for told in model.told()]


def deleted(*, sent_on: bool = True) -> Model:
    """A task that was made by an event on another partition, or on its own, and deleted at 20 s."""
    model = Model()
    model.append(1, PUT, sent_on=(ELSEWHERE, 0) if sent_on else None)
    model.settle(2)
    model.restart()
    model.send(20, type="delete", task_id="a")
    model.settle(20)
    model.restart()
    return model


def test_what_is_older_than_the_delete_brings_nothing_back() -> None:
    model = deleted()
    for n, kind in enumerate(("put", "pause", "trigger", "delete")):
        event = PUT if kind == "put" else {"type": kind, "task_id": "a"}
        model.append(19, event, sent_on=(ELSEWHERE, 1 + n))
    model.settle(30)
    assert words(model) == ["accepted", "accepted"] + ["superseded"] * 4
    assert list(model.memory) == ["task/a"], "which says that it is deleted"
    assert model.scheduler.state.tasks == {}


def test_what_is_newer_than_the_delete_or_was_not_sent_on_makes_it_anew() -> None:
    for sent_on in ((ELSEWHERE, 1), None):
        model = deleted()
        model.append(21, PUT, sent_on=sent_on)
        model.settle(21)
        model.append(19, PUT, sent_on=(ELSEWHERE, 2))
        model.settle(22)
        model.restart()
        assert words(model)[2:] == ["accepted", "superseded"]
        assert list(model.memory) == ["task/a"]


def test_a_delete_is_remembered_no_longer_than_older_events_may_come() -> None:
    model = deleted()
    model.settle(KEEP_SECONDS + 19)
    assert list(model.memory) == ["task/a"]
    model.settle(KEEP_SECONDS + 20)
    model.restart()
    assert model.memory == {}
    assert not model.scheduler.wants(1 << 40), "nothing is left to wait for"


def test_a_delete_is_remembered_only_where_events_are_sent_on() -> None:
    assert deleted(sent_on=False).memory == {}
    model = Model()
    model.put(1, "a", EVERY_10)
    model.append(2, {"type": "delete", "task_id": "a"}, sent_on=(ELSEWHERE, 0))
    model.settle(3)
    assert list(model.memory) == ["task/a"]


def test_a_cancel_that_is_older_than_the_delete_still_reaches_the_runs() -> None:
    model = deleted()
    model.append(19, {"type": "cancel", "task_id": "a"}, sent_on=(ELSEWHERE, 1))
    model.settle(21)
    assert words(model)[2:] == ["accepted"]
    assert model.topics["due-background"] == [{"type": "cancel", "task_id": "a"}]
