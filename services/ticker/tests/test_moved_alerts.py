"""Alerts in progress when a partition's tasks move to others: nothing is told twice, nothing is lost."""

from collections import Counter
from typing import Any

import pytest

from tasker_ticker.testing.alerted_tasks import alerts, changes, on, report, runs_of
from tasker_ticker.testing.merged_partitions import merged
from tasker_ticker.testing.partition_harness import PartitionHarness

EVERY_10: dict[str, Any] = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}


def partition_with(tasks: list[str], *notify: dict[str, Any]) -> PartitionHarness:
    """Tasks due every ten seconds, from 10 on."""
    harness = PartitionHarness()
    for task in tasks:
        harness.put(0, task, EVERY_10, notify=list(notify))
    harness.settle(0)
    harness.tick(10)
    return harness


def end_all(harness: PartitionHarness, second: int, outcome: str) -> None:
    """All runs of this second's ten end."""
    nominal = f"12:00:{second // 10 * 10:02}.000Z"
    for run in runs_of(harness):
        if run["nominal_at"].endswith(nominal):
            report(harness, second, run, outcome)


def told(*harnesses: PartitionHarness) -> Counter[tuple[str, str]]:
    """How often each change of each task was told, as far as it is listed."""
    return Counter((one["change"], one["task_id"]) for harness in harnesses for one in changes(harness))


@pytest.mark.parametrize("each", [1, 30, 70])
def test_what_several_partitions_were_to_tell_one_target_is_told_in_one_message(each: int) -> None:
    names = [[f"{old}{number:02}" for number in range(each)] for old in "abc"]
    olds = [partition_with(some, on("failed")) for some in names]
    for old in olds:
        end_all(old, 12, "failed")
    new = merged(*olds)
    new.tick(14)
    new.restart()
    new.tick(60)
    assert len({m["id"] for m in alerts(new)}) == len(alerts(new))
    (message,) = alerts(new)
    listed = [one["task_id"] for one in message["changes"]]
    assert len(listed) == len(set(listed)) == min(50, 3 * each)
    assert message.get("more", {}) == ({"failed": 3 * each - 50} if 3 * each > 50 else {})
    new.tick(100)
    assert not [key for key in new.stored if key.startswith("alert-group")]


def test_what_was_told_is_not_told_again_and_what_was_not_is() -> None:
    first, second = partition_with(["a"], on("failed", "recovered")), partition_with(["b"], on("failed", "recovered"))
    end_all(first, 12, "failed")
    first.tick(19)
    end_all(second, 19, "failed")
    second.tick(20)
    first.tick(20)
    new = merged(first, second)
    for old in (first, second):
        for run in runs_of(old):
            report(new, 21, run, "failed")  # the first one again, and the one that was due at 20
    new.tick(30)
    end_all(new, 32, "succeeded")
    new.tick(90)
    assert told(first, second, new) == {(word, task): 1 for word in ("failed", "recovered") for task in "ab"}
    assert [one["failures"] for one in changes(new) if one["change"] == "recovered"] == [2, 2]


def test_runs_are_watched_on_and_a_lateness_that_was_told_is_over_when_one_is_in_time() -> None:
    hook = on("late", "recovered", late="PT15S")
    first, second = partition_with(["a"], hook), partition_with(["b"], hook)
    first.tick(34)
    assert told(first) == {("late", "a"): 1}
    second.tick(20)
    new = merged(first, second)
    new.settle(36)
    new.tick(60)
    assert told(first, new) == {("late", "a"): 1, ("late", "b"): 1}
    for run in [*runs_of(first), *runs_of(second), *runs_of(new)]:
        report(new, 61, run, "succeeded")
    new.tick(120)
    assert told(first, new)["recovered", "a"] == told(first, new)["recovered", "b"] == 1


def test_a_message_that_waits_for_its_next_attempt_is_tried_again_once() -> None:
    old = partition_with(["a"], on("failed"))
    end_all(old, 12, "failed")
    old.tick(19)
    (run,) = [one for one in old.topics["due-background"] if one.get("kind") == "alert"]
    old.send(19.5, type="retry", run=run, attempt=2, retry_at="2026-01-01T12:00:40Z")
    old.tick(20)
    new = merged(old, partition_with(["b"], on("failed")))
    new.send(21, type="retry", run=run, attempt=2, retry_at="2026-01-01T12:00:40Z")
    new.tick(60)
    (again,) = [one for one in new.topics["due-background"] if one.get("kind") == "alert"]
    assert (again["run_id"], again["attempt"]) == (run["run_id"], 2)
