"""The days of cron expressions, one after the other over decades; and H, whose value only the task's id decides."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_cli.verify.enumeration.cron_reading import cron_reading, without_hashes
from tasker_cli.verify.enumeration.nominal_times import bare_times
from tasker_core.cron.hashes import resolve_hashes
from tasker_core.schedules.schedule import for_task
from tests.schedules.clock_changes import DAY, midnight
from tests.schedules.engine_walk import bare_walk, parse

FIRST, LAST = date(2023, 12, 31), date(2053, 1, 1)
DATES = ("L", "L-1", "L-3", "L-29", "L-30", "LW", "1W", "2W", "15W", "28W", "29W", "30W", "31W", "1W,LW,L-15,16")
WEEKDAYS = ("1/2", "MON/2", "FRI/3", "0/5", "6/2", "5-7", "FRI-MON", "SAT-TUE/2", "7", "0,7", "SUNL,1#5", "FRI#2,5L")


def check(expression: str) -> None:
    cron, number = cron_reading(expression), (LAST - FIRST).days
    expected = [midnight(day) for n in range(number) if cron.on_day(day := FIRST + timedelta(days=n))]
    assert bare_walk(parse({"cron": expression}), midnight(FIRST), midnight(LAST)) == expected
    assert expected


@pytest.mark.parametrize("dates", DATES)
def test_days_of_the_month(dates: str) -> None:
    longest = {"2 *": 29, "4,6,9,11 ?": 30}
    needed = max(int(part) for part in re.findall(r"\d+", dates) or "1") + dates.startswith("L-")
    for rest in ("* ?", "2 *", "* MON-FRI", "4,6,9,11 ?"):
        if "," in dates or needed <= longest.get(rest, 31):
            check(f"0 0 {dates} {rest}")


@pytest.mark.parametrize("weekdays", WEEKDAYS)
def test_weekdays(weekdays: str) -> None:
    for rest in ("* *", "? *", "*/7 *", "13 *", "LW 2"):
        check(f"0 0 {rest} {weekdays}")


@pytest.mark.parametrize("years", ["2024", "2030-2040/3", "2023,2052", "2048/2", "2199,2050", "*/10"])
def test_years(years: str) -> None:
    for days in ("29 2 ?", "? * SUN#1", "31W 12 ?", "1 1 *"):
        expression = f"0 0 0 {days} {years}"
        cron = cron_reading(expression)
        if any(cron.on_day(FIRST + timedelta(days=n)) for n in range((LAST - FIRST).days)):
            check(expression)


fields = st.sampled_from(("H", "H", "H/2", "H(1-5)", "H(2-6)/2", "0", "1,H", "3-5,H/3"))


@given(st.tuples(*[fields] * 6), st.text(alphabet="abcXYZ0189._-", min_size=1, max_size=12), st.booleans())
def test_hashes(texts: tuple[str, ...], task_id: str, with_seconds: bool) -> None:
    texts = (*texts[:3], texts[3].replace("0", "1"), texts[4].replace("0", "1"), texts[5])
    expression = " ".join(texts if with_seconds else texts[1:])
    resolved = without_hashes(expression, task_id)
    assert resolve_hashes(expression, task_id) == resolved
    begin = midnight(date(2026, 2, 1))
    schedule = parse({"cron": expression})
    if "H" in expression:
        with pytest.raises(ValueError, match="H"):
            schedule.next_after(begin)
    expected = bare_times({"cron": resolved}, begin, begin + 3 * DAY)
    assert bare_walk(for_task(schedule, task_id), begin, begin + 3 * DAY) == expected


def test_hashes_spread_tasks_over_their_field() -> None:
    minutes = [int(without_hashes("H * * * *", f"task-{n}").split()[0]) for n in range(6000)]
    assert set(minutes) == set(range(60))
    assert all(50 < minutes.count(minute) < 160 for minute in range(60))
    # Nothing follows from the minute for the hour.
    both = {tuple(without_hashes("H H * * *", f"task-{n}").split()[:2]) for n in range(6000)}
    assert len(both) > 1300
