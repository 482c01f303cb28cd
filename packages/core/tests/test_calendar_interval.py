"""Calendar intervals: counted from the anchor without drift, month ends, clock changes, words and errors."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tasker_core.schedules.description import describe
from tasker_core.schedules.kinds.calendar_interval import CalendarInterval
from tasker_core.schedules.schedule import NEVER, Schedule, from_json
from tasker_core.schedules.schedule_notes import notes
from tasker_core.time.zones import DAY, END_OF_TIME, first_instant, utc, zone

parse = TypeAdapter[Schedule](Schedule).validate_python
ZONES = ["UTC", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia"]


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def local_times(schedule: Schedule, after: str, count: int) -> list[str]:
    """The next times at the schedule's own clock, as `2026-01-31 09:00`."""
    at, found = second(after), list[str]()
    for _ in range(count):
        at = schedule.next_after(at)
        found.append(utc(at).astimezone(schedule.clock).strftime("%Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"every": "P3D", "anchor": "2026-02-27"}, ["2026-02-27", "2026-03-02", "2026-03-05"]),
        ({"every": "P2W", "anchor": "2026-01-02"}, ["2026-01-02", "2026-01-16", "2026-01-30"]),
        ({"every": "P1M", "anchor": "2026-01-31"}, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ({"every": "P1M", "anchor": "2028-01-30"}, ["2028-01-30", "2028-02-29", "2028-03-30"]),
        ({"every": "P1M", "anchor": "2026-01-31", "month_end": "skip"}, ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ({"every": "P5M", "anchor": "2026-01-31"}, ["2026-01-31", "2026-06-30", "2026-11-30", "2027-04-30"]),
        ({"every": "P1Y", "anchor": "2024-02-29"}, ["2026-02-28", "2027-02-28", "2028-02-29"]),
        ({"every": "P1Y", "anchor": "2024-02-29", "month_end": "skip"}, ["2028-02-29", "2032-02-29"]),
        ({"every": "P12M", "anchor": "2026-05-15"}, ["2026-05-15", "2027-05-15"]),
    ],
)
def test_counts_from_the_anchor(fields: dict[str, str], expected: list[str]) -> None:
    schedule = parse(fields | {"at": "09:00", "timezone": "Europe/Berlin"})
    assert local_times(schedule, "2026-01-01T00:00Z", len(expected)) == [f"{day} 09:00" for day in expected]


def test_it_does_not_fire_before_its_anchor_nor_after_the_end_of_time() -> None:
    schedule = parse({"every": "P1W", "at": "09:00", "anchor": "2026-01-02"})
    first = second("2026-01-02T09:00Z")
    assert schedule.next_after(0) == first
    assert schedule.previous_before(first) == -NEVER
    assert schedule.previous_before(first + 1) == first
    assert schedule.next_after(END_OF_TIME - DAY) == NEVER
    assert schedule.previous_before(NEVER) > END_OF_TIME - 8 * DAY


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"at": "02:30"}, ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]),
        ({"at": "02:30", "gap": "skip"}, ["2026-03-28T02:30:00+01:00", "2026-03-30T02:30:00+02:00"]),
    ],
)
def test_a_time_that_is_skipped(fields: dict[str, str], expected: list[str]) -> None:
    schedule = parse({"every": "P1D", "anchor": "2026-03-01", "timezone": "Europe/Berlin"} | fields)
    at, found = second("2026-03-27T12:00Z"), list[str]()
    for _ in expected:
        found.append(utc(at := schedule.next_after(at)).astimezone(zone("Europe/Berlin")).isoformat())
    assert found == expected


@pytest.mark.parametrize(("fold", "hours"), [("first", [0]), ("last", [1]), ("both", [0, 1])])
def test_a_time_that_comes_twice(fold: str, hours: list[int]) -> None:
    fields = {"every": "P1D", "at": "02:30", "anchor": "2026-03-01", "timezone": "Europe/Berlin", "fold": fold}
    schedule, at, found = parse(fields), second("2026-10-24T12:00Z"), list[int]()
    while (at := schedule.next_after(at)) < second("2026-10-25T12:00Z"):
        found.append(at)
    assert found == [second(f"2026-10-25T0{hour}:30Z") for hour in hours]


