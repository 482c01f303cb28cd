"""Events sent on to their partition: the first append counts, however often and from wherever they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.events.forwarded_event import OFFSET, AppendPosition, forwarded_headers, origin_of

numbers = st.integers(0, 10**17)
appended = st.builds(AppendPosition, numbers, st.integers(0, 100), numbers)
headers = st.lists(st.tuples(st.sampled_from(["ce_id", "traceparent", "x"]), st.binary(max_size=5)), max_size=4)


@given(headers, appended, appended)
def test_the_first_origin_stays(known: list[tuple[str, bytes]], first: AppendPosition, second: AppendPosition) -> None:
    assert origin_of(known) is None
    once = forwarded_headers(known, first)
    assert origin_of(once) == first
    assert once[: len(known)] == known
    assert forwarded_headers(once, second) == once


def test_what_is_broken_is_no_origin() -> None:
    good = forwarded_headers([], AppendPosition(1, 2, 3))
    assert origin_of(good[:2]) is None
    for value in (b"", b"-1", b"x", b"1" * 19, "٣".encode(), b"1_0", b" 1"):
        assert origin_of([*good[:2], (OFFSET, value)]) is None
        assert origin_of(forwarded_headers([*good[:2], (OFFSET, value)], AppendPosition(4, 5, 6))) == (4, 5, 6)


@pytest.mark.parametrize(("older", "newer"), [((1, 9, 9), (2, 0, 0)), ((1, 1, 9), (1, 2, 0)), ((1, 1, 1), (1, 1, 2))])
def test_they_order_by_time_then_partition_then_offset(
    older: tuple[int, int, int], newer: tuple[int, int, int]
) -> None:
    assert AppendPosition(*older) < AppendPosition(*newer)
    assert AppendPosition(7, 3, 42).event_id == "3-42"
