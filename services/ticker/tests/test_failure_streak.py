"""Failures in a row: what counts, what pauses a task, and what restarts know of it."""

from typing import Any

import pytest

from tasker_ticker.testing.partition_harness import PartitionHarness

EVERY_10: dict[str, Any] = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
Body = dict[str, Any]


def harness_with(limit: int, **options: Any) -> PartitionHarness:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10, max_consecutive_failures=limit, id="made", **options)
    harness.settle(0)
    return harness


def report(harness: PartitionHarness, second: float, run: Body, outcome: str, **more: Any) -> None:
    """Let an executor report the outcome of a run."""
    error = {"error": {"kind": "timeout", "message": "no answer within PT1M"}} if outcome == "failed" else {}
    same = {name: run[name] for name in ("task_id", "run_id", "generation", "version", "effective_at")}
    harness.send(
        second, **{"type": "outcome", "id": f"outcome/{run['run_id']}", "outcome": outcome} | same | error | more
    )


def ran(harness: PartitionHarness, second: int, *outcomes: str) -> None:
    """Let a run come every ten seconds, with a given outcome, two seconds after it began."""
    for number, outcome in enumerate(outcomes):
        at = second + 10 * number
        harness.tick(at)
        report(harness, at + 2, harness.topics["due-tasks"][-1], outcome)
        harness.commit(at + 2)


def paused(harness: PartitionHarness) -> bool:
    return harness.scheduler.state.tasks["a"].paused


def test_so_many_failures_in_a_row_pause_the_task_and_it_says_why() -> None:
    harness = harness_with(3)
    ran(harness, 10, "failed", "failed", "failed")
    harness.tick(80)
    assert harness.fired("a") == [10, 20, 30]
    _, verdict = harness.verdicts()
    note = "paused after 3 failures in a row; the last one: timeout: no answer within PT1M"
    assert (verdict["event_type"], verdict["verdict"], verdict["actor"]) == ("outcome", "accepted", "tasker")
    assert (verdict["note"], verdict["effective_from"]) == (note, "2026-01-01T12:00:32.000Z")
    assert verdict["task"]["paused"] is True
    assert verdict["task"]["pause"] == {"at": "2026-01-01T12:00:32.000Z", "by": "tasker", "note": note}
    assert "next_at" not in verdict


def test_a_success_begins_anew_and_what_was_cancelled_or_skipped_is_never_reported() -> None:
    harness = harness_with(2)
    ran(harness, 10, "failed", "succeeded", "failed", "succeeded", "succeeded", "failed")
    assert not paused(harness)
    ran(harness, 70, "failed")
    assert paused(harness)
    assert [v["event_type"] for v in harness.verdicts()] == ["put", "outcome"]


def test_the_count_outlives_every_owner() -> None:
    harness = harness_with(5)
    for day in range(1, 6):
        assert not paused(harness)
        ran(harness, 10 * day, "failed")
        harness.restart()
    assert paused(harness)
    assert "5 failures in a row" in harness.verdicts()[-1]["note"]


def test_runs_carry_the_limit_to_their_executor() -> None:
    harness = harness_with(7)
    harness.put(1, "b", EVERY_10)
    harness.tick(10)
    limits = {run["task_id"]: run["policy"].get("max_consecutive_failures") for run in harness.topics["due-tasks"]}
    assert limits == {"a": 7, "b": None}


def test_a_resume_and_another_definition_begin_anew_and_earlier_runs_count_no_more() -> None:
    harness = harness_with(2)
    harness.tick(20)
    first, second = harness.topics["due-tasks"]
    report(harness, 21, first, "failed")
    harness.send(22, type="resume", task_id="a")
    report(harness, 23, second, "failed")
    harness.settle(24)
    ran(harness, 30, "failed")
    assert not paused(harness)

    harness.put(33, "a", EVERY_10, max_consecutive_failures=2, name="Another")
    harness.settle(34)
    ran(harness, 40, "failed")
    assert not paused(harness)
    ran(harness, 50, "failed")
    assert paused(harness)
    harness.send(53, type="resume", task_id="a")
    harness.settle(54)
    ran(harness, 60, "failed")
    assert not paused(harness)


def test_the_same_definition_once_more_changes_nothing() -> None:
    harness = harness_with(2)
    ran(harness, 10, "failed")
    harness.restart()
    harness.put(13, "a", EVERY_10, max_consecutive_failures=2, id="again")
    ran(harness, 20, "failed")
    assert paused(harness)
    pause = harness.verdicts()[-1]["task"]["pause"]
    harness.restart()
    harness.put(23, "a", EVERY_10, max_consecutive_failures=2, name="Still paused")
    harness.settle(24)
    assert harness.verdicts()[-1]["task"]["pause"] == pause
    harness.send(25, type="resume", task_id="a")
    harness.settle(26)
    assert "pause" not in harness.verdicts()[-1]["task"]


