"""Tasks under calendars: created, handed over when a calendar changes, whatever happens in between."""

from typing import Any

from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness, after_noon

HOURLY = {"cron": "0 * * * *"}
NEW_YEAR, SECOND, THIRD = "2026-01-01", "2026-01-02", "2026-01-03"
HOUR, DAY = 3600, 24 * 3600
FIRST_OF_SECOND = 12 * HOUR
"""The first hour of 2 January."""


def calendar(p: PartitionHarness, at: float, name: str, *days: str, **event: Any) -> None:
    p.send(at, type="calendar", calendar={"name": name, "days": list(days)}, **event)


def last(p: PartitionHarness, kind: str = "verdict") -> dict[str, Any]:
    return p.verdicts(kind)[-1]


def test_no_run_on_the_days_of_an_excluded_calendar() -> None:
    p = PartitionHarness()
    calendar(p, 0, "closed", NEW_YEAR)
    p.put(0, "hourly", {**HOURLY, "exclude_calendars": ["closed"]})
    p.settle(1)
    created = last(p)
    assert created["verdict"] == "accepted"
    assert created["calendars"] == {"closed": 1}
    assert after_noon(created["next_at"]) == FIRST_OF_SECOND
    p.tick(FIRST_OF_SECOND + 2)
    assert p.fired("hourly") == [FIRST_OF_SECOND]


def test_a_required_calendar_is_a_condition_and_several_are_all_of_them() -> None:
    p = PartitionHarness()
    calendar(p, 0, "odd", NEW_YEAR, THIRD)
    calendar(p, 0, "late", f"{SECOND}/2026-01-09")
    p.put(0, "hourly", {**HOURLY, "require_calendars": ["odd", "late"]})
    p.settle(1)
    assert after_noon(last(p)["next_at"]) == FIRST_OF_SECOND + DAY


def test_a_change_hands_each_task_over_and_is_never_retroactive() -> None:
    p = PartitionHarness()
    calendar(p, 0, "closed", NEW_YEAR)
    p.put(0, "hourly", {**HOURLY, "exclude_calendars": ["closed"]})
    p.settle(1)
    p.tick(HOUR + 5)
    calendar(p, HOUR + 5, "closed", SECOND)
    p.tick(HOUR + 6)
    told = last(p, "rescheduled")
    assert (told["task_id"], told["calendar"], told["calendar_version"]) == ("hourly", "closed", 3)
    assert HOUR + 5 <= after_noon(told["since"]) <= HOUR + 6
    assert after_noon(told["next_at"]) == 2 * HOUR
    p.tick(FIRST_OF_SECOND + 2)
    assert p.fired("hourly") == [n * HOUR for n in range(2, 12)], "13:00 was left out, and stays so"


def test_next_time_moves_back_when_days_are_taken_away_and_later_when_some_are_added() -> None:
    p = PartitionHarness()
    calendar(p, 0, "closed")
    p.put(0, "hourly", {**HOURLY, "exclude_calendars": ["closed"]})
    p.settle(1)
    calendar(p, 2, "closed", f"{NEW_YEAR}/{SECOND}")
    p.settle(3)
    assert after_noon(last(p, "rescheduled")["next_at"]) == FIRST_OF_SECOND + DAY
    calendar(p, 4, "closed")
    p.settle(5)
    assert after_noon(last(p, "rescheduled")["next_at"]) == HOUR


def test_a_restart_in_the_middle_goes_on_with_those_that_are_left() -> None:
    p = PartitionHarness(limits=SchedulingLimits(handovers=3))
    calendar(p, 0, "closed")
    for number in range(10):
        p.put(0, f"task-{number}", {**HOURLY, "exclude_calendars": ["closed"]})
    p.settle(1)
    calendar(p, 2, "closed", NEW_YEAR)
    p.commit(3)
    assert len(p.verdicts("rescheduled")) == 3
    p.restart()
    p.settle(4)
    told = [v["task_id"] for v in p.verdicts("rescheduled")]
    assert told == [f"task-{number}" for number in range(10)], "each of them, and once"
    assert [key for key in p.stored if key.startswith("calendar-version")] == ["calendar-version/closed/12"]
    p.tick(FIRST_OF_SECOND + 1)
    assert p.fired("task-7") == [FIRST_OF_SECOND]


def test_a_task_that_waits_for_its_handover_goes_on_by_the_old_days_also_after_a_restart() -> None:
    p = PartitionHarness(limits=SchedulingLimits(handovers=1))
    calendar(p, 0, "closed")
    for number in range(3):
        p.put(0, f"task-{number}", {"every": "PT1S", "exclude_calendars": ["closed"]})
    p.settle(1)
    calendar(p, 2, "closed", NEW_YEAR)
    p.commit(3)
    p.restart()
    p.commit(4)
    p.tick(8)
    assert [p.fired(f"task-{n}")[-1] for n in range(3)] == [3, 4, 5]


def test_calendars_of_other_partitions_count_once_they_are_read() -> None:
    p = PartitionHarness()
    p.calendars.define("closed", 40, NEW_YEAR)
    p.put(0, "hourly", {**HOURLY, "exclude_calendars": ["closed"]})
    p.settle(1)
    assert last(p)["calendars"] == {"closed": 40}
    p.calendars.define("closed", 41, since=5)
    assert p.scheduler.has_work(NOON + 4)
    p.commit(4)
    assert not p.verdicts("rescheduled"), "it does not hold before its second"
    p.commit(5)
    assert last(p, "rescheduled")["calendar_version"] == 41
    p.calendars.define("closed", 40, NEW_YEAR)  # somebody who has read less takes over
    p.settle(6)
    assert len(p.verdicts("rescheduled")) == 1


