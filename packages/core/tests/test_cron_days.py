"""The Quartz forms against the calendar, day by day, both ways; and that no expression makes a search long."""

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.cron.dialect import parse
from tasker_core.cron.expression import NEVER, CronExpression
from tasker_core.time.zones import DAY, END_OF_TIME

NINE = 9 * 3600


def last(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def working(day: date | None) -> date | None:
    """The nearest Monday to Friday of the same month, the one before if it can be either."""
    if day is None:
        return None
    near = (day + timedelta(days=d) for d in (0, -1, 1, -2, 2))
    return next(d for d in near if d.weekday() < 5 and d.month == day.month)


def dated(day: date, number: int) -> date | None:
    return day.replace(day=number) if number <= last(day).day else None


def before_last(day: date, number: int) -> date | None:
    found = last(day) - timedelta(days=number)
    return found if found.month == day.month else None


Meant = Callable[[date], date | None]


def item(text: str, meant: Meant) -> tuple[str, Meant]:
    return text, meant


numbers, back = st.integers(1, 31), st.integers(0, 30)
ITEMS: st.SearchStrategy[tuple[str, Meant]] = st.one_of(
    numbers.map(lambda n: item(f"{n}", lambda day: dated(day, n))),
    numbers.map(lambda n: item(f"{n}W", lambda day: working(dated(day, n)))),
    back.map(lambda n: item(f"L-{n}" if n else "L", lambda day: before_last(day, n))),
    back.map(lambda n: item(f"L-{n}W" if n else "LW", lambda day: working(before_last(day, n)))),
)
days_of_time = st.dates(date(1970, 1, 2), date(2199, 12, 30))


@given(st.lists(ITEMS, min_size=1, max_size=3), st.none() | st.tuples(days_of_time, st.integers(0, 40)), days_of_time)
def test_as_the_calendar_says(items: list[tuple[str, Meant]], span: tuple[date, int] | None, today: date) -> None:
    years = range(span[0].year, min(span[0].year + span[1], 2199) + 1) if span else None
    year = f"{years[0]}-{years[-1]}" if years else "*"
    expression = f"0 0 9 {','.join(text for text, _ in items)} * ? {year}"
    try:
        cron = CronExpression.parse(expression)
    except ValueError:
        return  # a date that never comes, see below

    def matches(day: date) -> bool:
        return (years is None or day.year in years) and any(meant(day) == day for _, meant in items)

    start = int(datetime(today.year, today.month, today.day, 9, tzinfo=UTC).timestamp())
    for found, step, none in ((cron.next_after(start), 1, NEVER), (cron.previous_before(start), -1, -NEVER)):
        day = today
        for _ in range(800):
            day += timedelta(days=step)
            if matches(day) or not 1970 <= day.year < 2200:
                break
        expected = (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY + NINE
        if not 1970 <= day.year < 2200:
            assert found == none
        elif matches(day):
            assert found == expected
        else:
            assert (found - start) * step > 799 * DAY  # a year that is further away, or never


WORST = [
    "0 0 29 2 */6",
    "0 0 29 2 FRI#5",
    "0 0 */28 2 1#5",
    "0 0 0 29 2 ? 2096/4",
    "0 0 0 29 2 */6 1972-2196/4",
    "0 0 0 L-28 2 ? 1970-2199",
    "0 0 0 31W 12 ? 2199",
    "0 0 0 1W 1 ? 1970",
    "59 59 23 LW,L-3W,15W,1-31/30 2 ? */29",
    "0 0 0 L-30W,31W,30W * ? 1970-1971,2198-2199",
    "0 0 0 L-28W,29 2 */6 *",
]


@pytest.mark.parametrize("expression", WORST)
@pytest.mark.parametrize("timezone", ["UTC", "Africa/Casablanca"])
def test_a_search_is_short(expression: str, timezone: str) -> None:
    cron = CronExpression.parse(expression, timezone, "shift", "both")
    for at in (0, 1_772_000_000, 4_102_444_800, END_OF_TIME - 1):
        for look in (cron.next_after, cron.previous_before):
            look(at)  # the clock changes of the zone are found once
            took: list[float] = []
            for _ in range(5):
                begin = thread_time()
                look(at)
                took.append(thread_time() - begin)
            assert min(took) < 0.01, (at, look)


def test_an_ordinary_answer_takes_microseconds() -> None:
    for expression in ("0 9 15W * *", "0 9 LW * *", "0 9 L-3 * *", "0 0 9 ? * MON-FRI 2026-2030"):
        cron, at, took = CronExpression.parse(expression, "Europe/Berlin"), 1_772_000_000, list[float]()
        for _ in range(30):
            begin = thread_time()
            at = cron.next_after(at)
            took.append(thread_time() - begin)
        assert median(took) < 0.0001, expression  # some 5 µs on a quiet machine


def test_years_that_are_over_have_no_next_time() -> None:
    over = CronExpression.parse("0 0 9 * * ? 2020")
    assert over.next_after(1_772_000_000) == NEVER
    assert over.previous_before(1_772_000_000) == int(datetime(2020, 12, 31, 9, tzinfo=UTC).timestamp())


@given(st.text("0123456789*/,-?LWH#() \tMONFRIJAT@dailyCRON_TZ='\"\u00a0\u200b", max_size=40))
def test_nothing_but_a_value_error_is_raised(text: str) -> None:
    said = "accepted"
    try:
        parse(text)
    except ValueError as error:
        said = str(error)
    assert said
