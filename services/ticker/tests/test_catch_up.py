"""The fates of a gap, against an enumeration that is slow and plainly right."""

from hypothesis import given
from hypothesis import strategies as st

from tasker_core.schedule import Interval, Once, Schedule, next_after
from tasker_ticker.catch_up import GRACE_SECONDS, LIVE_SECONDS, ONE_TIME_SECONDS, Fates, Span, fates

NOON = 1_767_268_800  # 2026-01-01T12:00:00Z


def every(seconds: int, anchor: int = 0) -> Interval:
    return Interval(every=f"PT{seconds}S").anchored(anchor)  # pyright: ignore[reportArgumentType]


def enumerated(schedule: Schedule, after: int, to: int) -> list[int]:
    found, at = list[int](), next_after(schedule, after)
    while at <= to:
        found.append(at)
        at = next_after(schedule, at)
    return found


def plainly(schedule: Schedule, after: int, to: int) -> tuple[list[int], list[int]]:
    """(what runs, what is missed) by looking at every single occurrence."""
    recovered = to + LIVE_SECONDS
    everything = enumerated(schedule, after, to)
    good = [s for s in everything if recovered - s <= GRACE_SECONDS]
    late = [s for s in everything if recovered - s > GRACE_SECONDS]
    recent = [s for s in enumerated(schedule, after, recovered) if recovered - s <= GRACE_SECONDS]
    runs = good if recent or not late else [late[-1]]
    return runs, [s for s in everything if s not in runs]


@given(period=st.integers(1, 4000), anchor=st.integers(0, 4000), length=st.integers(0, 5000))
def test_an_interval_has_the_fates_of_the_enumeration(period: int, anchor: int, length: int) -> None:
    schedule = every(period, anchor)
    found = fates(schedule, NOON, NOON + length)
    runs, missed = plainly(schedule, NOON, NOON + length)
    assert found.run == runs
    assert [s for m in found.missed for s in enumerated(schedule, m.first - 1, m.last)] == missed
    assert all(m.first in missed and m.last in missed for m in found.missed)


def test_a_year_of_seconds_is_decided_without_enumerating_it() -> None:
    found = fates(every(1), NOON, NOON + 365 * 86400)
    assert len(found.run) == GRACE_SECONDS - LIVE_SECONDS + 1
    assert [m.reason for m in found.missed] == ["coalesced"]


def test_a_one_time_task_runs_up_to_a_day_late_and_no_longer() -> None:
    once = Once(at="2026-01-01T12:00:00Z")
    assert fates(once, NOON - 1, NOON + ONE_TIME_SECONDS - LIVE_SECONDS) == Fates(run=[NOON])
    too_late = fates(once, NOON - 1, NOON + ONE_TIME_SECONDS - LIVE_SECONDS + 1)
    assert too_late == Fates(missed=[Span(NOON, NOON, "too_old")])
