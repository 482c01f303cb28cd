"""Once, cron and interval: instants, locations of errors, notes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from tasker_core.schedules.anchors import anchored
from tasker_core.schedules.kinds.cron import Cron
from tasker_core.schedules.kinds.interval import Interval
from tasker_core.schedules.kinds.once import Once
from tasker_core.schedules.schedule import (
    NEVER,
    Schedule,
    from_json,
)
from tasker_core.schedules.schedule_notes import notes
from tasker_core.time.zones import END_OF_TIME


class Holder(BaseModel):
    schedule: Schedule


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def parsed(**schedule: object) -> Schedule:
    return Holder.model_validate({"schedule": schedule}).schedule


def wrong(schedule: object) -> dict[tuple[int | str, ...], str]:
    with pytest.raises(ValidationError) as caught:
        Holder.model_validate({"schedule": schedule})
    return {error["loc"]: error["msg"] for error in caught.value.errors()}


@pytest.mark.parametrize(
    ("at", "timezone", "expected"),
    [
        ("2026-12-24T18:00:00+01:00", None, "2026-12-24T17:00:00+00:00"),
        ("2026-12-24T17:00Z", None, "2026-12-24T17:00:00+00:00"),
        ("2026-12-24 17:00:00.000z", None, "2026-12-24T17:00:00+00:00"),
        ("2026-12-24T17:00:00.000000001Z", None, "2026-12-24T17:00:01+00:00"),
        ("2026-12-31T23:59:59.5Z", None, "2027-01-01T00:00:00+00:00"),
        ("2026-12-24T18:00", "Europe/Berlin", "2026-12-24T17:00:00+00:00"),
        ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:00:00+00:00"),
        ("2026-03-29T01:59:59.1", "Europe/Berlin", "2026-03-29T01:00:00+00:00"),
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00+00:00"),
        ("2011-12-30T12:00", "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
    ],
)
def test_once(at: str, timezone: str | None, expected: str) -> None:
    schedule = parsed(at=at, timezone=timezone)
    assert isinstance(schedule, Once)
    assert schedule.second == second(expected)
    assert schedule.next_after(schedule.second - 1) == schedule.second == schedule.previous_before(schedule.second + 1)
    assert schedule.next_after(schedule.second) == NEVER
    assert schedule.previous_before(schedule.second) == -NEVER


@pytest.mark.parametrize(
    ("schedule", "field", "said"),
    [
        ({"at": "2026-12-24T18:00"}, "at", "add an offset or a timezone"),
        ({"at": "2026-12-24T18:00Z", "timezone": "UTC"}, "at", "has an offset already"),
        ({"at": "2026-02-30T18:00Z"}, "at", "does not exist: day is out of range"),
        ({"at": "2026-12-24T24:00Z"}, "at", "does not exist: hour must be"),
        ({"at": "2026-12-24T23:59:60Z"}, "at", "does not exist: second must be"),
        ({"at": "1969-12-31T23:59:59Z"}, "at", "not within 1970 to 2199"),
        ({"at": "2199-12-31T23:59:59.1Z"}, "at", "not within 1970 to 2199"),
        ({"at": "tomorrow"}, "at", "write it like 2026-12-24T18:00:00+01:00"),
        ({"at": "2026-12-24"}, "at", "write it like"),
        ({"at": 1_800_000_000}, "at", "valid string"),
        ({"at": "2026-12-24T18:00", "timezone": "Berlin"}, "timezone", "did you mean 'Europe/Berlin'"),
        ({"cron": "0 24 * * *"}, "cron", "hour: 24 is out of range"),
        ({"cron": "@daily", "timezone": "../UTC"}, "timezone", "unknown time zone"),
        ({"cron": "@daily", "timezone": None}, "timezone", "valid string"),
        ({"cron": "@daily", "gap": "move"}, "gap", "'shift' or 'skip'"),
        ({"cron": "@daily", "anchor": "x"}, "anchor", "Extra inputs"),
        ({"every": "P1M"}, "every", "years and months"),
        ({"every": "PT0.5S"}, "every", "shorter than one second"),
        ({"every": "PT1.5S"}, "every", "not a whole number of seconds"),
        ({"every": -5}, "every", "negative"),
        ({"every": 60, "anchor": "2026-12-24T18:00"}, "anchor", "add an offset"),
    ],
)
def test_errors_lie_at_the_field(schedule: dict[str, object], field: str, said: str) -> None:
    errors = wrong(schedule)
    assert list(errors) == [("schedule", field)]
    assert said in errors["schedule", field]


@pytest.mark.parametrize(
    ("schedule", "given"),
    [
        ({}, ""),
        ({"timezone": "UTC"}, ""),
        ({"at": "", "cron": ""}, "; here are at and cron"),
        ({"manual": True, "every": 5}, "; here are every and manual"),
    ],
)
def test_exactly_one_kind(schedule: dict[str, object], given: str) -> None:
    assert wrong(schedule) == {("schedule",): f"Value error, give exactly one of at, cron, every, any, manual{given}"}


@pytest.mark.parametrize("schedule", [None, "@daily", 5, ["@daily"]])
def test_only_objects(schedule: object) -> None:
    assert wrong(schedule) == {
        ("schedule",): "Value error, give an object with exactly one of at, cron, every, any, manual"
    }


@pytest.mark.parametrize("name", ["start", "end", "max_runs", "exclude"])
def test_a_one_time_schedule_takes_no_options_of_recurring_ones(name: str) -> None:
    errors = wrong({"at": "2026-12-24T18:00Z", name: None})
    assert errors == {
        ("schedule", name): f"a one-time schedule has a single occurrence and takes no {name}; leave it out"
    }


@pytest.mark.parametrize("kind", [{"cron": "@daily", "timezone": "Europe/Berlin"}, {"every": "PT1H"}])
@pytest.mark.parametrize(
    ("options", "place", "said"),
    [
        ({"start": "2026-02-30T00:00Z"}, ("start",), "does not exist"),
        ({"end": "soon"}, ("end",), "write it like"),
        ({"start": "2026-01-02T00:00Z", "end": "2026-01-01T00:00Z"}, ("end",), "lies before the start"),
        ({"start": "2026-01-01T00:00:00.5Z", "end": "2026-01-01T00:00:00.9Z"}, ("end",), "lies before the start"),
        ({"max_runs": 0}, ("max_runs",), "greater than or equal to 1"),
        ({"exclude": ["@daily", "0 25 * * *"]}, ("exclude", 1), "hour: 25 is out of range"),
        ({"exclude": ["2026-02-29"]}, ("exclude", 0), "does not exist"),
        ({"exclude": ["2026-01-02/2026-01-01"]}, ("exclude", 0), "write 2026-01-01/2026-01-02"),
        ({"exclude": ["2026-01-01T00:00Z"]}, ("exclude", 0), "neither a date"),
        ({"exclude": [20260101]}, ("exclude", 0), "valid string"),
        ({"exclude": ["2026-01-01"] * 51}, ("exclude",), "at most 50"),
        ({"spread": "PT0S"}, ("spread",), "at least PT1S"),
        ({"spread": "PT1.5S"}, ("spread",), "whole number of seconds"),
        ({"spread": "P1DT1S"}, ("spread",), "at most P1D"),
        ({"colour": "red"}, ("colour",), "Extra inputs"),
    ],
)
def test_options_that_are_refused(
    kind: dict[str, object], options: dict[str, object], place: tuple[str | int, ...], said: str
) -> None:
    errors = wrong(kind | options)
    assert list(errors) == [("schedule", *place)]
    assert said in errors["schedule", *place]


def test_bounds_are_at_the_clock_of_the_schedule_or_have_an_offset() -> None:
    berlin = parsed(cron="@daily", timezone="Europe/Berlin", start="2026-01-01T00:00", end="2026-07-01T00:00:00.9")
    assert berlin.bounds == (second("2025-12-31T23:00+00:00"), second("2026-06-30T22:00+00:00"))
    assert parsed(every=60, start="2026-01-01T00:00:00.1Z").bounds[0] == second("2026-01-01T00:00:01+00:00")
    assert wrong({"every": 60, "start": "2026-01-01T00:00"})["schedule", "start"].endswith(
        "add an offset or a timezone"
    )
    assert "meant is 03:00+02:00" in notes(parsed(cron="@daily", timezone="Europe/Berlin", end="2026-03-29T02:30"))[0]


def test_canonical_json_reads_back_without_the_union() -> None:
    for schedule in ({"at": "2026-12-24T18:00Z"}, {"cron": "@daily", "exclude": ["* * * * 6"]}, {"every": 60}):
        read = parsed(**schedule)
        assert from_json(read.model_dump_json(exclude_none=True).encode()) == read


def test_two_wrong_fields_are_both_told() -> None:
    assert set(wrong({"cron": "x", "timezone": "y"})) == {("schedule", "cron"), ("schedule", "timezone")}


def test_cron() -> None:
    schedule = parsed(cron="30 2 * * *", timezone="Europe/Berlin", fold="last")
    assert schedule == Cron(cron="30 2 * * *", timezone="Europe/Berlin", fold="last")
    fold = second("2026-10-25T02:30:00+01:00")
    assert schedule.next_after(second("2026-10-25T00:00:00+02:00")) == fold
    assert schedule.previous_before(fold + 1) == fold
    assert parsed(cron="@daily").next_after(0) == 86_400


def test_interval() -> None:
    schedule = parsed(every="PT15M", anchor="2026-01-01T00:00:00.5+01:00")
    anchor = second("2025-12-31T23:00:01+00:00")
    assert schedule.next_after(0) == schedule.next_after(anchor - 1) == anchor
    assert schedule.next_after(anchor) == anchor + 900 == schedule.next_after(anchor + 899)
    assert schedule.previous_before(anchor) == -NEVER
    assert schedule.previous_before(anchor + 1) == anchor == schedule.previous_before(anchor + 900)
    assert schedule.next_after(END_OF_TIME) == NEVER
    assert END_OF_TIME - 900 <= schedule.previous_before(NEVER) < END_OF_TIME


def test_interval_is_counted_from_creation() -> None:
    schedule = Interval(every=timedelta(hours=1))
    with pytest.raises(ValueError, match="no anchor yet"):
        schedule.next_after(0)
    with pytest.raises(ValueError, match="no anchor yet"):
        schedule.previous_before(0)
    counted = anchored(schedule, 1_800_000_123)
    assert counted.next_after(1_800_000_123) == 1_800_003_723
    assert anchored(counted, 5) is counted
    assert Holder.model_validate({"schedule": counted.model_dump()}).schedule == counted


@given(st.integers(1, 10**8), st.integers(0, 4 * 10**9), st.integers(0, 4 * 10**9))
def test_interval_forth_and_back(step: int, anchor: int, at: int) -> None:
    schedule = anchored(Interval(every=timedelta(seconds=step)), anchor)
    after = schedule.next_after(at)
    assert after > at
    assert (after - anchor) % step == 0
    assert after == anchor or after - step <= at
    assert schedule.previous_before(after + 1) == after


@pytest.mark.parametrize(
    "schedule",
    [
        {"at": "2026-12-24T18:00:00+01:00", "timezone": None},
        {"at": "2026-12-24T18:00", "timezone": "Europe/Berlin"},
        {"cron": "0 9 * * 1-5", "timezone": "UTC", "gap": "skip", "fold": "both"},
        {"every": "PT15M", "anchor": None},
        {"every": "PT15M", "anchor": None, "start": "2026-12-24T17:00Z", "max_runs": 3, "spread": "PT5M"},
        {"cron": "@daily", "timezone": "UTC", "gap": "shift", "fold": "first", "exclude": ["2026-12-24", "* 1 * * *"]},
    ],
)
def test_written_reads_back(schedule: dict[str, object]) -> None:
    adapter: TypeAdapter[Schedule] = TypeAdapter(Schedule)
    read = adapter.validate_python(schedule)
    assert adapter.dump_python(read, mode="json") == schedule
    assert adapter.validate_json(adapter.dump_json(read)) == read
    assert hash(read) == hash(adapter.validate_python(schedule))


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (
            {"at": "2026-03-29T02:30", "timezone": "Europe/Berlin"},
            ["02:30 does not exist on 2026-03-29 in Europe/Berlin; it fires at 03:00+02:00"],
        ),
        (
            {"at": "2026-10-25T02:30", "timezone": "Europe/Berlin"},
            ["02:30 comes twice on 2026-10-25 in Europe/Berlin; it fires at the first, 02:30+02:00"],
        ),
        ({"at": "2026-10-25T12:30", "timezone": "Europe/Berlin"}, []),
        ({"at": "2026-10-25T12:30Z"}, []),
        ({"every": "PT15M"}, []),
        ({"cron": "30 2 * * *", "timezone": "Europe/Berlin", "fold": "last"}, []),
        (
            {"cron": "0 0 13 * 5"},
            ["day-of-month and weekday are both restricted: a day matches if either does"],
        ),
    ],
)
def test_notes(schedule: dict[str, object], expected: list[str]) -> None:
    assert notes(parsed(**schedule)) == expected


def test_a_note_tells_options_without_effect() -> None:
    assert "make no difference" in notes(parsed(cron="*/5 * * * *", gap="skip"))[0]
    assert notes(parsed(cron="*/5 * * * *")) == []


def test_the_answer_does_not_depend_on_how_far_back_one_asks() -> None:
    schedule = parsed(cron="0 0 29 2 *", timezone="Asia/Kolkata")
    leap = int(datetime(2028, 2, 28, 18, 30, tzinfo=UTC).timestamp())
    assert {schedule.next_after(second(f"{year}-03-01T00:00:00+00:00")) for year in (2024, 2025, 2026, 2027)} == {leap}
