"""Calendar intervals over decades: each of their days, in each zone, counted from the anchor without drift."""

from datetime import date, datetime, timedelta
from itertools import islice, pairwise

import pytest

from tasker_cli.verify.enumeration.calendar_days import MonthEnd, days
from tasker_cli.verify.enumeration.local_clock import fires_at, read
from tasker_cli.verify.enumeration.nominal_times import Written
from tasker_core.schedules.schedule import NEVER
from tests.schedules.clock_changes import ZONES, midnight
from tests.schedules.engine_walk import bare_walk, parse

ANCHORS = ("2020-01-31", "2020-02-29", "2020-12-30", "2019-08-28")
END = midnight(date(2062, 1, 1))


@pytest.mark.parametrize("zone", ZONES)
def test_months_and_years(zone: str) -> None:
    for anchor in ANCHORS:
        for every in ("P1M", "P5M", "P12M", "P1Y", "P3Y", "P4Y"):
            for month_end in ("last", "skip"):
                _check(zone, anchor, every, "00:30", month_end)


@pytest.mark.parametrize("zone", ZONES)
def test_days_and_weeks(zone: str) -> None:
    for every in ("P3D", "P2W", "P7W", "P400D"):
        _check(zone, "2009-12-29", every, "02:30", "last")


def _check(zone: str, anchor: str, every: str, at: str, month_end: MonthEnd) -> None:
    written: Written = {"every": every, "at": at, "timezone": zone, "anchor": anchor, "month_end": month_end}
    clock = datetime.strptime(at, "%H:%M").time()  # noqa: DTZ007 -- local
    listed = (datetime.combine(day, clock) for day in days(date.fromisoformat(anchor), every, month_end))
    expected = [fires_at(zone, local, "shift", "first")[0] for local in islice(listed, 600)]
    found = bare_walk(parse(written), 0, min(END, expected[-1] + 1))
    assert found == [second for second in expected if second < END]


@pytest.mark.parametrize("every", ["P1D", "P1W", "P1M", "P5M", "P1Y", "P7Y"])
def test_the_end_of_time(every: str) -> None:
    written = {"every": every, "at": "12:00", "timezone": "Europe/Berlin", "anchor": "1970-01-31"}
    schedule = parse(written)
    last = list(days(date(1970, 1, 31), every, "last"))[-1]
    second = schedule.previous_before(NEVER)
    assert read("Europe/Berlin", second) == datetime.combine(last, datetime.min.time()) + timedelta(hours=12)
    assert schedule.next_after(second) == NEVER
    assert schedule.next_after(-NEVER) == midnight(date(1970, 1, 31)) + 11 * 3600
    assert schedule.previous_before(midnight(date(1970, 1, 31))) == -NEVER


def test_every_second_friday() -> None:
    schedule = parse({"every": "P2W", "at": "09:00", "timezone": "Europe/Berlin", "anchor": "2026-01-02"})
    found = bare_walk(schedule, midnight(date(2026, 1, 1)), midnight(date(2027, 1, 1)))
    local = [read("Europe/Berlin", at) for at in found]
    assert {(at.isoweekday(), at.hour) for at in local} == {(5, 9)}
    assert {b.date() - a.date() for a, b in pairwise(local)} == {timedelta(days=14)}
    assert len(local) == 26
