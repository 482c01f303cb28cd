"""The decisions on a gap, against an enumeration that is slow and plainly right."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.schedules.anchors import anchored
from tasker_core.schedules.effective_schedule import EffectiveSchedule
from tasker_core.schedules.kinds.interval import Interval
from tasker_core.schedules.kinds.once import Once
from tasker_core.schedules.occurrences import Occurrence, effective_of
from tasker_core.schedules.reachability import ONE_TIME_SECONDS
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.testing import next_nominal
from tasker_core.ticker_state import AcceptedMisfire
from tasker_ticker.scheduling.memory.held_task import whole_seconds
from tasker_ticker.scheduling.misfire import (
    LIVE_SECONDS,
    MisfireDecision,
    MissedRange,
    decide_misfires,
    occurrences,
)
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits
from tasker_ticker.testing.partition_harness import PartitionHarness

NOON = 1_767_268_800  # 2026-01-01T12:00:00Z
GRACE = 60
MAX_RUNS = SchedulingLimits().runs_per_visit
LATEST = AcceptedMisfire()


def every(seconds: int, anchor: int = 0, **options: Any) -> Schedule:
    return anchored(Interval(every=f"PT{seconds}S", **options), anchor)  # pyright: ignore[reportArgumentType]


def decided(
    schedule: Schedule, after: int, to: int, misfire: AcceptedMisfire = LATEST, offset: int = 0
) -> MisfireDecision:
    effective = EffectiveSchedule(schedule, offset, after)
    return decide_misfires(effective, after, to, misfire, recovered=to + LIVE_SECONDS, max_runs=MAX_RUNS)


def enumerated(schedule: Schedule, after: int, to: int, offset: int = 0) -> list[Occurrence]:
    """Those effective in (after, to], by looking at every nominal time."""
    found, at = list[Occurrence](), next_nominal(schedule, after - 1_000)  # no spread here is longer
    while at <= to and at != NEVER:
        if after < (effective := effective_of(schedule, at, offset)) <= to:
            found.append(Occurrence(at, effective))
        at = next_nominal(schedule, at)
    return found


def expected_runs(schedule: Schedule, after: int, to: int, misfire: AcceptedMisfire, offset: int) -> list[Occurrence]:
    """What runs, by looking at every single occurrence."""
    recovered, grace = to + LIVE_SECONDS, whole_seconds(misfire.grace)
    everything = enumerated(schedule, after, recovered, offset)  # what lies after `to` is for the live lane
    good = [s for s in everything if recovered - s.effective <= grace]
    late = [s for s in everything if recovered - s.effective > grace]
    if misfire.policy == "none":
        late = []
    elif misfire.policy == "all":
        late = late[-misfire.max :]
    else:
        late = [] if good else late[-1:]
    return [s for s in late + good if s.effective <= to]


misfires = st.builds(
    AcceptedMisfire,
    policy=st.sampled_from(["latest", "all", "none"]),
    grace=st.sampled_from(["PT0S", "PT1S", "PT30S", "PT1M", "PT10M"]),
    max=st.integers(1, 5),
)


@given(
    period=st.integers(1, 4000),
    anchor=st.integers(0, 4000),
    length=st.integers(0, 1500),
    misfire=misfires,
    offset=st.sampled_from([0, 0, 1, 30, 500]),
)
def test_an_interval_is_decided_as_the_enumeration_says(
    period: int, anchor: int, length: int, misfire: AcceptedMisfire, offset: int
) -> None:
    schedule, to = every(period, anchor), NOON + length
    everything, runs = enumerated(schedule, NOON, to, offset), expected_runs(schedule, NOON, to, misfire, offset)
    ran, missed, after = list[Occurrence](), list[MissedRange](), NOON
    while after < to:  # a task with much to run is visited several times
        found = decided(schedule, after, to, misfire, offset)
        ran += found.run
        missed += found.missed
        after = found.to
    assert ran == runs
    unreported = [s for s in everything if s not in runs and not any(m.first <= s.nominal <= m.last for m in missed)]
    assert unreported == []
    assert all(not any(m.first <= s.nominal <= m.last for m in missed) for s in runs)
    nominals = {s.nominal for s in everything}
    assert all(m.first in nominals and m.last in nominals for m in missed)


def test_a_year_of_seconds_is_decided_without_enumerating_it() -> None:
    found = decided(every(1), NOON, NOON + 365 * 86400)
    assert len(found.run) == GRACE - LIVE_SECONDS + 1
    assert [m.reason for m in found.missed] == ["coalesced"]


def test_a_long_grace_is_worked_off_in_pieces() -> None:
    misfire, to = AcceptedMisfire(grace="PT1H"), NOON + 3000
    found = decided(every(1), NOON, to, misfire)
    assert (len(found.run), found.to, found.missed) == (MAX_RUNS, found.run[-1].effective, [])
    rest = list(occurrences(EffectiveSchedule(every(1), 0, found.to), found.to, to))
    assert len(found.run) + len(rest) == 3000


@pytest.mark.parametrize(("policy", "reason"), [("latest", "coalesced"), ("all", "over_max"), ("none", "policy")])
def test_each_policy_says_why(policy: Any, reason: str) -> None:
    found = decided(every(600), NOON, NOON + 7200, AcceptedMisfire(policy=policy, max=2))
    assert {m.reason for m in found.missed} == {reason}


def test_a_one_time_task_runs_up_to_a_day_late_and_no_longer() -> None:
    once, at = Once(at="2026-01-01T12:00:00Z"), Occurrence(NOON, NOON)
    end = NOON + ONE_TIME_SECONDS - LIVE_SECONDS
    assert decided(once, NOON - 1, end) == MisfireDecision(end, run=[at])
    assert decided(once, NOON - 1, end + 1) == MisfireDecision(end + 1, missed=[MissedRange(NOON, NOON, "too_old")])
    none = decided(once, NOON - 1, NOON + 3600, AcceptedMisfire(policy="none"))
    assert none.missed == [MissedRange(NOON, NOON, "policy")]


@pytest.mark.parametrize("rate", [30, 250])
def test_no_second_spends_more_than_the_budget(rate: int) -> None:
    harness = PartitionHarness(background_rate=rate)
    for name in ("a", "b"):
        harness.put(0, name, {"every": "PT1S"}, misfire={"grace": "PT1H"})
    harness.commit(0)
    harness.restart()
    second = 500
    while harness.commit(second).has_more or harness.scheduler.state.position.gaps:
        spent = Counter(run["emitted_at"][:19] for run in harness.topics["due-background"])
        assert max(spent.values()) <= rate
        second += harness.scheduler.background.budget_left == 0
    assert harness.fired("a", "due-background") == harness.fired("b", "due-background") == list(range(1, 491))
