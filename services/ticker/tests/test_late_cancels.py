"""Cancels that come late: when the task is deleted, or when the run has failed in the same moment."""

from typing import Any

import pytest

from tasker_ticker.testing.partition_harness import PartitionHarness

EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}


def cancels(harness: PartitionHarness) -> list[list[dict[str, Any]]]:
    """The cancels that executors get, by lane."""
    lanes = ("due-tasks", "due-background")
    return [[record for record in harness.topics[lane] if record["type"] == "cancel"] for lane in lanes]


def with_a_run() -> tuple[PartitionHarness, dict[str, Any]]:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    harness.settle(1)
    harness.tick(10)
    return harness, harness.topics["due-tasks"][0]


@pytest.mark.parametrize("all_of_them", [True, False])
def test_a_run_of_a_deleted_task_is_cancelled(all_of_them: bool) -> None:
    harness, run = with_a_run()
    harness.send(11, type="delete", task_id="a")
    harness.settle(12)
    harness.restart()
    which = {} if all_of_them else {"run_id": run["run_id"]}
    harness.send(13, type="cancel", id="c", task_id="a", **which)
    harness.settle(13)
    assert cancels(harness) == [[{"type": "cancel", "task_id": "a"} | which]] * 2
    verdict = harness.verdicts()[-1]
    assert (verdict["verdict"], verdict["event_id"]) == ("accepted", "c")
    assert verdict["effective_from"] == "2026-01-01T12:00:13.000Z"
    assert [verdict.get(name) for name in ("version", "generation", "task")] == [None] * 3, "there is no task"


def retry(harness: PartitionHarness, second: float, run: dict[str, Any]) -> str:
    """The verdict on the retry of an attempt that failed."""
    attempt = run.get("attempt", 1) + 1
    harness.send(second, type="retry", run=run, attempt=attempt, retry_at="2026-01-01T12:00:15Z")
    harness.commit(second)
    return harness.verdicts()[-1]["verdict"]


def test_the_retry_of_what_was_emitted_before_all_runs_were_cancelled_is_refused() -> None:
    harness, run = with_a_run()
    harness.send(11.2, type="cancel", task_id="a")
    harness.commit(11.2)
    assert retry(harness, 11.3, run) == "rejected"
    assert [(e["run_id"], e["attempt"], e["outcome"], e["reason"]) for e in harness.verdicts("ended")] == [
        (run["run_id"], 2, "cancelled", "cancelled")
    ]


def test_that_all_runs_were_cancelled_is_remembered_through_edits_and_restarts() -> None:
    harness, run = with_a_run()
    harness.tick(20)
    other = harness.topics["due-tasks"][-1]
    harness.send(21, type="cancel", task_id="a")
    harness.put(21, "a", EVERY_10, name="edited")
    harness.send(21, type="pause", task_id="a")
    harness.commit(21.5)
    harness.restart()
    assert retry(harness, 22, run) == "rejected"
    harness.send(22, type="resume", task_id="a")
    harness.commit(22.5)
    assert retry(harness, 23, other) == "rejected"
    harness.tick(30)
    assert retry(harness, 31, harness.topics["due-tasks"][-1]) == "accepted"


def test_a_later_attempt_goes_by_when_it_was_emitted_itself() -> None:
    harness, run = with_a_run()
    assert retry(harness, 11, run) == "accepted"
    harness.tick(15)
    second = harness.topics["due-background"][0]
    assert second["attempt"] == 2
    harness.send(16, type="cancel", task_id="a")
    harness.commit(16)
    assert retry(harness, 17, second) == "rejected"


def test_within_one_batch_what_comes_after_the_cancel_is_not_meant() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10)
    harness.settle(1)
    harness.send(10.1, type="trigger", id="before", task_id="a")
    harness.send(10.1, type="cancel", task_id="a")
    harness.send(10.1, type="trigger", id="after", task_id="a")
    harness.commit(10.2)
    records = harness.topics["due-tasks"]
    assert [record["type"] for record in records] == ["run", "run", "cancel", "run"]
    due, before, _, after = records
    harness.restart()
    assert [retry(harness, 11, run) for run in (due, before, after)] == ["rejected", "rejected", "accepted"]


def test_a_clock_that_is_set_back_cancels_nothing_that_came_later() -> None:
    harness, run = with_a_run()
    harness.tick(14)
    harness.send(14.5, type="cancel", task_id="a")
    harness.commit(14.5)
    harness.send(12.5, type="trigger", id="t", task_id="a")
    harness.commit(12.5)  # by a clock that went back two seconds
    later = harness.topics["due-tasks"][-1]
    assert later["kind"] == "manual"
    assert [retry(harness, 13, run), retry(harness, 13, later)] == ["rejected", "accepted"]


def test_a_clock_that_was_set_back_before_it_hides_nothing_that_was_emitted() -> None:
    harness, _ = with_a_run()
    harness.tick(20)
    run = harness.topics["due-tasks"][-1]
    harness.send(17, type="cancel", task_id="a")
    harness.commit(17)  # by a clock that went back three seconds
    assert retry(harness, 18, run) == "rejected"


@pytest.mark.parametrize("fails_first", [True, False])
def test_a_cancel_in_the_name_of_another_task_reaches_no_run(fails_first: bool) -> None:
    harness, run = with_a_run()
    harness.put(10.5, "b", {"manual": True})
    if fails_first:
        assert retry(harness, 11, run) == "accepted"
    harness.send(12, type="cancel", id="c", task_id="b", run_id=run["run_id"])
    harness.commit(12)
    words = [(one["verdict"], one.get("errors")) for one in harness.verdicts() if one["event_id"] == "c"]
    error = {"pointer": "/run_id", "message": "is a run of another task"}
    assert words == [("rejected", [error]) if fails_first else ("accepted", None)], "it may be one of its own to come"
    harness.restart()
    if not fails_first:
        assert retry(harness, 13, run) == "accepted"
    harness.tick(16)
    assert [record["attempt"] for record in harness.topics["due-background"] if record["type"] == "run"] == [2]
    assert harness.verdicts("ended") == []
