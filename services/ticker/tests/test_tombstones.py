"""Deleted tasks: a forwarded event that is older than the delete does not bring one back."""

from typing import Any

from tasker_ticker.scheduling.memory.tombstones import KEEP_SECONDS
from tasker_ticker.testing.partition_harness import PartitionHarness

EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
PUT: dict[str, Any] = {"type": "put", "task": {"id": "a", "schedule": EVERY_10}}
ELSEWHERE = 7


def words(harness: PartitionHarness) -> list[str]:
    return [verdict["verdict"] for verdict in harness.verdicts()]


def deleted(*, forwarded: bool = True) -> PartitionHarness:
    """A task that was made by an event on another partition, or on its own, and deleted at 20 s."""
    harness = PartitionHarness()
    harness.append(1, PUT, origin=(ELSEWHERE, 0) if forwarded else None)
    harness.settle(2)
    harness.restart()
    harness.send(20, type="delete", task_id="a")
    harness.settle(20)
    harness.restart()
    return harness


def test_what_is_older_than_the_delete_brings_nothing_back() -> None:
    harness = deleted()
    for n, kind in enumerate(("put", "pause", "trigger", "delete")):
        event = PUT if kind == "put" else {"type": kind, "task_id": "a"}
        harness.append(19, event, origin=(ELSEWHERE, 1 + n))
    harness.settle(30)
    assert words(harness) == ["accepted", "accepted"] + ["superseded"] * 4
    assert list(harness.stored) == ["task/a"], "which says that it is deleted"
    assert harness.scheduler.state.tasks == {}


def test_what_is_newer_than_the_delete_or_was_not_forwarded_makes_it_anew() -> None:
    for origin in ((ELSEWHERE, 1), None):
        harness = deleted()
        harness.append(21, PUT, origin=origin)
        harness.settle(21)
        harness.append(19, PUT, origin=(ELSEWHERE, 2))
        harness.settle(22)
        harness.restart()
        assert words(harness)[2:] == ["accepted", "superseded"]
        assert list(harness.stored) == ["task/a"]


def test_a_delete_is_remembered_no_longer_than_older_events_may_come() -> None:
    harness = deleted()
    harness.settle(KEEP_SECONDS + 19)
    assert list(harness.stored) == ["task/a"]
    harness.settle(KEEP_SECONDS + 20)
    harness.restart()
    assert harness.stored == {}
    assert not harness.scheduler.has_work(1 << 40), "nothing is left to wait for"


def test_a_delete_is_remembered_only_where_events_are_forwarded() -> None:
    assert deleted(forwarded=False).stored == {}
    harness = PartitionHarness()
    harness.put(1, "a", EVERY_10)
    harness.append(2, {"type": "delete", "task_id": "a"}, origin=(ELSEWHERE, 0))
    harness.settle(3)
    assert list(harness.stored) == ["task/a"]


def test_a_cancel_that_is_older_than_the_delete_still_reaches_the_runs() -> None:
    harness = deleted()
    harness.append(19, {"type": "cancel", "task_id": "a"}, origin=(ELSEWHERE, 1))
    harness.settle(21)
    assert words(harness)[2:] == ["accepted"]
    assert harness.topics["due-background"] == [{"type": "cancel", "task_id": "a"}]