def test_it_is_finished_when_its_last_time_is_past_though_a_calendar_leaves_that_out() -> None:
    p = PartitionHarness()
    instants = [{"at": "2026-01-01T12:01:00Z"}, {"at": "2026-01-01T12:02:00Z"}]
    calendar(p, 0, "other")
    p.put(0, "open", {"any": instants, "exclude_calendars": ["other"]})
    p.settle(1)
    calendar(p, 70, "other", NEW_YEAR)
    p.tick(119)
    assert not p.verdicts("finished"), "fewer days would bring the second one back"
    p.tick(122)
    assert (last(p, "finished")["reason"], after_noon(last(p, "finished")["last_nominal"])) == ("end", 120)


def test_a_finished_task_that_is_handed_over_is_told_to_be_finished_once_more() -> None:
    p = PartitionHarness()
    calendar(p, 0, "closed")
    p.put(0, "twice", {"cron": "* * * * *", "max_runs": 2, "exclude_calendars": ["closed"]})
    p.settle(1)
    p.tick(130)
    calendar(p, 131, "closed", SECOND)
    p.settle(132)
    told = [(v["type"], v.get("reason")) for v in p.topics["verdicts"] if v["type"] in ("finished", "rescheduled")]
    assert told == [("finished", "max_runs"), ("rescheduled", None), ("finished", "max_runs")]
    assert "next_at" not in last(p, "rescheduled")


def test_a_change_to_come_is_waited_for_without_looking_at_tasks_again_and_again() -> None:
    p = PartitionHarness()
    p.calendars.define("closed", 40)
    p.put(0, "task", {"cron": "0 * * * *", "exclude_calendars": ["closed"]})
    p.settle(1)
    p.calendars.define("closed", 41, NEW_YEAR, since=5)
    p.commit(2)
    assert not p.scheduler.has_work(NOON + 4), "it is known when there is something to do"
    assert p.scheduler.has_work(NOON + 5)
    p.commit(5)
    assert len(p.verdicts("rescheduled")) == 1


def test_a_task_whose_required_days_are_over_waits_for_more_and_is_not_finished() -> None:
    p = PartitionHarness()
    calendar(p, 0, "open", NEW_YEAR)
    p.put(0, "hourly", {**HOURLY, "require_calendars": ["open"]})
    p.settle(1)
    p.tick(11 * HOUR + 5)
    assert p.fired("hourly")[-1] == 11 * HOUR
    assert not p.verdicts("finished")
    p.restart()
    calendar(p, 12 * HOUR, "open", THIRD)
    p.settle(12 * HOUR + 1)
    assert after_noon(last(p, "rescheduled")["next_at"]) == FIRST_OF_SECOND + DAY


def test_it_is_finished_when_its_last_time_before_its_end_is_past_whatever_the_calendar_says() -> None:
    p = PartitionHarness()
    calendar(p, 0, "open", NEW_YEAR)
    p.put(0, "ends", {**HOURLY, "end": "2026-01-02T01:30:00Z", "require_calendars": ["open"]})
    p.settle(1)
    p.tick(13 * HOUR)
    assert not p.verdicts("finished")
    p.tick(13 * HOUR + 2)
    assert last(p, "finished")["reason"] == "end"
    assert after_noon(last(p, "finished")["last_nominal"]) == 11 * HOUR
    p.put(14 * HOUR, "ends", {**HOURLY, "end": "2026-01-02T01:30:00Z", "require_calendars": ["open"]}, name="Ends")
    p.settle(14 * HOUR + 1)
    assert len(p.verdicts("finished")) == 2, "the answer says it again, as it has no next time"


def test_a_required_calendar_without_coming_days_is_refused_when_the_schedule_is_saved() -> None:
    p = PartitionHarness()
    calendar(p, 0, "past", "2025-12-24")
    p.put(0, "hourly", {**HOURLY, "require_calendars": ["past"]})
    p.settle(1)
    [error] = last(p)["errors"]
    assert error["pointer"] == "/schedule/require_calendars"
    assert "add days to one of past" in error["message"]


def test_one_handover_with_a_spread_neither_loses_nor_repeats() -> None:
    p = PartitionHarness()
    calendar(p, 0, "closed")
    p.put(0, "spread", {"cron": "* * * * *", "spread": "PT50S", "exclude_calendars": ["closed"]})
    p.settle(1)
    for at in range(2, 900, 7):
        calendar(p, at, "closed", *([] if at % 2 else ["2026-06-01"]))
        p.settle(at + 1)
    p.tick(960)
    assert p.fired("spread") == [60 * n for n in range(16)][p.fired("spread")[0] // 60 :]


def test_hashed_schedules_are_under_calendars_too() -> None:
    p = PartitionHarness()
    calendar(p, 0, "closed", NEW_YEAR)
    p.put(0, "hashed", {"cron": "H * * * *", "exclude_calendars": ["closed"]})
    p.settle(1)
    assert after_noon(last(p)["next_at"]) // HOUR == 12
    calendar(p, 2, "closed")
    p.settle(3)
    assert after_noon(last(p, "rescheduled")["next_at"]) < HOUR + 60
    p.restart()
    assert p.scheduler.state.tasks["hashed"].shared_schedule.versions == (("closed", 3),)
