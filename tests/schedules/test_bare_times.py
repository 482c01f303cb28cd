"""Each kind about clock changes in fifteen zones: what the engine answers is what the enumeration lists."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tasker_cli.verify.enumeration.nominal_times import bare_times, members
from tasker_core.schedules.schedule import NEVER
from tests.schedules.engine_walk import bare_walk, parse, parse_possible
from tests.schedules.written_schedules import Around, around, calendar_intervals, crons, every_kind, unions


def check(case: Around) -> list[int]:
    expected = list(bare_times(case.written, case.begin, case.end))
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
    schedule = parse_possible(case.written)
    if schedule is not None:
        of_members = [set(bare_times(member, case.begin, case.end)) for member in members(case.written)]
        by = [[index for index, times in enumerate(of_members) if at in times] for at in found]
        assert [schedule.members_at(at) for at in found] == by
        # Asked in another order, it is the same.
        assert [schedule.members_at(at) for at in found[::-3]] == by[::-3]


@settings(max_examples=200)
@given(around(every_kind), st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_the_answer_depends_on_nothing_but_the_time(case: Around, places: list[float]) -> None:
    schedule = parse_possible(case.written)
    if schedule is None:
        return
    listed = list(bare_times(case.written, case.begin, case.end))
    for place in places:
        at = case.begin + int((case.end - case.begin) * place)
        after, before = schedule.next_after(at), schedule.previous_before(at)
        later, earlier = [one for one in listed if one > at], [one for one in listed if one < at]
        assert after == later[0] if later else after >= case.end
        assert before == earlier[-1] if earlier else before < case.begin
        if after < NEVER:
            assert schedule.previous_before(after + 1) == after
            assert schedule.next_after(after - 1) == schedule.next_after((at + after) // 2) == after
        if before > -NEVER:
            assert schedule.next_after(before - 1) == before
            assert schedule.next_after(before) >= at


def test_a_union_with_a_member_that_no_date_matches_is_refused() -> None:
    daily = {"every": "P1D", "at": "00:00", "anchor": "2026-03-29"}
    union = {"any": [daily, {"cron": "0 0 0 29 2 ? 2026"}], "timezone": "Europe/Berlin"}
    assert parse_possible(union) is None
    assert parse_possible({**union, "any": [daily, {"cron": "0 0 0 29 2 ? 2028"}]}) is not None


def test_manual_is_never_due() -> None:
    manual = parse({"manual": True})
    for at in (-NEVER, 0, 1_800_000_000, NEVER):
        assert manual.next_after(at) == NEVER
        assert manual.previous_before(at) == -NEVER