@given(
    every=st.sampled_from(["P1D", "P3D", "P2W", "P1M", "P5M", "P7M", "P1Y", "P3Y"]),
    anchor=st.dates(date(1999, 1, 1), date(2010, 12, 31)),
    minute=st.integers(0, 1439),
    timezone=st.sampled_from(ZONES),
    month_end=st.sampled_from(["last", "skip"]),
    at=st.integers(second("1998-01-01T00:00Z"), second("2030-01-01T00:00Z")),
)
def test_agrees_with_the_calendar(
    every: str, anchor: date, minute: int, timezone: str, month_end: str, at: int
) -> None:
    """The standard library's calendar, day after day, and when the clock first shows each time."""
    time = f"{minute // 60:02}:{minute % 60:02}"
    fields = {"every": every, "at": time, "timezone": timezone, "anchor": anchor.isoformat(), "month_end": month_end}
    schedule, tz = parse(fields), zone(timezone)
    walls = (
        (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY + minute * 60 for day in _days(every, anchor, month_end)
    )
    instants = [first_instant(tz, wall)[0] for wall in walls]
    assert schedule.next_after(at) == min(instant for instant in instants if instant > at)
    assert schedule.previous_before(at) == max((instant for instant in instants if instant < at), default=-NEVER)


def _days(every: str, anchor: date, month_end: str) -> list[date]:
    """The days of the series up to 2032, one after the other."""
    count, unit = int(every[1:-1]), every[-1]
    found, step = list[date](), 0
    while not found or found[-1].year < 2034:
        if unit in "DW":
            found.append(anchor + timedelta(days=step * count * (7 if unit == "W" else 1)))
        else:
            months = anchor.year * 12 + anchor.month - 1 + step * count * (12 if unit == "Y" else 1)
            year, month = divmod(months, 12)
            last = (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
            if anchor.day <= last or month_end == "last":
                found.append(date(year, month + 1, min(anchor.day, last)))
        step += 1
    return found


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"every": "P2W", "timezone": "Europe/Berlin", "anchor": "2026-01-02"},
            "Every 2 weeks on Friday at 09:00, Europe/Berlin, counted from 2 January 2026",
        ),
        ({"every": "P1D", "anchor": "2026-01-02"}, "Every day at 09:00, UTC, counted from 2 January 2026"),
        ({"every": "P3D"}, "Every 3 days at 09:00, UTC, counted from its creation"),
        (
            {"every": "P5M", "anchor": "2026-01-15"},
            "Every 5 months on day 15 at 09:00, UTC, counted from 15 January 2026",
        ),
        (
            {"every": "P1M", "anchor": "2026-01-31"},
            "Every month on day 31 or the month's last day at 09:00, UTC, counted from 31 January 2026",
        ),
        (
            {"every": "P1M", "anchor": "2026-01-31", "month_end": "skip"},
            "Every month on day 31, only where there is that day, at 09:00, UTC, counted from 31 January 2026",
        ),
        (
            {"every": "P1Y", "anchor": "2026-05-31"},
            "Every year on 31 May at 09:00, UTC, counted from 31 May 2026",
        ),
        (
            {"every": "P1M", "start": "2026-06-01T12:00Z", "max_runs": 3},
            "Every month on day 1 at 09:00, UTC, counted from 1 June 2026, from 1 June 2026 at 12:00 on, "
            "at most 3 times",
        ),
    ],
)
def test_words(fields: dict[str, object], words: str) -> None:
    assert describe(parse({"at": "09:00"} | fields)) == words


def test_notes_name_the_months_that_are_too_short() -> None:
    monthly = {"every": "P1M", "at": "09:00", "anchor": "2026-01-31"}
    now = second("2026-01-01T00:00Z")
    assert notes(parse(monthly), now) == [
        "months without a day 31 have it on their last day: 2026-02-28, 2026-04-30, 2026-06-30 and so on"
    ]
    assert notes(parse(monthly | {"month_end": "skip"}), now) == [
        "months without a day 31 are left out: 2026-02, 2026-04, 2026-06 and so on"
    ]
    assert notes(parse(monthly | {"anchor": "2026-01-28", "month_end": "skip"}), now) == [
        "month_end makes no difference here"
    ]
    assert notes(parse({"every": "P1Y", "at": "09:00", "anchor": "2026-01-31"}), now) == []


@pytest.mark.parametrize(
    ("fields", "place", "said"),
    [
        ({"every": "P1M"}, "every", "give `at`"),
        ({"every": "P1Y", "timezone": "Europe/Berlin"}, "every", "give `at`"),
        ({"every": "P1D", "timezone": "Europe/Berlin"}, "timezone", "give `at`"),
        ({"every": "P1D", "month_end": "last"}, "month_end", "give `at`"),
        ({"every": "PT15M", "at": "09:00"}, "every", "leave `at` out"),
        ({"every": "P1M15D", "at": "09:00"}, "every", "give one, such as P3D"),
        ({"every": "P0D", "at": "09:00"}, "every", "not within 1 to"),
        ({"every": "P101Y", "at": "09:00"}, "every", "not within 1 to 100"),
        ({"every": "P1D", "at": "9:00"}, "at", "write it like 09:00"),
        ({"every": "P1D", "at": "24:00"}, "at", "write it like 09:00"),
        ({"every": "P1D", "at": "2026-01-01T09:00Z"}, "at", "not a time of the day"),
        ({"every": "P1D", "at": "09:00", "anchor": "2026-02-30"}, "anchor", "does not exist"),
        ({"every": "P1D", "at": "09:00", "anchor": "2026-01-01T00:00Z"}, "anchor", "give the local date"),
        ({"every": "P1D", "at": "09:00", "anchor": "2300-01-01"}, "anchor", "1970 to 2199"),
        ({"every": "P1D", "at": "09:00", "timezone": "Berlin"}, "timezone", "Europe/Berlin"),
        ({"every": "P1M", "at": "09:00", "month_end": "first"}, "month_end", "'last' or 'skip'"),
    ],
)
def test_errors_lie_at_the_field(fields: dict[str, object], place: str, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parse(fields)
    assert [error["loc"] for error in caught.value.errors()] == [(place,)]
    assert said in caught.value.errors()[0]["msg"]


def test_what_is_stored_reads_back() -> None:
    read = parse({"every": "p2w", "at": "09:00", "anchor": "2026-01-02", "max_runs": 3})
    text = read.model_dump_json(exclude_none=True).encode()
    assert text == (
        b'{"every":"P2W","at":"09:00","timezone":"UTC","anchor":"2026-01-02","month_end":"last","gap":"shift",'
        b'"fold":"first","max_runs":3}'
    )
    assert from_json(text) == read
    assert isinstance(read, CalendarInterval)
