"""Every kind of schedule in the ticker: what fires, what is refused, and what an edit of the kind does."""

from typing import Any

import msgspec
import pytest

from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.testing.partition_harness import PartitionHarness

MANUAL = {"manual": True}
EVERY_10 = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}
ANY = {"any": [EVERY_10, {"cron": "*/15 * * * * *"}, {"at": "2026-01-01T12:00:20Z"}, {"at": "2026-01-01T12:00:33Z"}]}
FINISHED_SECONDS = SchedulingLimits().finished_seconds


def answers(harness: PartitionHarness) -> list[str]:
    return [verdict["verdict"] for verdict in harness.verdicts()]


def pointers(harness: PartitionHarness) -> list[str]:
    return [error["pointer"] for verdict in harness.verdicts() for error in verdict.get("errors", [])]


def test_a_time_that_several_members_have_is_one_run() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", ANY)
    harness.tick(20)
    harness.restart()
    harness.tick(46)
    assert harness.fired("a") == [10, 15, 20, 30, 33, 40, 45]


def test_an_edit_of_one_member_neither_loses_nor_repeats_a_run() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", {"any": [{"every": "PT10S"}, {"cron": "*/15 * * * * *"}]})
    harness.tick(30)
    harness.put(30, "a", {"any": [{"cron": "*/20 * * * * *"}, {"every": "PT10S"}]})
    harness.tick(61)
    first, second = (verdict["task"]["schedule"]["any"] for verdict in harness.verdicts())
    assert second[1]["anchor"] == first[0]["anchor"] == "2026-01-01T12:00:01.000Z"
    assert harness.fired("a") == [11, 15, 21, 30, 31, 40, 41, 51, 60, 61]


def test_a_calendar_interval_fires_at_its_time() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", {"every": "P1D", "at": "13:00:30", "timezone": "Europe/Berlin"})
    harness.tick(31)
    assert harness.verdicts()[0]["task"]["schedule"]["anchor"] == "2026-01-01"
    assert harness.verdicts()[0]["next_at"] == "2026-01-01T12:00:30.000Z"
    assert harness.fired("a") == [30]


def test_a_manual_task_runs_when_it_is_triggered_and_is_never_over() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", MANUAL, overlap="skip")
    harness.tick(5)
    harness.send(5, type="trigger", id="t", task_id="a")
    harness.tick(6)
    harness.restart()
    harness.settle(2 * FINISHED_SECONDS)
    assert "a" in harness.scheduler.state.tasks
    assert (harness.verdicts("finished"), harness.verdicts("removed"), harness.verdicts("missed")) == ([], [], [])
    runs = harness.topics["due-tasks"]
    assert [(run["kind"], run["policy"]["overlap"]) for run in runs] == [("manual", "skip")]
    assert "next_at" not in harness.verdicts()[0]


def test_a_manual_task_is_paused_resumed_and_deleted_as_any_other() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", MANUAL)
    for kind in ("pause", "resume", "delete"):
        harness.send(1, type=kind, task_id="a")
    harness.tick(2)
    assert answers(harness) == ["accepted"] * 4
    assert not harness.scheduler.state.tasks


def test_from_a_cron_to_manual_and_back_nothing_is_made_up() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", {"cron": "*/10 * * * * *"})
    harness.tick(20)
    harness.put(20, "a", MANUAL)
    harness.tick(45)
    harness.put(45, "a", {"cron": "*/10 * * * * *"})
    harness.tick(61)
    assert harness.fired("a") == [10, 20, 50, 60]
    assert (harness.verdicts("missed"), answers(harness)) == ([], ["accepted"] * 3)


def test_a_finished_task_that_becomes_manual_stays() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10 | {"max_runs": 1})
    harness.tick(15)
    harness.put(16, "a", MANUAL)
    harness.tick(17)
    harness.settle(2 * FINISHED_SECONDS)
    assert [record["task_id"] for record in harness.verdicts("finished")] == ["a"]
    assert harness.scheduler.state.tasks["a"].finished_at is None
    assert harness.verdicts("removed") == []


def test_a_manual_task_has_nothing_to_backfill() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", MANUAL)
    harness.send(50, type="backfill", task_id="a", times=["2026-01-01T12:00:10Z"])
    harness.tick(51)
    assert answers(harness) == ["accepted", "rejected"]
    assert "trigger it instead" in harness.verdicts()[1]["errors"][0]["message"]


