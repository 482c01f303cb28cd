"""Events that come again after the task has forgotten their ids: what they made once is not made again for a day."""

from typing import Any

import pytest

from tasker_ticker.scheduling.memory.run_memory import KEEP_SECONDS
from tasker_ticker.testing.partition_harness import PartitionHarness

HOURLY = {"every": "PT1H", "anchor": "2026-01-01T00:00:00Z"}
RANGE = {"start": "2026-01-01T02:00:00Z", "end": "2026-01-01T06:00:00Z", "rate": 60}
ASKED: list[dict[str, Any]] = [
    {"type": "trigger", "task_id": "a", "id": "mine"},
    {"type": "backfill", "task_id": "a", "id": "mine", **RANGE},
]


def of_kind(harness: PartitionHarness, kind: str) -> list[str]:
    """The ids of the manual or backfilled runs."""
    runs = [run for lane in ("due-tasks", "due-background") for run in harness.topics[lane]]
    return [run["run_id"] for run in runs if run.get("kind") == kind]


def with_ten_others_since(event: dict[str, Any]) -> PartitionHarness:
    """Where an event has made what it asked for, and more others came than a task keeps ids of."""
    harness = PartitionHarness()
    harness.put(0, "a", HOURLY)
    harness.settle(1)
    harness.append(1, event)
    harness.tick(9)
    for n in range(10):
        harness.send(10, type="cancel", task_id="a", id=f"c{n}")
    harness.tick(11)
    harness.restart()
    return harness


@pytest.mark.parametrize(("event", "kind", "runs"), [(ASKED[0], "manual", 1), (ASKED[1], "backfill", 4)])
def test_a_late_repeat_makes_nothing_again(event: dict[str, Any], kind: str, runs: int) -> None:
    harness = with_ten_others_since(event)
    assert len(of_kind(harness, kind)) == runs
    harness.append(12, event)
    harness.tick(20)
    assert harness.verdicts()[-1]["verdict"] == "superseded"
    assert len(of_kind(harness, kind)) == runs
    harness.append(21, event | {"id": "another"})
    harness.tick(30)
    assert len(of_kind(harness, kind)) == 2 * runs


@pytest.mark.parametrize("event", ASKED)
def test_what_was_asked_for_is_kept_for_a_day_and_not_longer(event: dict[str, Any]) -> None:
    harness = with_ten_others_since(event)
    assert len([key for key in harness.stored if key != "task/a"]) == 1
    harness.settle(KEEP_SECONDS + 20)
    assert list(harness.stored) == ["task/a"]


@pytest.mark.parametrize("event", ASKED)
def test_of_a_task_made_anew_it_is_asked_anew(event: dict[str, Any]) -> None:
    harness = with_ten_others_since(event)
    harness.send(12, type="delete", task_id="a")
    harness.put(12, "a", HOURLY)
    harness.append(13, event)
    harness.tick(20)
    assert harness.verdicts()[-1]["verdict"] == "accepted"
