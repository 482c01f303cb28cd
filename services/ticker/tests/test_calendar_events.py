"""The events that define and delete calendars, and what they mean for tasks that name them."""

from typing import Any

import pytest

from tasker_ticker.testing.partition_harness import PartitionHarness, after_noon

HOURLY = {"cron": "0 * * * *"}
NEW_YEAR, SECOND, THIRD = "2026-01-01", "2026-01-02", "2026-01-03"
FIRST_OF_SECOND = 12 * 3600
"""The first hour of 2 January."""


def calendar(p: PartitionHarness, at: float, name: str, *days: str, **event: Any) -> None:
    p.send(at, type="calendar", calendar={"name": name, "days": list(days)}, **event)


def last(p: PartitionHarness, kind: str = "verdict") -> dict[str, Any]:
    return p.verdicts(kind)[-1]


def test_the_answer_bears_the_calendar_and_its_version() -> None:
    p = PartitionHarness()
    calendar(p, 0, "closed", THIRD, NEW_YEAR, NEW_YEAR, id="first")
    p.settle(1)
    answer = last(p)
    assert answer["event_type"] == "calendar"
    assert answer["task_id"] == "closed"
    assert answer["version"] == 1
    assert answer["calendar"] == {"name": "closed", "description": "", "days": [NEW_YEAR, THIRD]}
    calendar(p, 1, "closed", NEW_YEAR, id="first")
    p.settle(2)
    assert last(p)["verdict"] == "superseded"


@pytest.mark.parametrize(
    ("event", "pointer", "words"),
    [
        ({"name": "a b", "days": []}, "/calendar/name", "is no name of a calendar"),
        ({"name": "x", "days": ["2026-02-30"]}, "/calendar/days/0", "does not exist"),
        ({"name": "x", "days": ["0 0 * * *"]}, "/calendar/days/0", "neither a date"),
        ({"name": "x", "days": ["2026-01-02/2026-01-01"]}, "/calendar/days/0", "write 2026-01-01/2026-01-02"),
        ({"name": "x"}, "/calendar/days", "required"),
        ({"name": "x", "days": [], "colour": "red"}, "/calendar/colour", "unknown field"),
        ({"name": "x", "days": ["2026-01-01"] * 2_001}, "/calendar/days", "at most 2,000"),
    ],
)
def test_what_is_no_calendar_is_refused_with_its_place(event: dict[str, Any], pointer: str, words: str) -> None:
    p = PartitionHarness()
    p.send(0, type="calendar", calendar=event)
    p.settle(1)
    [error] = last(p)["errors"]
    assert error["pointer"] == pointer
    assert words in error["message"]


def test_a_task_of_the_same_name_has_nothing_to_do_with_a_calendar() -> None:
    p = PartitionHarness()
    p.put(0, "both", HOURLY, id="x")
    calendar(p, 0, "both", NEW_YEAR, id="x")
    p.send(0, type="calendar-delete", calendar="both")
    p.settle(1)
    assert [v["verdict"] for v in p.verdicts()] == ["accepted", "accepted", "accepted"]
    assert "both" in p.scheduler.state.tasks


def test_an_unknown_calendar_is_refused_with_the_known_ones() -> None:
    p = PartitionHarness()
    p.calendars.define("elsewhere", 7, NEW_YEAR)
    calendar(p, 0, "closed", NEW_YEAR)
    p.put(0, "hourly", {**HOURLY, "exclude_calendars": ["closed", "clsoed"]})
    p.settle(1)
    [error] = last(p)["errors"]
    assert error["pointer"] == "/schedule/exclude_calendars/1"
    assert "'clsoed' (known: closed, elsewhere)" in error["message"]
    assert not [key for key in p.stored if key.startswith("calendar-version")]


def test_a_deleted_calendar_stays_with_the_tasks_that_are_under_it_and_with_no_others() -> None:
    p = PartitionHarness()
    calendar(p, 0, "closed", NEW_YEAR)
    p.put(0, "hourly", {**HOURLY, "exclude_calendars": ["closed"]})
    p.send(1, type="calendar-delete", calendar="closed")
    p.settle(2)
    assert last(p)["verdict"] == "accepted"
    p.restart()
    p.put(3, "other", {**HOURLY, "exclude_calendars": ["closed"]})
    p.put(3, "hourly", {**HOURLY, "exclude_calendars": ["closed"]}, name="Hourly")
    p.put(3, "hourly", {"cron": "30 * * * *", "exclude_calendars": ["closed"]})
    p.settle(4)
    refused, renamed, moved = p.verdicts()[-3:]
    assert "there is no calendar 'closed' (there is none yet)" in refused["errors"][0]["message"]
    assert renamed["calendars"] == moved["calendars"] == {"closed": 1}
    assert after_noon(moved["next_at"]) == FIRST_OF_SECOND + 1800
    calendar(p, 5, "closed", SECOND)
    p.settle(6)
    assert last(p, "rescheduled")["calendar_version"] == 7
    assert after_noon(last(p, "rescheduled")["next_at"]) == 1800


def test_versions_guard_a_calendar_as_they_guard_a_task() -> None:
    p = PartitionHarness()
    calendar(p, 0, "closed", NEW_YEAR, if_version=0)
    calendar(p, 0, "closed", SECOND, if_version=0)
    calendar(p, 0, "closed", SECOND, if_version=1)
    p.send(0, type="calendar-delete", calendar="closed", if_version=1)
    p.send(0, type="calendar-delete", calendar="unknown")
    p.settle(1)
    assert [v["verdict"] for v in p.verdicts()] == ["accepted", "rejected", "accepted", "rejected", "rejected"]
    assert [e["message"] for v in p.verdicts() for e in v.get("errors", [])] == [
        "the calendar is at version 1, not 0",
        "the calendar is at version 3, not 1",
        "there is no such calendar",
    ]


def test_a_forwarded_event_that_is_older_changes_nothing() -> None:
    p = PartitionHarness()
    calendar(p, 5, "closed", NEW_YEAR)
    p.append(3, {"type": "calendar", "calendar": {"name": "closed", "days": [SECOND]}}, origin=(3, 9))
    p.send(6, type="calendar-delete", calendar="closed")
    p.append(4, {"type": "calendar", "calendar": {"name": "closed", "days": [SECOND]}}, origin=(3, 10))
    p.settle(7)
    assert [v["verdict"] for v in p.verdicts()] == ["accepted", "superseded", "accepted", "superseded"]
    assert p.calendars.find_calendar("closed") is None
