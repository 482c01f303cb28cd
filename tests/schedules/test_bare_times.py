"""Each kind about clock changes in fifteen zones: what the engine answers is what the enumeration lists."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tasker_core.schedules.schedule import NEVER
from tests.schedules.engine_walk import bare_walk, parse, parse_possible
from tests.schedules.enumeration.nominal_times import bare_times
from tests.schedules.written_schedules import Around, around, calendar_intervals, crons, every_kind, unions


def check(case: Around) -> list[int]:
    expected = bare_times(case.written, case.begin, case.end)
    schedule = parse_possible(case.written)
    found = bare_walk(schedule, case.begin, case.end) if schedule else []
    assert found == expected
    return found


@settings(max_examples=500)
@given(around(calendar_intervals))
def test_calendar_intervals(case: Around) -> None:
    check(case)


@settings(max_examples=500)
@given(around(crons))
def test_cron_expressions(case: Around) -> None:
    check(case)


@settings(max_examples=200)
@given(around(unions))
def test_unions(case: Around) -> None:
    found = check(case)
    assert len(found) == len(set(found))


@settings(max_examples=200)
@given(around(every_kind), st.floats(0, 1))
def test_the_answer_depends_on_nothing_but_the_time(case: Around, place: float) -> None:
    schedule = parse_possible(case.written)
    if schedule is None:
        return
    at = case.begin + int((case.end - case.begin) * place)
    after, before = schedule.next_after(at), schedule.previous_before(at)
    assert before < at < after
    if after < NEVER:
        assert schedule.previous_before(after + 1) == after
        assert schedule.previous_before(after) <= at
        assert schedule.next_after(after - 1) == schedule.next_after((at + after) // 2) == after
    if before > -NEVER:
        assert schedule.next_after(before - 1) == before
        assert schedule.next_after(before) >= at


def test_manual_is_never_due() -> None:
    manual = parse({"manual": True})
    for at in (-NEVER, 0, 1_800_000_000, NEVER):
        assert manual.next_after(at) == NEVER
        assert manual.previous_before(at) == -NEVER
