"""Tasks under calendars: judged by the days of the version that they were under at the time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tasker_cli.testing import FROM, RecordedWorld, first_of, violations
from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tasker_cli.verify.instants import DAY, instant_text
from tasker_cli.verify.lives.due_pieces import DuePieces
from tasker_cli.verify.lives.task_life import TaskLife
from tasker_cli.verify.reading.records import VerdictRecord
from tasker_core.calendars.calendar_days import calendar_days, date_of
from tasker_core.schedules.effective_schedule import EffectiveSchedule, hand_over
from tasker_core.schedules.occurrences import Occurrence, offset_of
from tasker_core.schedules.schedule import NEVER, Schedule

TODAY, LATER = "2026-01-01", "2026-01-02"
SECONDS = 20
ONCE_A_SECOND: dict[str, Any] = {"cron": "* * * * * *", "timezone": "UTC"}
parse = TypeAdapter[Schedule](Schedule).validate_python


@pytest.fixture
def world() -> RecordedWorld:
    """Task a is under `days`, which have no day of the window, and from second 10 to second 15 all of it."""
    world = RecordedWorld()
    for version, day in ((1, LATER), (2, TODAY), (3, LATER)):
        world.calendars.add("days", version, [day])
    schedule = ONCE_A_SECOND | {"exclude_calendars": ["days"]}
    world.verdict("a", "put", 0, schedule=schedule)
    world.verdicts[-1][0]["calendars"] = {"days": 1}
    for at, version in ((10, 2), (15, 3)):
        world.reschedule("a", at, schedule=schedule)
        world.verdicts[-1][0]["calendars"] = {"days": version}
    for n in range(1, SECONDS + 1):
        if not 10 < n <= 15:
            world.carry_out("a", n)
    world.verdict("a", "delete", SECONDS)
    return world


def test_what_a_calendar_leaves_out_is_not_lost(world: RecordedWorld) -> None:
    found = world.judge()
    assert (violations(found), found.counted["due"]) == ({}, 15)


def run_on_an_excluded_day(world: RecordedWorld) -> None:
    world.carry_out("a", 12)


def leave_out_what_was_before_the_change(world: RecordedWorld) -> None:
    del world.due[first_of(world.due, "a", 9)]
    del world.results[first_of(world.results, "a", 9)]


def forget_the_handover_back(world: RecordedWorld) -> None:
    world.verdicts = [(one, n) for one, n in world.verdicts if (one["type"], n) != ("rescheduled", 15)]


def miss_for_a_change_that_was_before(world: RecordedWorld) -> None:
    leave_out_what_was_before_the_change(world)
    place = next(n for n, (one, at) in enumerate(world.verdicts) if (one["type"], at) == ("rescheduled", 15))
    del world.verdicts[place]
    world.verdicts = [(one, n) for one, n in world.verdicts if n != 10]
    world.miss("a", 9, 9, reason="changed")


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        (run_on_an_excluded_day, "outside"),
        (leave_out_what_was_before_the_change, "lost"),
        (forget_the_handover_back, "outside"),
        (miss_for_a_change_that_was_before, "missed_wrongly"),
    ],
)
def test_what_is_tampered_with_is_found(
    world: RecordedWorld, tamper: Callable[[RecordedWorld], None], kind: str
) -> None:
    tamper(world)
    assert kind in violations(world.judge())


def test_a_change_of_a_calendar_gives_up_what_is_open_of_an_outage(world: RecordedWorld) -> None:
    leave_out_what_was_before_the_change(world)
    del world.runs[first_run(world, 9)]
    world.miss("a", 9, 9, reason="changed", after=2)
    assert violations(world.judge()) == {}


def first_run(world: RecordedWorld, n: int) -> str:
    return next(run_id for run_id, run in world.runs.items() if run["nominal_at"] == instant_text(FROM + n))


changes = st.lists(st.tuples(st.integers(1, 6 * DAY), st.sets(st.integers(-1, 7), max_size=5)), min_size=1, max_size=5)
schedules = st.tuples(
    st.sampled_from(["PT1H", "PT7H", "P1D"]),
    st.sampled_from([None, "PT1H", "P1D"]),
    st.sampled_from(["exclude_calendars", "require_calendars"]),
).map(lambda one: interval(*one))


def interval(every: str, spread: str | None, option: str) -> dict[str, Any]:
    schedule = {"every": every, "anchor": instant_text(FROM - 5), option: ["days"]}
    return schedule | ({"spread": spread} if spread else {})


@settings(max_examples=300, deadline=None)
@given(schedules, st.sets(st.integers(-1, 7), max_size=5), changes)
def test_other_days_neither_lose_nor_repeat_what_the_engine_hands_over(
    schedule: dict[str, Any], days: set[int], changed: list[tuple[int, set[int]]]
) -> None:
    calendars, life, last = CalendarVersions(), TaskLife("t"), FROM + 7 * DAY
    versions = [(0, days), *sorted(dict(changed).items())]
    for version, (at, some) in enumerate(versions, 1):
        calendars.add("days", version, map(entry, some))
        kind = "verdict" if version == 1 else "rescheduled"
        task, since = {"schedule": schedule, "paused": False}, instant_text(FROM + at)
        record = VerdictRecord(kind, "t", event_type="put", verdict="accepted", generation=1, version=1, task=task)
        record.effective_from, record.calendars = since, {"days": version}
        life.apply(record, 0)
    pieces = DuePieces(FROM, last, calendars).of(life)
    assert sorted(n for piece in pieces for n in piece.nominals) == by_the_engine(schedule, versions, last)


def entry(day: int) -> str:
    return str(date_of(FROM // DAY) + timedelta(days=day))


def by_the_engine(written: dict[str, Any], versions: list[tuple[int, set[int]]], last: int) -> list[int]:
    """What the ticker's own rules let run (services/ticker: calendar_handover.py)."""
    found, bare, current = list[int](), parse(written), None
    offset = offset_of(bare, "t")
    for at, days in versions:
        schedule = bare.with_calendars({"days": calendar_days(map(entry, sorted(days)))})
        if current is None:
            current = EffectiveSchedule(schedule, offset, FROM + at)
            continue
        found += run_up_to(current, FROM + at)
        current, at_once = hand_over(current, schedule, offset, FROM + at)
        found += [] if at_once == NEVER else [at_once]
    assert current is not None
    return sorted(found + run_up_to(current, last))


def run_up_to(current: EffectiveSchedule, to: int) -> list[int]:
    found, after = list[int](), current.since
    while isinstance(one := current.next_due(after), Occurrence) and one.effective <= to:
        found.append(one.nominal)
        after = one.effective
    return found
