"""Lateness: told when a run has not ended in time, while it still goes on, and when one has again."""

from typing import Any

import pytest

from tasker_ticker.testing.partition_harness import PartitionHarness

EVERY_10: dict[str, Any] = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
Body = dict[str, Any]


def watched(*latenesses: str, words: tuple[str, ...] = ("late", "recovered"), **options: Any) -> PartitionHarness:
    """A task that tells these latenesses, each to a topic of its own."""
    harness = PartitionHarness()
    notify = [{"on": words, "late": late, "kafka": {"topic": late}} for late in latenesses]
    harness.put(0, "a", EVERY_10, notify=notify, **options)
    harness.settle(0)
    return harness


def report(harness: PartitionHarness, second: float, run: Body, outcome: str = "succeeded") -> None:
    same = {name: run[name] for name in ("task_id", "run_id", "generation", "version", "effective_at")}
    harness.send(second, type="outcome", id=f"outcome/{run['run_id']}", outcome=outcome, **same)
    harness.commit(second)


def runs(harness: PartitionHarness) -> list[Body]:
    return [run for run in harness.topics["due-tasks"] if run["task_id"] == "a"]


def told(harness: PartitionHarness, topic: str | None = None) -> list[tuple[str, str]]:
    """What was told, and of the run due when."""
    payloads = [run["payload"] for run in harness.topics["due-background"] if run.get("kind") == "alert"]
    changes = [one for each in payloads if topic in (None, each["topic"]) for one in each["value"]["changes"]]
    return [(change["change"], change["due_at"][17:19]) for change in changes]


@pytest.mark.parametrize("restart", [False, True])
def test_a_run_that_hangs_is_told_once_while_it_goes_on_and_the_next_in_time_ends_that(restart: bool) -> None:
    harness = watched("PT5S")
    harness.tick(10)
    if restart:
        harness.restart()
    harness.tick(19)
    assert told(harness) == []  # the message waits for others
    harness.tick(20)
    report(harness, 21, runs(harness)[1], "skipped")
    if restart:
        harness.restart()
    harness.tick(30)
    assert told(harness) == [("late", "10")]
    report(harness, 32, runs(harness)[2])
    harness.tick(39)
    report(harness, 39, runs(harness)[0])
    harness.tick(40)
    report(harness, 41, runs(harness)[3])
    harness.tick(80)
    assert told(harness)[:2] == [("late", "10"), ("recovered", "30")]
    change = harness.topics["due-background"][0]["payload"]["value"]["changes"][0]
    assert (change["at"], change["late"]) == ("2026-01-01T12:00:15.000Z", "PT5S")
    assert change["text"] == "a is late: its run of 2026-01-01 12:00:10 UTC had not ended 5 seconds after its time"


def test_with_no_executor_at_all_it_is_told_once_however_many_runs_are_late() -> None:
    harness = watched("PT5S", "PT25S")
    harness.tick(900)
    assert told(harness, "PT5S") == [("late", "10")]
    assert told(harness, "PT25S") == [("late", "10")]
    state = harness.stored["alerts/a"]
    assert len(state) < 500
    for run in runs(harness):
        report(harness, 901, run)
    harness.tick(905)
    report(harness, 905, runs(harness)[-1])
    harness.tick(910)
    report(harness, 911, runs(harness)[-1])
    harness.tick(960)
    assert told(harness, "PT5S")[:2] == [("late", "10"), ("recovered", "00")]


def test_an_end_that_comes_too_late_is_told_though_the_deadline_was_not_judged_yet() -> None:
    harness = watched("PT5S")
    harness.tick(10)
    report(harness, 15.5, runs(harness)[0])
    harness.tick(20)
    report(harness, 21, runs(harness)[1])
    harness.tick(60)
    assert told(harness)[:2] == [("late", "10"), ("recovered", "20")]


def test_runs_that_hang_side_by_side_are_one_lateness_until_all_before_have_ended() -> None:
    harness = watched("PT25S")
    harness.tick(40)
    first, second, third, fourth = runs(harness)
    report(harness, 40.1, fourth)  # the first one is late; the second and the third are awaited
    report(harness, 40.2, third, "cancelled")
    report(harness, 40.3, first)
    harness.tick(50)
    report(harness, 50.1, runs(harness)[-1])
    report(harness, 50.2, second)
    harness.tick(74)
    assert told(harness) == [("late", "10"), ("recovered", "50")]


