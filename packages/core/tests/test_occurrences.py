"""Bounds, exclusions and spread against a plain enumeration, around clock changes; and a bound on the work."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tasker_core.schedules.occurrences import (
    WORK,
    Occurrence,
    effective_of,
    is_excluded,
    next_within_bounds,
    offset_of,
    search,
    search_back,
    spread_offset,
)
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.testing import (
    next_effective,
    next_nominal,
    previous_effective,
    previous_nominal,
    previous_within_bounds,
)
from tasker_core.time.zones import zone

parse = TypeAdapter[Schedule](Schedule).validate_python
CHANGES = [
    *(("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"), ("Australia/Lord_Howe", "2026-04-05")),
    *(("America/Santiago", "2025-04-05"), ("America/Santiago", "2025-09-07"), ("Antarctica/Troll", "2026-10-25")),
    *(("Pacific/Apia", "2011-12-30"), ("America/St_Johns", "2006-10-29"), ("America/Noronha", "2000-10-15")),
    *(("America/Havana", "2025-11-02"), ("Asia/Beirut", "2025-03-30"), ("UTC", "2026-12-31")),
]
CRONS = [
    *("*/5 * * * *", "30 2 * * *", "0 * * * *", "*/20 1-3 * * *", "0 0 * * *", "15,45 0,2,23 * * *", "0 12 * * 6,0"),
    *("0,30 */7 * * * *", "0 9 1 * *", "59 23 * * *"),
]


class Entry(NamedTuple):
    """An entry of `exclude`: how it is written, and, independently of that, what it leaves out."""

    kind: str
    day: date
    number: int

    @property
    def text(self) -> str:
        n = self.number
        written = {
            "date": f"{self.day}",
            "range": f"{self.day}/{self.day + timedelta(days=n % 4)}",
            "hour": f"* {n % 24} * * *",
            "evening": f"* {n % 23}-23 * * *",
            "minutes": f"*/{n % 20 + 2} * * * *",
            "seconds": f"*/{n % 20 + 2} * * * * *",
            "weekday": f"* * * * {n % 7}",
            "minutes of a weekday": f"*/5 * * * {n % 7}",
            "day": f"* * {n % 31 + 1} * *",
            "minute": f"{n % 60} {n % 24} * * *",
            "new year": "0 0 1 1 *",
        }
        return written[self.kind]

    def holds(self, at: datetime) -> bool:
        n, weekday = self.number, at.isoweekday() % 7
        left_out = {
            "date": at.date() == self.day,
            "range": self.day <= at.date() <= self.day + timedelta(days=n % 4),
            "hour": at.hour == n % 24,
            "evening": at.hour >= n % 23,
            "minutes": at.minute % (n % 20 + 2) == 0,
            "seconds": at.second % (n % 20 + 2) == 0,
            "weekday": weekday == n % 7,
            "minutes of a weekday": weekday == n % 7 and at.minute % 5 == 0,
            "day": at.day == n % 31 + 1,
            "minute": (at.minute, at.hour) == (n % 60, n % 24),
            "new year": (at.minute, at.hour, at.day, at.month) == (0, 0, 1, 1),
        }
        return left_out[self.kind]


KINDS = [
    *("date", "range", "hour", "evening", "minutes", "seconds", "weekday", "minutes of a weekday", "day", "minute"),
    "new year",
]


def entries(around: date) -> st.SearchStrategy[Entry]:
    days = st.integers(-3, 3).map(lambda n: around + timedelta(days=n))
    return st.builds(Entry, st.sampled_from(KINDS), days, st.integers(0, 10_000))


class Case(NamedTuple):
    """A schedule with four days around a clock change, and what of it is left, enumerated."""

    schedule: Schedule
    begin: int
    end: int
    nominal: list[int]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    name, day = draw(st.sampled_from(CHANGES))
    around = date.fromisoformat(day)
    begin = int(datetime(around.year, around.month, around.day, tzinfo=UTC).timestamp()) - 2 * 86_400
    end = begin + 4 * 86_400
    left_out = draw(st.lists(entries(around), max_size=4))
    fields: dict[str, Any] = {"exclude": [entry.text for entry in left_out]}
    if draw(st.booleans()):
        fields |= {"cron": draw(st.sampled_from(CRONS)), "timezone": name, "fold": draw(st.sampled_from(FOLDS))}
    else:
        name = "UTC"
        fields |= {"every": draw(st.sampled_from([300, 420, 1800, 5400, 86_400, 90_000])), "anchor": instant(begin + 7)}
    low, high = begin - 86_400, end + 86_400
    if draw(st.booleans()):
        low = draw(st.integers(begin, begin + 86_400))
        fields["start"] = instant(low)
    if draw(st.booleans()):
        high = draw(st.integers(end - 86_400, end))
        fields["end"] = instant(high)
    schedule, tz = parse(fields), zone(name)
    nominal: list[int] = []
    at = schedule.next_after(low - 1)
    while at <= high:
        local = datetime.fromtimestamp(at, tz)
        excluded = any(entry.holds(local) for entry in left_out)
        assert is_excluded(schedule, at) == excluded
        if not excluded:
            nominal.append(at)
        at = schedule.next_after(at)
    return Case(schedule, begin, end, nominal)


FOLDS = ["first", "last", "both"]


def instant(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


def walk(case: Case, work: int) -> list[int]:
    """The occurrences as they are found forth, from checkpoint to checkpoint, and the same back."""
    forward: list[int] = []
    at = case.begin - 1
    while at < case.end - 1:
        found = search(case.schedule, at, work=work)
        assert found[0] > at
        if isinstance(found, Occurrence) and found.nominal < case.end:
            forward.append(found.nominal)
        at = found[0]
    backward: list[int] = []
    at = case.end
    while at > case.begin:
        found = search_back(case.schedule, at, work=work)
        assert found[0] < at
        if isinstance(found, Occurrence) and found.nominal >= case.begin:
            backward.append(found.nominal)
        at = found[0]
    assert backward[::-1] == forward
    return forward


@settings(max_examples=120, deadline=None)
@given(cases())
def test_what_is_left_is_found_forth_and_back(case: Case) -> None:
    expected = [at for at in case.nominal if case.begin <= at < case.end]
    assert walk(case, WORK) == expected


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(1, 40))
def test_a_search_that_goes_on_from_its_checkpoints_misses_nothing(case: Case, work: int) -> None:
    assert walk(case, work) == walk(case, WORK)


@settings(max_examples=120, deadline=None)
@given(cases(), st.integers(0, 86_400), st.floats(0, 1))
def test_spread_moves_each_one_and_keeps_their_order(case: Case, offset: int, place: float) -> None:
    # What is nominal near the edges is enumerated too, so that the middle two days are certain.
    ends = [*case.nominal, NEVER][1:]
    effective = [min(at + offset, following - 1) for at, following in zip(case.nominal, ends, strict=True)]
    assert effective == sorted(set(effective))
    assert effective[:-1] == [effective_of(case.schedule, at, offset) for at in case.nominal[:-1]]
    middle = case.begin + 86_400 + int(place * 2 * 86_400)
    pairs = [Occurrence(*pair) for pair in zip(case.nominal, effective, strict=True)]
    later = [pair for pair in pairs[:-1] if pair.effective > middle]
    if later:
        assert next_effective(case.schedule, middle, offset) == later[0]
        assert previous_effective(case.schedule, later[0].effective + 1, offset) == later[0]
    earlier = [pair for pair in pairs if pair.effective < middle]
    if earlier and earlier[-1] != pairs[-1]:
        assert previous_effective(case.schedule, middle, offset) == earlier[-1]
        assert next_effective(case.schedule, earlier[-1].effective - 1, offset) == earlier[-1]


@pytest.mark.parametrize(
    ("task_id", "window", "expected"),
    [("daily-report", 300, 54), ("a", 300, 121), ("a", 86_400, 11_223), ("a", 1, 1), ("a", 0, 0)],
)
def test_the_spread_of_a_task_never_changes(task_id: str, window: int, expected: int) -> None:
    assert spread_offset(task_id, window) == expected


def test_spread_fills_its_window() -> None:
    found = [spread_offset(f"task-{n}", 9) for n in range(2000)]
    assert set(found) == set(range(10))
    assert all(150 < found.count(n) < 250 for n in range(10))
    schedule = parse({"cron": "@daily", "spread": "PT5M"})
    assert (schedule.spread_seconds, offset_of(schedule, "a")) == (300, spread_offset("a", 300))
    assert offset_of(parse({"cron": "@daily"}), "a") == 0


def test_once_can_be_spread() -> None:
    once = parse({"at": "2026-12-24T18:00Z", "spread": "P1D"})
    at = next_nominal(once, 0)
    assert next_effective(once, at + 49, 50) == (at, at + 50) == previous_effective(once, at + 51, 50)
    assert next_effective(once, at + 50, 50) == (NEVER, NEVER)
    assert previous_effective(once, at + 50, 50) == (-NEVER, -NEVER)


def test_the_bounds_are_inclusive() -> None:
    schedule = parse({"cron": "0 9 * * *", "start": "2026-01-02T09:00Z", "end": "2026-01-04T09:00Z"})
    first = int(datetime(2026, 1, 2, 9, tzinfo=UTC).timestamp())
    assert next_nominal(schedule, 0) == next_within_bounds(schedule, 0) == first
    assert previous_nominal(schedule, NEVER) == previous_within_bounds(schedule, NEVER) == first + 2 * 86_400
    assert next_nominal(schedule, first + 2 * 86_400) == next_within_bounds(schedule, first + 2 * 86_400) == NEVER
    assert previous_nominal(schedule, first) == previous_within_bounds(schedule, first) == -NEVER


def test_a_shifted_time_is_judged_by_the_clock_at_which_it_fires() -> None:
    night = int(datetime(2026, 3, 28, 12, tzinfo=UTC).timestamp())
    fields = {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}
    shifted = next_nominal(parse(fields), night)
    assert datetime.fromtimestamp(shifted, UTC).hour == 1  # 03:00+02:00
    assert next_nominal(parse(fields | {"exclude": ["* 2 * * *"]}), night) == shifted
    for cron in ("30 2 * * *", "30 2,12 * * *"):
        kept = parse(fields | {"cron": cron, "exclude": ["* 2,12 * * *"]})
        assert previous_nominal(kept, night + 40 * 86_400) == shifted
    assert next_nominal(parse(fields | {"exclude": ["0 3 * * *"]}), night) == shifted + 86_400 - 1800
