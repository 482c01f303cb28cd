"""The enumeration itself: where it is certain, and two ways to read a clock agree."""

from datetime import date, timedelta

import pytest

from tasker_cli.verify.enumeration.calendar_days import days, days_within
from tasker_cli.verify.enumeration.cron_reading import cron_reading
from tasker_cli.verify.enumeration.local_clock import fires_at, readings
from tasker_cli.verify.enumeration.nominal_times import nominal_times
from tests.schedules.clock_changes import CHANGES, DAY, ZONES, ClockChange, midnight

YEAR = midnight(date(2026, 1, 1))


def test_each_zone_goes_forward_and_back() -> None:
    forward, back = set[str](), set[str]()
    for change in CHANGES:
        clock = readings(change.zone, change.midnight - DAY, change.midnight + 2 * DAY)
        gap, fold = bool(clock.jumps), any(len(shown) > 1 for shown in clock.instants.values())
        assert gap != fold, change
        (forward if gap else back).add(change.zone)
    assert len(forward | back | {"UTC"}) == len(ZONES) == 15
    assert forward - back == {"Asia/Kathmandu"}
    assert back <= forward


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_two_ways_to_read_a_clock_agree(change: ClockChange) -> None:
    clock = readings(change.zone, change.midnight - 2 * DAY, change.midnight + 3 * DAY)
    within = [local for local in clock.instants if abs(local.date() - change.day) <= timedelta(days=1)]
    for local in within[::7]:
        shown = clock.instants[local]
        assert fires_at(change.zone, local, "shift", "both") == tuple(shown)
        assert fires_at(change.zone, local, "skip", "first") == (shown[0],)
        assert fires_at(change.zone, local, "skip", "last") == (shown[-1],)
    for jump in clock.jumps:
        for local in jump.skipped[::7]:
            assert fires_at(change.zone, local, "shift", "both") == (jump.instant,)
            assert fires_at(change.zone, local, "skip", "both") == ()


def test_days_of_calendar_intervals() -> None:
    begin, end = date(2026, 1, 1), date(2026, 7, 1)
    last = days_within(date(2026, 1, 31), "P1M", "last", begin, end)
    assert [day.day for day in last] == [31, 28, 31, 30, 31, 30]
    assert [day.month for day in days_within(date(2026, 1, 31), "P1M", "skip", begin, end)] == [1, 3, 5]
    leap = days_within(date(2024, 2, 29), "P1Y", "skip", begin, date(2110, 1, 1))
    assert [day.year for day in leap] == [*range(2028, 2100, 4), 2104, 2108]
    fridays = list(days(date(2026, 1, 2), "P2W", "last"))
    assert {day.isoweekday() for day in fridays} == {5}
    assert fridays[-1].year == 2199


@pytest.mark.parametrize(
    ("expression", "month", "expected"),
    [
        ("0 9 15W * ?", date(2026, 2, 1), [16]),  # the 15th is a Sunday
        ("0 9 15W * ?", date(2026, 8, 1), [14]),  # a Saturday
        ("0 9 1W * ?", date(2026, 8, 1), [3]),  # a Saturday, and the month has no day before it
        ("0 9 31W * ?", date(2026, 5, 1), [29]),  # a Sunday, and none after it
        ("0 9 LW * ?", date(2026, 5, 1), [29]),
        ("0 9 L-3 * ?", date(2026, 2, 1), [25]),
        ("0 9 ? * 1/2", date(2026, 2, 1), [d for d in range(1, 29) if d % 7 in (1, 2, 4, 6)]),
        ("0 0 9 13 2 FRI 2026", date(2026, 2, 1), [6, 13, 20, 27]),
        ("0 0 9 13 2 FRI 2027", date(2026, 2, 1), []),
    ],
)
def test_days_of_expressions(expression: str, month: date, expected: list[int]) -> None:
    cron = cron_reading(expression)
    of_month = [month + timedelta(days=n) for n in range(31)]
    assert [day.day for day in of_month if day.month == month.month and cron.on_day(day)] == expected


def test_what_several_have_is_one() -> None:
    written = {
        "any": [{"cron": "0 9 * * *"}, {"every": "P1D", "at": "08:00", "timezone": "UTC", "anchor": "2026-01-01"}],
        "timezone": "Europe/Berlin",
        "exclude": ["2026-01-02"],
    }
    found = nominal_times(written, YEAR, YEAR + 3 * DAY)
    assert found == [YEAR + 8 * 3600, YEAR + 2 * DAY + 8 * 3600]
    assert nominal_times({"manual": True}, YEAR, YEAR + DAY) == []
