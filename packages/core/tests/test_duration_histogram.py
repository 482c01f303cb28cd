"""Histograms of parts, put together, are that of the whole; percentiles are as exact as is said."""

from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from tasker_core.statistics.histogram import RELATIVE_ERROR, DurationHistogram, bucket_of, value_of

DURATIONS = st.integers(-1_000, 400 * 24 * 3_600_000)


def histogram(durations: list[int]) -> DurationHistogram:
    found = DurationHistogram()
    found.add(durations)
    return found


@given(st.lists(st.lists(DURATIONS)), st.data())
def test_parts_in_any_order_make_the_whole(parts: list[list[int]], data: st.DataObject) -> None:
    merged = DurationHistogram()
    for part in data.draw(st.permutations(parts)):
        merged.merge(histogram(part))
    assert merged == histogram([one for part in parts for one in part])


@given(st.lists(DURATIONS, min_size=1), st.floats(0, 1))
def test_percentiles_are_within_the_relative_error(durations: list[int], share: float) -> None:
    true = sorted(durations)[max(1, ceil(share * len(durations))) - 1]
    found = histogram(durations).percentile(share)
    assert found is not None
    assert abs(found - max(0, true)) <= RELATIVE_ERROR * max(0, true) + 1e-6


@given(DURATIONS)
def test_every_duration_is_near_what_stands_for_it(duration: int) -> None:
    assert abs(value_of(bucket_of(duration)) - max(0, duration)) <= RELATIVE_ERROR * max(0, duration) + 1e-6


def test_the_worst_is_exact_and_no_percentile_exceeds_it() -> None:
    found = histogram([10, 20, 12_345])
    assert found.worst == 12_345
    assert found.percentile(1) == 12_345


def test_of_nothing_there_is_no_percentile() -> None:
    assert DurationHistogram().percentile(0.5) is None
