"""Across clock changes nothing is lost or doubled: properties against a minute-by-minute reading of the local clock."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tasker_core.cron.expression import NEVER, CronExpression, Fold, Gap
from tasker_core.time.zone_names import zone_names
from tasker_core.time.zones import zone

CHANGES = [
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),  # half an hour
    ("Australia/Lord_Howe", "2026-10-04"),
    ("America/Santiago", "2025-04-05"),  # at midnight
    ("America/Santiago", "2025-09-07"),
    ("America/Havana", "2025-03-09"),  # at midnight
    ("America/Havana", "2025-11-02"),
    ("Antarctica/Troll", "2026-03-29"),  # two hours
    ("Antarctica/Troll", "2026-10-25"),
    ("Africa/Casablanca", "2025-02-23"),  # Ramadan
    ("Africa/Casablanca", "2025-04-06"),
    ("Europe/Dublin", "2026-03-29"),  # winter is the exception
    ("Europe/Dublin", "2026-10-25"),
    ("Pacific/Apia", "2011-12-30"),  # no such day
    ("Pacific/Kwajalein", "1993-08-21"),  # no such day
    ("Pacific/Chatham", "2026-04-05"),  # quarters of an hour
    ("Pacific/Chatham", "2026-09-27"),
    ("America/Sao_Paulo", "2018-02-17"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/St_Johns", "2006-04-02"),  # one minute past midnight
    ("America/St_Johns", "2006-10-29"),
    ("America/Caracas", "2016-05-01"),  # half an hour, for good
    ("Asia/Pyongyang", "2015-08-14"),
    ("Asia/Tehran", "2022-03-22"),
    ("Africa/Cairo", "2025-04-25"),
    ("Asia/Beirut", "2025-03-30"),
    ("Asia/Gaza", "2025-10-25"),
    ("America/Noronha", "2000-10-08"),  # summer time for a week
    ("America/Noronha", "2000-10-15"),
]
UNCHANGED = ("Asia/Kolkata", "2026-06-01")


class Days(NamedTuple):
    """Five days around a change, minute by minute."""

    begin: int
    end: int
    instants: dict[datetime, list[int]]
    """Local minute (without zone) → the instants at which the clock shows it."""
    jumps: list[tuple[datetime, datetime, int]]
    """Gaps: the first local minute skipped, the first one shown again, and when."""


@lru_cache(maxsize=64)
def read_clock(name: str, date: str) -> Days:
    begin = int((datetime.fromisoformat(date + "T00:00+00:00") - timedelta(days=2)).timestamp())
    end = begin + 5 * 86_400
    tz = zone(name)
    instants: dict[datetime, list[int]] = {}
    jumps: list[tuple[datetime, datetime, int]] = []
    expected = None
    for instant in range(begin, end, 60):
        local = datetime.fromtimestamp(instant, tz).replace(tzinfo=None)
        instants.setdefault(local, []).append(instant)
        if expected and local > expected:
            jumps.append((expected, local, instant))
        expected = local + timedelta(minutes=1)
    return Days(begin, end, instants, jumps)


def walk(cron: CronExpression, begin: int, end: int) -> list[int]:
    found: list[int] = []
    at = cron.next_after(begin - 1)
    while at < end:
        found.append(at)
        at = cron.next_after(at)
    back: list[int] = []
    at = cron.previous_before(end)
    while at >= begin:
        back.append(at)
        at = cron.previous_before(at)
    assert back[::-1] == found
    return found


changes = st.sampled_from([*CHANGES, UNCHANGED])
minutes = st.sets(st.sampled_from([0, 1, 15, 29, 30, 45, 59]) | st.integers(0, 59), min_size=1, max_size=3)
hours = st.sets(st.integers(0, 3) | st.integers(0, 23), min_size=1, max_size=3)
gaps: st.SearchStrategy[Gap] = st.sampled_from(["shift", "skip"])
folds: st.SearchStrategy[Fold] = st.sampled_from(["first", "last", "both"])


def test_each_of_them_changes() -> None:
    folds = [change for change in CHANGES if any(len(shown) > 1 for shown in read_clock(*change).instants.values())]
    gaps = [change for change in CHANGES if read_clock(*change).jumps]
    assert sorted(folds + gaps) == sorted(CHANGES)
    assert len({name for name, _ in CHANGES}) >= 15


@settings(max_examples=400, deadline=None)
@given(changes, minutes, hours, gaps, folds)
def test_fixed_times(change: tuple[str, str], minutes: set[int], hours: set[int], gap: Gap, fold: Fold) -> None:
    clock = read_clock(*change)
    expected: set[int] = set()
    for local, shown in clock.instants.items():
        if local.hour in hours and local.minute in minutes:
            expected |= set({"first": shown[:1], "last": shown[-1:], "both": shown}[fold])
    for opened, closed, instant in clock.jumps:
        skipped = (opened + timedelta(minutes=i) for i in range((closed - opened) // timedelta(minutes=1)))
        if gap == "shift" and any(local.hour in hours and local.minute in minutes for local in skipped):
            expected.add(instant)
    expression = f"{','.join(map(str, minutes))} {','.join(map(str, hours))} * * *"
    cron = CronExpression.parse(expression, change[0], gap, fold)
    assert walk(cron, clock.begin, clock.end) == sorted(expected)


@settings(max_examples=200, deadline=None)
@given(changes, minutes, st.integers(0, 23), st.integers(1, 12), gaps, folds)
def test_interval_like(change: tuple[str, str], minutes: set[int], start: int, step: int, gap: Gap, fold: Fold) -> None:
    clock = read_clock(*change)
    hours = range(start, 24, step)
    expected = [
        instant
        for local, shown in clock.instants.items()
        if local.hour in hours and local.minute in minutes
        for instant in shown
    ]
    cron = CronExpression.parse(f"{','.join(map(str, minutes))} {start}/{step} * * *", change[0], gap, fold)
    assert walk(cron, clock.begin, clock.end) == sorted(expected)


@settings(max_examples=100, deadline=None)
@given(changes, st.integers(0, 59), st.integers(0, 23))
def test_a_daily_task_runs_once_a_day(change: tuple[str, str], minute: int, hour: int) -> None:
    clock = read_clock(*change)
    found = walk(CronExpression.parse(f"{minute} {hour} * * *", change[0]), clock.begin, clock.end)
    assert len(found) == len(set(found))
    # Both ends of the window may cut a day, and a day that does not exist still has its run.
    assert 4 <= len(found) <= 6


EXPRESSIONS = [
    *("* * * * *", "*/7 * * * *", "30 2 * * *", "0 0 * * *", "0 */5 * * *", "15,45 1-3 * * *", "59 23 31 12 *"),
    *("*/17 * * * * *", "0 0 29 2 *", "0 0 L * *", "30 0 * * 5L", "0 12 13 * 5", "0 1 */9 * 2", "1 2 3 4 *"),
]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(EXPRESSIONS),
    st.sampled_from(sorted(zone_names())),
    st.integers(0, int(datetime(2190, 1, 1, tzinfo=UTC).timestamp())),
    gaps,
    folds,
    st.floats(0, 1),
)
def test_forth_and_back_agree(expression: str, name: str, at: int, gap: Gap, fold: Fold, between: float) -> None:
    cron = CronExpression.parse(expression, name, gap, fold)
    after, before = cron.next_after(at), cron.previous_before(at)
    assert before < at < after < NEVER
    assert cron.previous_before(after + 1) == after
    assert cron.previous_before(after) <= at
    assert cron.next_after(after - 1) == after
    assert cron.next_after(at + int((after - 1 - at) * between)) == after
    if before > -NEVER:
        assert cron.next_after(before) >= at
        assert cron.next_after(before - 1) == before
    local = datetime.fromtimestamp(after, zone(name))
    assert local.second in (range(0, 60, 17) if expression.count(" ") == 5 else [0])
