"""Bounds, exclusions and spread over each kind, forth, back, and from checkpoint to checkpoint."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions, under
from tasker_cli.verify.enumeration.nominal_times import nominal_times, utc_text
from tasker_core.calendars.calendar_days import calendar_days
from tasker_core.schedules.occurrences import WORK, Occurrence
from tasker_core.schedules.schedule import NEVER
from tests.schedules.clock_changes import DAY, ClockChange
from tests.schedules.engine_walk import parse_possible, search_walk
from tests.schedules.written_schedules import Around, changes, every_kind

TIMES = (
    *("* 2 * * *", "* 0-6 * * *", "30 * * * *", "*/2 * * * *", "* * * * SAT,SUN", "* * L * *", "0 3 * * *"),
    *("* * ? * MON/2", "* * LW * ?", "* * 15W,L-3 * ?", "*/2 * * * * *", "0 0,30 * * * *", "* 12-23 * * *"),
)


@st.composite
def bounded(draw: st.DrawFn) -> Around:
    """A schedule of any kind, with options about its clock change."""
    change: ClockChange = draw(changes)
    case = Around(change, draw(every_kind(change)))
    near = st.integers(-2, 2).map(lambda n: change.day + timedelta(days=n))
    dates = near.map(str) | near.map(lambda day: f"{day}/{day + timedelta(days=1)}")
    options: dict[str, Any] = {}
    if left_out := draw(st.lists(st.sampled_from(TIMES) | dates, max_size=4)):
        options["exclude"] = left_out
    if draw(st.booleans()):
        options["start"] = utc_text(case.begin + draw(st.integers(0, 2 * DAY)))
    if draw(st.booleans()):
        options["end"] = utc_text(case.end - draw(st.integers(1, 2 * DAY)))
    return Around(change, case.written | options)


@settings(max_examples=250)
@given(bounded(), st.sampled_from((WORK, WORK, 1, 20)))
def test_what_is_left_is_found_forth_and_back(case: Around, work: int) -> None:
    schedule = parse_possible(case.written)
    found = search_walk(schedule, case.begin, case.end, work=work) if schedule else []
    assert [occurrence.nominal for occurrence in found] == list(nominal_times(case.written, case.begin, case.end))


@settings(max_examples=250)
@given(bounded(), st.sampled_from((1, 60, 1799, 1800, 3600, 30_000, DAY)), st.sampled_from((WORK, WORK, 20)))
def test_spread_moves_each_one_and_keeps_their_order(case: Around, offset: int, work: int) -> None:
    schedule = parse_possible(case.written)
    nominal = nominal_times(case.written, case.begin - 2 * DAY, case.end + 2 * DAY)
    following = [*nominal[1:], NEVER]
    effective = [min(at + offset, after - 1) for at, after in zip(nominal, following, strict=False)]
    # Of the last one listed it is not known what follows.
    listed = [Occurrence(*pair) for pair in zip(nominal, effective, strict=True)]
    expected = [pair for pair in listed if case.begin <= pair.effective < case.end]
    assert (search_walk(schedule, case.begin, case.end, offset, work) if schedule else []) == expected


NAMES = ("one", "two", "three")
USES = ("exclude_calendars", "require_calendars", "unused")


@st.composite
def calendars(draw: st.DrawFn, change: ClockChange) -> dict[str, list[str]]:
    """The days of some calendars, dates and ranges about a clock change, in any order."""
    near = st.integers(-2, 2).map(lambda n: change.day + timedelta(days=n))
    entries = st.tuples(near, st.integers(0, 2)).map(lambda one: f"{one[0]}/{one[0] + timedelta(days=one[1])}")
    return {name: draw(st.lists(entries | near.map(str), max_size=4)) for name in NAMES}


@settings(max_examples=250)
@given(st.data(), bounded(), st.tuples(*[st.sampled_from(USES)] * 3))
def test_days_of_calendars_are_left_out_or_required(data: st.DataObject, case: Around, uses: tuple[str, ...]) -> None:
    days, versions = data.draw(calendars(case.change)), CalendarVersions()
    used = {use: [name for name, its in zip(NAMES, uses, strict=True) if its == use] for use in USES[:2]}
    written = case.written | used
    for number, (name, entries) in enumerate(days.items()):
        versions.add(name, number, entries)
    named = under(written, {name: number for number, name in enumerate(days)})
    schedule = parse_possible(written)
    if schedule is not None:
        schedule = schedule.with_calendars({name: calendar_days(entries) for name, entries in days.items()})
    found = search_walk(schedule, case.begin, case.end) if schedule else []
    assert [occurrence.nominal for occurrence in found] == list(nominal_times(named, case.begin, case.end, versions))
