"""Each rule by which croniter differs from us, held against the engine; and the examples of the page, by the audit."""

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tasker_cli.verify.enumeration.cron_reading import cron_reading
from tasker_cli.verify.enumeration.croniter_dialect import croniter_days, time_values
from tasker_cli.verify.enumeration.local_clock import zone
from tasker_cli.verify.enumeration.nominal_times import for_task, nominal_times
from tests.schedules.clock_changes import DAY, midnight
from tests.schedules.engine_walk import bare_walk, parse

PAGE = (Path(__file__).parents[2] / "docs" / "schedules.md").read_text(encoding="utf-8")
FIRST, LAST = date(2026, 1, 1), date(2028, 3, 1)
BY_CRONITER = {
    "seconds first": "15,45 0 9 * * *",
    "either or both days: either": "0 9 13 * FRI",
    "either or both days: both, for a star with a step": "0 9 */10 * MON",
    "question mark": "0 9 ? * MON",
    "weekday steps reach Sunday": "0 9 * * 1/2",
    "last weekday": "0 9 * * 5L",
    "last weekday, its name behind the L": "0 9 * * LFRI",
    "nth weekday": "0 9 * * FRI#3",
    "last day": "0 9 L * *",
    "years, beside croniter": "0 0 9 29 2 * 2027/1",
}
BY_OWN_ARITHMETIC = {
    "nearest working day": "0 9 15W * *",
    "last working day": "0 9 LW * ?",
    "days before the last": "0 9 L-3 * *",
    "working day nearest to one before the last": "0 9 L-3W * *",
    "a weekday beside a last one": "0 9 ? * MON,5L",
    "nth weekday, or a date": "0 9 13 * FRI#3",
    "a range with a step that passes the end": "0 9 * 11-3/2 *",
}


def days_agree(expression: str) -> bool:
    """Whether the enumeration says what the engine says, which must not be nothing."""
    begin, end = midnight(FIRST), midnight(LAST)
    found = list(nominal_times({"cron": expression}, begin, end))
    return found == bare_walk(parse({"cron": expression}), begin, end) != []


def is_croniters(expression: str) -> bool:
    """Whether croniter is asked for the days."""
    fields = expression.upper().split()[:6] if len(expression.split()) > 5 else ["0", *expression.upper().split()]
    names = {"MON": "1", "FRI": "5"}
    weekdays = re.sub("MON|FRI", lambda found: names[found[0]], fields[5])
    return croniter_days(fields[3], fields[4], weekdays) is not None


@pytest.mark.parametrize("rule", BY_CRONITER)
def test_croniter_is_told(rule: str) -> None:
    assert is_croniters(BY_CRONITER[rule])
    assert days_agree(BY_CRONITER[rule])


@pytest.mark.parametrize("rule", BY_OWN_ARITHMETIC)
def test_where_croniter_has_no_words_own_arithmetic_answers(rule: str) -> None:
    assert not is_croniters(BY_OWN_ARITHMETIC[rule])
    assert days_agree(BY_OWN_ARITHMETIC[rule])


def test_times_of_the_day() -> None:
    assert time_values("10-40/10", 0) == {10, 20, 30, 40}
    assert time_values("22-2", 1) == {22, 23, 0, 1, 2}
    assert time_values("50-10/7", 0) is None
    assert cron_reading("50-10/7 * * * *").minutes == {50, 57, 4}
    assert days_agree("50-10/7 9 1 * *")


def test_days_that_croniter_does_not_know() -> None:
    assert cron_reading("0 0 9 1 1 ? 2150").on_day(date(2150, 1, 1))
    assert not cron_reading("0 0 9 1 1 ? 2150").on_day(date(2149, 1, 1))


def cells(number: int) -> list[list[str]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:1] == "|"]
    return [row for row in rows if len(row) == number]


def test_clock_changes_as_the_page_has_them() -> None:
    rows = [row for row in cells(5) if "/" in row[0]]
    assert len(rows) > 20
    for name, day, _, schedule, expected in rows:
        expression, _, options = schedule.replace("`", "").partition(", ")
        written = {"cron": expression, "timezone": name}
        if options:
            written |= dict([options.split()])
        around = midnight(date.fromisoformat(day))
        times = nominal_times(written, around - 2 * DAY, around + 3 * DAY)
        shown = [datetime.fromtimestamp(at, zone(name)) for at in times]
        found = [f"{at:%H:%M}{at.isoformat()[-6:]}" for at in shown if at.date().isoformat() == day]
        assert found == ([] if expected == "never" else expected.split()), (name, day, schedule)


def test_calendar_intervals_as_the_page_has_them() -> None:
    rows = [row for row in cells(2) if row[0].startswith('`{"every"')]
    assert len(rows) > 10
    for schedule, expected in rows:
        written: dict[str, Any] = json.loads(schedule.strip("`"))
        wanted = [int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) for text in expected.split()]
        begin = midnight(date.fromisoformat(written["anchor"])) - DAY
        assert list(nominal_times(written, begin, wanted[-1] + 1)) == wanted, schedule


def test_values_of_h_are_those_of_the_engine() -> None:
    begin = midnight(FIRST)
    for task_id in ("nightly", "a", "b-2"):
        written = for_task({"cron": "H H(0-7) * * *"}, task_id)
        expected = bare_walk(parse({"cron": "H H(0-7) * * *"}).for_task(task_id), begin, begin + 3 * DAY)
        assert list(nominal_times(written, begin, begin + 3 * DAY)) == expected
        assert timedelta(seconds=expected[1] - expected[0]) == timedelta(days=1)
