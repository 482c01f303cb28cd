"""Tasks of several old partitions go on in a new one: each second is decided once, whoever decides it."""

from collections import Counter
from typing import Any

import pytest

from tasker_core.time.instant import rfc3339_second
from tasker_ticker.migration.moved_state import OldPartition, moved_links, obstacle
from tasker_ticker.scheduling.memory.watermark import CatchUpGap, WatermarkPosition
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.scheduling.stored_state import StoredState
from tasker_ticker.testing.merged_partitions import merged, position_of
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness, after_noon

SECONDLY: dict[str, Any] = {"cron": "* * * * * *"}


def old_partition(tasks: str, stop: int, limits: SchedulingLimits | None = None) -> PartitionHarness:
    """Tasks due every second, up to a second."""
    harness = PartitionHarness(limits=limits)
    for task in tasks:
        harness.put(0.5, task, SECONDLY, misfire={"policy": "all"})
    for second in range(1, stop + 1):
        harness.commit(second)
    return harness


def fates(*harnesses: PartitionHarness) -> Counter[tuple[str, str]]:
    """How often each second of each task ran."""
    due = [run for one in harnesses for topic in ("due-tasks", "due-background") for run in one.topics[topic]]
    return Counter((run["task_id"], run["nominal_at"]) for run in due)


@pytest.mark.parametrize("stops", [(5, 5), (5, 8), (9, 5), (3, 30)])
def test_each_second_runs_once_however_far_each_partition_had_come(stops: tuple[int, int]) -> None:
    olds = [old_partition(tasks, stop) for tasks, stop in zip(("ab", "cd"), stops, strict=True)]
    new = merged(*olds)
    now = max(stops) + 4
    for second in range(now, now + 20):
        for _ in range(3):
            new.commit(second)
    found = fates(*olds, new)
    assert set(found.values()) == {1}
    assert len(found) == 4 * (now + 18)  # from the second after that of the put
    assert not [one for one in new.topics["verdicts"] if one["type"] == "missed"]


def test_a_second_that_was_half_out_is_finished() -> None:
    half = old_partition("abcdef", 4, SchedulingLimits(batch_runs=4))
    while position_of(half).burst_after is None:
        half.commit(4)
    other = old_partition("x", 4)
    new = merged(half, other)
    for second in range(5, 10):
        for _ in range(6):
            new.commit(second)
    found = fates(half, other, new)
    assert set(found.values()) == {1}
    assert len(found) == 7 * 8


def test_versions_go_on_growing_and_events_hold_from_then_on() -> None:
    first, second = old_partition("a", 5), old_partition("b", 7)
    new = merged(first, second, end=40)
    assert position_of(new).base > max(position_of(one).base + 40 for one in (first, second))
    new.send(8.5, type="pause", task_id="a")
    new.send(8.5, type="put", task={"id": "b", "schedule": {"every": "PT1H"}})
    for now in range(9, 14):
        new.commit(now)
    versions = [one["version"] for one in new.topics["verdicts"] if one["type"] == "verdict"]
    assert min(versions) > 41
    found = fates(first, second, new)
    assert set(found.values()) == {1}


def test_what_is_remembered_of_runs_and_deleted_tasks_moves_too() -> None:
    old = old_partition("a", 3)
    old.send(3.5, type="trigger", task_id="a", id="once")
    old.commit(4)
    new = merged(old, old_partition("b", 4))
    new.send(5, type="trigger", task_id="a", id="once")
    for second in range(6, 9):
        new.commit(second)
    answers = [one["verdict"] for one in new.topics["verdicts"] if one.get("event_type") == "trigger"]
    assert answers == ["superseded"]


def test_an_outage_that_is_still_worked_off_is_an_obstacle() -> None:
    gap = [CatchUpGap(NOON, NOON + 5)]
    assert "catch_up" in (obstacle(OldPartition(3, WatermarkPosition(NOON + 9, gaps=gap), 0)) or "")
    assert obstacle(OldPartition(3, WatermarkPosition(NOON + 9), 0)) is None


def test_which_task_starts_which_goes_along() -> None:
    old = PartitionHarness()
    old.put(0, "a", SECONDLY, then=[{"task": "b"}, {"task": "c", "on": "any"}])
    old.put(0, "b", SECONDLY)
    old.commit(1)
    stored = StoredState()
    for key, value in old.stored.items():
        stored.apply(key.encode(), value)
    (link,) = moved_links(stored)
    assert [(link.key.decode(), link.value)] == old.links
    assert link.task_id == "a"


def test_calendars_move_with_the_tasks_that_are_under_them() -> None:
    home, other = PartitionHarness(), PartitionHarness()
    home.send(0, type="calendar", calendar={"name": "closed", "days": ["2026-01-01"]}, id="made")
    home.settle(1)
    other.calendars.define("closed", 1, "2026-01-01")
    other.put(0, "task", {"cron": "0 * * * *", "exclude_calendars": ["closed"]})
    other.settle(1)
    new = merged(home, other)
    task = new.scheduler.state.tasks["task"]
    assert after_noon(rfc3339_second(task.next_nominal)) == 12 * 3600
    assert not new.scheduler.handover.is_unfinished
    new.send(2, type="calendar", calendar={"name": "closed", "days": []}, id="made")
    new.send(2, type="calendar", calendar={"name": "closed", "days": []})
    new.settle(3)
    assert [v["verdict"] for v in new.verdicts()] == ["superseded", "accepted"]
    [told] = new.verdicts("rescheduled")
    assert told["calendar_version"] == new.verdicts()[1]["version"] > 100
    assert after_noon(told["next_at"]) == 3600
