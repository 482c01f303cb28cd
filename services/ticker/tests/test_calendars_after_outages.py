"""What becomes of changed calendars in a partition that catches up: each change takes its place in time."""

from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.testing.partition_harness import PartitionHarness, after_noon

NEW_YEAR = "2026-01-01"


def test_after_an_outage_a_change_takes_its_place_in_time() -> None:
    p = PartitionHarness(limits=SchedulingLimits(handovers=1))
    p.calendars.define("closed", 40)
    options = {"exclude_calendars": ["closed"]}
    for name in ("a", "b"):
        p.put(0, name, {"cron": "* * * * *", **options}, misfire={"policy": "all"})
    p.settle(1)
    p.calendars.define("closed", 41, NEW_YEAR, since=150)
    p.restart()
    p.settle(1000)
    for name in ("a", "b"):
        assert p.missed(name) == [(60, 120, "changed")]
        assert p.fired(name, "due-background") == [] == p.fired(name), "from 150 s on the day is left out"
    assert {after_noon(v["since"]) for v in p.verdicts("rescheduled")} == {150}


def test_also_what_is_less_late_is_decided_by_the_days_of_its_time() -> None:
    p = PartitionHarness()
    p.calendars.define("closed", 40)
    p.put(0, "task", {"cron": "* * * * * *", "exclude_calendars": ["closed"]})
    p.settle(1)
    p.calendars.define("closed", 41, NEW_YEAR, since=4)
    p.restart()
    p.settle(8)
    assert p.fired("task") == [2, 3, 4]


def test_in_a_recovery_events_and_changed_calendars_come_in_the_order_of_time() -> None:
    p = PartitionHarness()
    p.calendars.define("closed", 40)
    p.put(0, "task", {"cron": "* * * * *", "exclude_calendars": ["closed"]})
    p.settle(1)
    p.calendars.define("closed", 41, NEW_YEAR, since=150)
    p.send(300, type="pause", task_id="task")
    p.restart()
    p.settle(1000, recovering=True)
    assert [after_noon(v["since"]) for v in p.verdicts("rescheduled")] == [150]
    assert p.missed("task") == [(60, 120, "changed")], "nothing is open when it is paused"


def test_after_an_outage_those_that_were_left_are_handed_over_before_the_time_moves_on() -> None:
    p = PartitionHarness(limits=SchedulingLimits(handovers=1))
    p.calendars.define("closed", 40)
    for number in range(3):
        p.put(0, f"task-{number}", {"cron": "* * * * *", "exclude_calendars": ["closed"]}, misfire={"policy": "all"})
    p.settle(1)
    p.calendars.define("closed", 41, NEW_YEAR, since=2)
    p.commit(2)
    assert len(p.verdicts("rescheduled")) == 1, "then its owner dies"
    p.restart()
    p.settle(1000)
    assert [after_noon(v["since"]) for v in p.verdicts("rescheduled")] == [2, 2, 2]
    for number in range(3):
        assert p.missed(f"task-{number}") == [], "the day has been left out since before the outage"
        assert p.fired(f"task-{number}", "due-background") == []


def test_a_second_once_begun_is_finished_before_tasks_are_handed_over() -> None:
    p = PartitionHarness(limits=SchedulingLimits(batch_runs=1))
    p.calendars.define("closed", 40)
    for name in ("a", "b"):
        p.put(0, name, {"cron": "* * * * * *", "exclude_calendars": ["closed"]}, misfire={"policy": "none"})
    p.settle(0)
    p.commit(1)
    assert p.fired("a") == [1], "the second is cut, and b is left"
    assert p.fired("b") == []
    p.calendars.define("closed", 41, NEW_YEAR, since=0)
    p.restart()
    p.settle(100)
    assert {v["task_id"]: after_noon(v["since"]) for v in p.verdicts("rescheduled")} == {"a": 1, "b": 1}
    assert p.missed("b") == [(1, 1, "changed")]


def test_in_a_recovery_a_calendar_holds_for_what_is_effective_before_the_next_event() -> None:
    p = PartitionHarness()
    p.send(0, type="calendar", calendar={"name": "closed", "days": []})
    p.put(0, "task", {"cron": "* * * * *", "exclude_calendars": ["closed"]}, misfire={"policy": "all"})
    p.settle(1)
    p.send(30, type="calendar", calendar={"name": "closed", "days": [NEW_YEAR]})
    p.send(300, type="trigger", task_id="task")
    p.restart()
    p.settle(1000, recovering=True)
    assert [after_noon(v["since"]) for v in p.verdicts("rescheduled")] == [30]
    assert p.missed("task") == []
    assert p.fired("task", "due-background") == []


def test_an_edit_before_a_change_holds_leaves_a_task_under_the_days_of_then() -> None:
    p = PartitionHarness()
    p.calendars.define("closed", 40)
    schedule = {"cron": "* * * * *", "exclude_calendars": ["closed"]}
    p.put(0, "task", schedule, misfire={"policy": "all"})
    p.settle(1)
    p.calendars.define("closed", 41, NEW_YEAR, since=400)
    p.put(100, "task", schedule, name="edited", misfire={"policy": "all"})
    p.restart()
    p.settle(1000, recovering=True)
    assert p.verdicts()[-1]["calendars"] == {"closed": 40}
    assert [after_noon(v["since"]) for v in p.verdicts("rescheduled")] == [400]
    assert p.missed("task") == [(60, 360, "changed")]