def test_an_end_that_was_reported_in_time_is_in_time_though_it_is_read_late() -> None:
    harness = watched("PT5S")
    harness.tick(10)
    run = runs(harness)[0]
    same = {name: run[name] for name in ("task_id", "run_id", "generation", "version", "effective_at")}
    harness.send(14.9, type="outcome", id="o", outcome="failed", **same)
    harness.commit(19)
    for second in range(20, 30):
        harness.commit(second)
        if second == 21:
            report(harness, 21, runs(harness)[1])
    assert told(harness) == []


def test_retries_and_waits_are_one_run_whose_end_counts() -> None:
    harness = watched("PT25S", retry={"max_attempts": 3})
    harness.tick(10)
    run = runs(harness)[0]
    harness.send(12, type="retry", run=run, attempt=2, retry_at="2026-01-01T12:00:40Z")
    harness.tick(20)
    report(harness, 21, runs(harness)[1])
    harness.tick(30)
    report(harness, 31, runs(harness)[2])
    harness.tick(45)
    assert told(harness) == [("late", "10")]


def test_what_is_cancelled_in_time_is_not_late() -> None:
    harness = watched("PT15S", retry={"max_attempts": 3})
    harness.tick(10)
    first = runs(harness)[0]
    harness.send(12, type="retry", run=first, attempt=2, retry_at="2026-01-01T12:00:40Z")
    harness.send(13, type="pause", task_id="a")
    harness.send(14, type="cancel", task_id="a")
    harness.tick(120)
    assert told(harness) == []
    assert harness.verdicts("ended")[0]["outcome"] == "cancelled"


def test_an_edit_of_who_is_told_watches_what_it_says_from_then_on() -> None:
    harness = watched("PT5S")
    harness.tick(10)
    harness.put(11, "a", EVERY_10, notify=[{"on": ["late"], "late": "PT8S", "kafka": {"topic": "t"}}])
    harness.tick(12)
    harness.put(13, "a", EVERY_10, notify=[{"on": ["failed"], "kafka": {"topic": "t"}}])
    harness.tick(14)
    harness.put(15, "a", {"manual": True}, notify=[{"on": ["late"], "late": "PT8S", "kafka": {"topic": "t"}}])
    harness.tick(60)
    assert told(harness) == []
    harness.send(61, type="trigger", task_id="a")
    harness.tick(90)
    assert [word for word, _ in told(harness)] == ["late"]


def test_others_who_are_told_from_now_on_learn_of_a_lateness_that_was_told_before() -> None:
    harness = watched("PT5S")
    harness.tick(30)
    assert told(harness, "PT5S") == [("late", "10")]
    notify = [{"on": ["late", "recovered"], "late": "PT5S", "kafka": {"topic": "new"}}]
    harness.put(31, "a", EVERY_10, notify=notify)
    harness.tick(80)
    assert told(harness, "new")[:1] == [("late", "30")]


@pytest.mark.parametrize("restart", [False, True])
def test_who_was_told_of_a_lateness_learns_that_it_is_over_though_others_are_told_too_since_then(restart: bool) -> None:
    harness = watched("PT5S")
    harness.tick(19)
    notify = [{"on": ["late", "recovered"], "late": "PT5S", "kafka": {"topic": topic}} for topic in ("PT5S", "new")]
    harness.put(19, "a", EVERY_10, notify=notify)
    harness.tick(20)
    if restart:
        harness.restart()
    report(harness, 21, runs(harness)[-1])
    harness.tick(60)
    assert told(harness, "PT5S")[:2] == [("late", "10"), ("recovered", "20")]
    assert told(harness, "new")[:2] == [("recovered", "20"), ("late", "30")]


def test_a_success_writes_nothing_where_lateness_is_not_told() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10, notify=[{"on": ["failed", "recovered"], "kafka": {"topic": "t"}}])
    harness.settle(0)
    for second in (10, 20, 30):
        harness.tick(second)
        report(harness, second + 1, runs(harness)[-1])
    assert not [key for key in harness.writes if key.startswith("alert")]
