"""Ids: sortable when new_task_id, constant for a run whatever happens to its task."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tasker_core.ids import TASK_ID_PATTERN, new_task_id, run_id

times, entropy = st.integers(0, 2**48 - 1), st.integers(0, 2**80 - 1)


@given(times, times, entropy, entropy)
def test_minted_ids_sort_by_time_and_are_task_ids(a: int, b: int, x: int, y: int) -> None:
    one, two = new_task_id(a, x), new_task_id(b, y)
    assert len(one) == 26
    assert re.fullmatch(TASK_ID_PATTERN, one)
    assert (one < two) == ((a, x) < (b, y))


def test_a_run_is_told_apart_by_all_that_makes_it() -> None:
    base = run_id("a", 1, "scheduled", 60)
    assert base == run_id("a", 1, "scheduled", 60)
    others = [
        run_id("b", 1, "scheduled", 60),
        run_id("a", 2, "scheduled", 60),
        run_id("a", 1, "manual", 60),
        run_id("a", 1, "scheduled", 61),
        run_id("a", 1, "scheduled", 60, "e"),
    ]
    assert len({base, *others}) == 6
    assert len(base) == 32