@pytest.mark.parametrize(
    ("schedule", "pointer"),
    [
        (EVERY_10 | {"end": "2026-01-01T11:59:00Z"}, "/schedule/end"),
        ({"cron": "@daily", "end": "2026-01-01T18:00:00Z"}, "/schedule/end"),
        ({"cron": "@daily", "exclude": ["0 0 * * *"]}, "/schedule/exclude"),
        ({"any": [{"at": "2026-01-01T11:00:00Z"}]}, "/schedule/any"),
        ({"at": "2025-12-31T11:00:00Z"}, "/schedule/at"),
    ],
)
def test_what_can_never_fire_is_refused_when_made_and_when_edited(schedule: dict[str, Any], pointer: str) -> None:
    harness = PartitionHarness()
    harness.put(0, "new", schedule)
    harness.put(0, "old", EVERY_10)
    harness.put(1, "old", schedule)
    harness.tick(11)
    assert answers(harness) == ["rejected", "accepted", "rejected"]
    assert pointers(harness) == [pointer, pointer]
    assert harness.fired("old") == [10]


def test_runs_that_are_used_up_are_counted_through_edits() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10 | {"max_runs": 2})
    harness.tick(25)
    harness.put(26, "a", {"every": "PT5S", "max_runs": 2})
    harness.put(27, "a", EVERY_10 | {"max_runs": 3})
    harness.tick(60)
    assert answers(harness) == ["accepted", "rejected", "accepted"]
    assert pointers(harness) == ["/schedule/max_runs"]
    assert "has run 2 times" in harness.verdicts()[1]["errors"][0]["message"]
    assert harness.fired("a") == [10, 20, 30]


def test_a_task_that_is_over_may_be_given_another_name() -> None:
    harness = PartitionHarness()
    ended = EVERY_10 | {"end": "2026-01-01T12:00:15Z"}
    harness.put(0, "a", ended)
    harness.put(0, "b", EVERY_10 | {"max_runs": 1})
    harness.tick(20)
    harness.put(21, "a", ended, name="Renamed")
    harness.put(21, "b", EVERY_10 | {"max_runs": 1}, name="Renamed")
    harness.tick(40)
    assert answers(harness) == ["accepted"] * 4
    assert (harness.fired("a"), harness.fired("b")) == ([10], [10])
    assert harness.scheduler.state.tasks["a"].finished_at is not None


def test_tasks_with_the_same_values_of_h_share_their_times() -> None:
    harness = PartitionHarness()
    schedule = {"any": [{"cron": "H(0-1) * * * * *"}], "timezone": "Europe/Berlin", "max_runs": 2}
    for name in ("a", "b", "c", "d"):
        harness.put(0, name, schedule)
    harness.tick(130)
    harness.restart()
    tasks = harness.scheduler.state.tasks.values()
    assert {msgspec.json.decode(task.task.schedule)["any"][0]["cron"] for task in tasks} == {"H(0-1) * * * * *"}
    assert len({id(task.schedule) for task in tasks}) == 2
    fired = {tuple(harness.fired(task.id)) for task in tasks}
    assert fired == {(60, 120), (61, 121)}


def test_an_interval_with_a_start_fires_at_it() -> None:
    harness = PartitionHarness()
    harness.put(3, "a", {"every": "PT20S", "start": "2026-01-01T12:00:15Z"})
    harness.put(3, "b", {"any": [{"every": "PT20S"}], "start": "2026-01-01T12:00:15Z"})
    harness.tick(40)
    harness.put(40, "a", {"every": "PT20S", "start": "2026-01-01T12:00:47Z"})
    harness.tick(70)
    assert (harness.fired("a"), harness.fired("b")) == ([15, 35, 47, 67], [15, 35, 55])


@pytest.mark.parametrize(
    ("schedule", "answer"),
    [
        ({"every": "P1M", "at": "09:00", "timezone": "America/New_York", "start": "1970-01-01T00:00:00Z"}, "accepted"),
        ({"any": [{"every": "PT1H"}], "timezone": "Europe/Berlin", "start": "1970-01-01T00:00"}, "accepted"),
        ({"any": [{"at": "2199-12-31T23:59:59"}], "timezone": "America/New_York"}, "accepted"),
        (
            {"any": [{"at": "2199-12-31T23:59:59"}], "timezone": "America/New_York", "exclude": ["2199-12-31"]},
            "rejected",
        ),
        ({"every": "P1D", "at": "09:00", "timezone": "Asia/Tokyo", "start": "2199-12-31T20:00:00Z"}, "rejected"),
    ],
)
def test_the_ends_of_all_times_are_answered_in_every_zone(schedule: dict[str, Any], answer: str) -> None:
    harness = PartitionHarness()
    harness.put(0, "a", schedule)
    harness.tick(1)
    harness.restart()
    harness.tick(2)
    assert answers(harness) == [answer]
