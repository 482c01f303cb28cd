"""Any window is made of whole minutes, hours and days, without a gap and with none twice."""

from hypothesis import given
from hypothesis import strategies as st

from tasker_core.statistics.time_units import LENGTHS, TimeUnit, in_rows, units_between, units_of

MINUTES = st.integers(29_000_000, 29_200_000)


@given(MINUTES, st.integers(0, 50_000))
def test_the_units_of_a_window_follow_each_other(start: int, length: int) -> None:
    units = units_between(start, start + length)
    assert [unit.start for unit in units] == [start, *(unit.end for unit in units)][: len(units)]
    assert (units[-1].end if units else start) == start + length
    assert all(unit in units_of(unit.start) for unit in units)


@given(MINUTES, st.integers(0, 50_000))
def test_they_are_few(start: int, length: int) -> None:
    assert len(units_between(start, start + length)) <= 2 * 59 + 2 * 23 + length // LENGTHS["day"]


def test_a_window_across_midnight() -> None:
    day = LENGTHS["day"]
    found = units_between(day - 61, 2 * day + 1)
    assert found == [
        TimeUnit("minute", day - 61),
        TimeUnit("hour", day - 60),
        TimeUnit("day", day),
        TimeUnit("minute", 2 * day),
    ]


@given(MINUTES, st.integers(1, 50_000))
def test_rows_of_units_are_few_and_their_ids_enclose_them_alone(start: int, length: int) -> None:
    units = units_between(start, start + length)
    rows = in_rows(units)
    assert len(rows) <= 5
    for unit in units_of(start + length // 2):
        for of in ("all", "handler/a"):
            row = any(one.document_id("all") <= unit.document_id(of) <= other.document_id("all") for one, other in rows)
            assert row == (of == "all" and unit in units)