def test_a_pause_by_hand_says_who_and_why_too() -> None:
    harness = harness_with(2)
    harness.send(1, type="pause", task_id="a", note="quarter's end", actor="ada")
    harness.settle(1)
    assert harness.verdicts()[-1]["task"]["pause"] == {
        "at": "2026-01-01T12:00:01.000Z",
        "by": "ada",
        "note": "quarter's end",
    }
    harness.put(2, "b", EVERY_10, paused=True)
    harness.settle(2)
    assert harness.verdicts()[-1]["task"]["pause"] == {"at": "2026-01-01T12:00:02.000Z"}


@pytest.mark.parametrize(
    "change",
    [
        {"generation": 77},
        {"task_id": "gone"},
        {"version": 0},
    ],
)
def test_what_is_reported_of_another_task_counts_for_nothing(change: Body) -> None:
    harness = harness_with(1)
    harness.tick(10)
    run = harness.topics["due-tasks"][-1]
    if change == {"version": 0}:
        harness.send(11, type="resume", task_id="a")
        change = {}
    report(harness, 12, run, "failed", **change)
    harness.settle(13)
    assert not paused(harness)
    assert all(v["event_type"] != "outcome" for v in harness.verdicts())


def test_tasks_without_the_limit_and_paused_ones_count_nothing() -> None:
    harness = harness_with(1)
    harness.tick(10)
    run = harness.topics["due-tasks"][-1]
    harness.put(11, "a", EVERY_10)
    report(harness, 12, run, "failed")
    harness.put(13, "a", EVERY_10, max_consecutive_failures=1)
    harness.send(14, type="trigger", task_id="a")
    harness.send(14, type="pause", task_id="a", note="by hand")
    harness.settle(15)
    report(harness, 16, harness.topics["due-tasks"][-1], "failed")
    harness.settle(17)
    assert [v["event_type"] for v in harness.verdicts()] == ["put", "put", "put", "trigger", "pause"]
    assert harness.verdicts()[-1]["note"] == "by hand"


def test_a_task_that_is_over_is_not_paused() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", {"at": "2026-01-01T12:00:10Z"}, max_consecutive_failures=1)
    ran(harness, 10, "failed")
    assert not paused(harness)
    assert len(harness.verdicts("finished")) == 1


def test_a_triggered_run_counts_and_what_is_open_is_missed_as_with_any_pause() -> None:
    harness = harness_with(1, misfire={"policy": "all"})
    harness.send(1, type="trigger", task_id="a")
    harness.settle(2)
    run = harness.topics["due-tasks"][-1]
    report(harness, 60.5, run, "failed")
    harness.restart()
    harness.settle(100, recovering=True)
    assert paused(harness)
    assert harness.missed("a") == [(10, 60, "paused")]
    assert harness.fired("a", "due-background") == []


def test_outcomes_push_no_event_out_of_what_a_task_remembers() -> None:
    harness = harness_with(100)
    ran(harness, 10, *["failed"] * 12)
    harness.put(130, "a", EVERY_10, max_consecutive_failures=100, id="made")
    harness.settle(131)
    assert [v["verdict"] for v in harness.verdicts()] == ["accepted", "superseded"]
    assert harness.scheduler.state.tasks["a"].recent_events == ("made",)


def test_what_breaks_the_contract_is_rejected() -> None:
    harness = harness_with(1)
    harness.tick(10)
    report(harness, 12, harness.topics["due-tasks"][-1], "lost")
    harness.settle(13)
    (error,) = harness.verdicts()[-1]["errors"]
    assert (harness.verdicts()[-1]["verdict"], error["pointer"]) == ("rejected", "/outcome")


def test_a_success_is_written_only_when_it_matters() -> None:
    harness = harness_with(3)
    ran(harness, 10, "succeeded", "succeeded", "succeeded")
    assert harness.writes["task/a"] == 1  # the put
    harness.restart()
    ran(harness, 40, "succeeded")
    assert harness.writes["task/a"] == 2  # runs of before the restart may be out
    ran(harness, 50, "succeeded", "failed", "succeeded", "succeeded")
    assert harness.writes["task/a"] == 4
    harness.tick(100)
    slow, quick = harness.topics["due-tasks"][-2:]
    report(harness, 101, quick, "succeeded")
    harness.commit(101)
    assert harness.writes["task/a"] == 5
    harness.restart()
    for _ in range(2):
        report(harness, 102, slow, "failed")
        harness.commit(102)
    assert harness.writes["task/a"] == 5
    assert harness.scheduler.state.tasks["a"].failures is not None
