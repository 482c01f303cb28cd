"""The timing of a task, read again, fires when plain enumeration says that the task does."""

from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasker_cli.verify.enumeration.nominal_times import Written, for_task, nominal_times
from tasker_core.cron.expression import CronExpression
from tasker_core.schedules.occurrences import spread_offset
from tasker_core.schedules.schedule import NEVER
from tasker_core.timing.fire_times import Timing, TimingUnknown, fire_times, read_timing
from tasker_core.timing.timing_key import due_second, timing_of
from tests.schedules.clock_changes import DAY, ClockChange
from tests.schedules.engine_walk import parse_possible
from tests.schedules.test_options import bounded
from tests.schedules.written_schedules import Around, around, changes, instants

WINDOWS = {"PT1S": 1, "PT10M": 600, "PT45M": 2700, "PT8H": 28_800, "P1D": DAY}


class Spread(NamedTuple):
    """A schedule of a task, with the window of its `spread` in seconds (0: none)."""

    case: Around
    task_id: str
    window: int


@st.composite
def spread(draw: st.DrawFn) -> Spread:
    """Any schedule, its cron expression perhaps with an `H`."""
    case: Around = draw(bounded() | around(instants))
    written: Written = dict(case.written)
    if "cron" in written and len(written["cron"].split()) == 5 and draw(st.booleans()):
        written["cron"] = " ".join([draw(st.sampled_from(("H", "H/20"))), *written["cron"].split()[1:]])
    window = ""
    if draw(st.booleans()):
        written["spread"] = window = draw(st.sampled_from(sorted(WINDOWS)))
    task_id = draw(st.sampled_from(("a", "report-7", "x.y", "job-000123")))
    return Spread(Around(case.change, written), task_id, WINDOWS.get(window, 0))


@settings(max_examples=400)
@given(spread())
def test_a_timing_fires_when_its_tasks_do(drawn: Spread) -> None:
    case, task_id, window = drawn
    if (schedule := parse_possible(case.written)) is None:
        return
    text = schedule.model_dump_json(exclude_none=True).encode()
    timing_text = timing_of(text, task_id, case.begin - 10 * DAY)
    timing = read_timing(timing_text)
    nominal = nominal_times(for_task(case.written, task_id), case.begin - 2 * DAY, case.end + 2 * DAY)
    offset = spread_offset(task_id, window)
    assert [due_second(timing_text, at) for at in nominal] == [at + offset for at in nominal]
    following = [after - 1 for after in nominal[1:]] + [NEVER]
    effective = [min(at + offset, last) for at, last in zip(nominal, following, strict=False)]
    assert list(fire_times(timing, case.begin, case.end)) == [at for at in effective if case.begin <= at < case.end]


@pytest.mark.parametrize(
    ("written", "other"),
    [
        (
            '{"every":"PT15M","anchor":"2026-01-01T00:01:00.000Z"}',
            '{"every":"PT15M","anchor":"2025-03-01T10:16:00.000Z"}',
        ),
        ('{"cron":"0 0 * * *","timezone":"UTC","gap":"shift","fold":"first"}',) * 2,
    ],
)
def test_tasks_that_fire_at_the_same_instants_share_a_timing(written: str, other: str) -> None:
    assert timing_of(written.encode(), "a", 1_790_000_000) == timing_of(other.encode(), "b", 1_790_000_000)


DENSE = ("* * * * *", "*/15 * * * *", "*/7 1-3 * * *", "*/20 * * * * *", "0 * * * 1", "0,30 0-59/5 * 28-31 * ?")


@settings(max_examples=60)
@given(changes, st.sampled_from(DENSE), st.integers(0, DAY))
def test_whole_days_are_told_at_once_where_no_clock_changes(change: ClockChange, cron: str, second: int) -> None:
    begin, end = change.midnight - 3 * DAY + second, change.midnight + 4 * DAY - second // 2
    expression, expected = CronExpression.parse(cron, change.zone), list[int]()
    at = begin - 1
    while (at := expression.next_after(at)) < end:
        expected.append(at)
    assert list(fire_times(Timing(schedule=expression), begin, end)) == expected


def test_an_interval_does_not_fire_before_its_anchor() -> None:
    key = timing_of(b'{"every":"PT15M","anchor":"2027-01-01T00:00:00.000Z"}', "a", 1_790_000_000)
    assert list(fire_times(read_timing(key), 1_798_761_600 - 3600, 1_798_761_600 + 901)) == [
        1_798_761_600,
        1_798_761_600 + 900,
    ]


@pytest.mark.parametrize("cron", ["h 5 * * *", "H 5 * * *"])
@pytest.mark.parametrize("joined", [False, True])
def test_a_value_by_the_tasks_id_is_its_own_in_whichever_case_it_is_written(cron: str, joined: bool) -> None:
    written: dict[str, Any] = {"any": [{"cron": cron}], "timezone": "UTC"} if joined else {"cron": cron}
    schedule = parse_possible(written)
    assert schedule is not None
    timing = read_timing(timing_of(schedule.model_dump_json(exclude_none=True).encode(), "a", 0))
    assert list(fire_times(timing, 0, DAY)) == nominal_times(for_task(written, "a"), 0, DAY)


def test_what_is_once_stands_in_the_order_of_its_instants_between_intervals_and_the_rest() -> None:
    texts: list[Any] = [
        b'{"every":"PT15M","anchor":"2026-01-01T00:01:00.000Z"}',
        b'{"at":"2026-12-24T18:00:00+01:00","timezone":null}',
        b'{"at":"2026-12-24T17:00:01Z","timezone":null}',
        b'{"cron":"0 0 * * *","timezone":"UTC","gap":"shift","fold":"first"}',
    ]
    keys = [timing_of(text, "a", 1_790_000_000) for text in texts]
    assert keys == sorted(keys)
    assert keys[:2] == ["/900/60", "@2026-12-24T17:00:00.000Z"]


@pytest.mark.parametrize("key", ["", "{}", '{"cron":"61 * * * *"}', "@soon", "/900", '{"lunar":"full"}', "nonsense"])
def test_what_cannot_be_read_is_told(key: str) -> None:
    with pytest.raises(TimingUnknown):
        read_timing(key)


def test_a_schedule_of_a_later_release_is_its_own_timing() -> None:
    assert timing_of(b'{"lunar":"full","spread":"PT5M"}', "a", 0) == '{"lunar":"full","spread":"PT5M"}'
