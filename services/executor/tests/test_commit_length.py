"""The length of a commit: what a too long one leaves out counts as not read yet, and reading stops before one is."""

from itertools import accumulate, cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_executor.partition.offsets import MAX_UNFINISHED, OffsetProgress, OffsetTracker, decode_commit
from tasker_executor.partition.partition import POLL_RECORDS

BROKER_LIMIT = 4_096
WRITER = "0123456789ab"
MARGIN = 80
"""Of a commit that is full so many bytes may be left: for its head, and for the next series of steps."""

patterns = st.lists(st.integers(1, 10**6), min_size=1, max_size=6)
"""Steps between unfinished records, which repeat."""


def progress_of(steps: list[int], count: int, first: int = 0, tail: int = 1) -> OffsetProgress:
    unfinished = list(accumulate(islice(cycle(steps), count), initial=first))
    return OffsetProgress(unfinished[-1] + tail, unfinished)


def unfinished_in(offsets: OffsetTracker) -> list[int]:
    progress = offsets.progress()
    return progress.unfinished if progress else []


def lists_all(offsets: OffsetTracker) -> bool:
    progress = offsets.progress()
    return progress is None or decode_commit(*progress.encode(WRITER)) == progress


def bytes_of(offsets: OffsetTracker) -> int:
    progress = offsets.progress()
    return 0 if progress is None else len(progress.encode(WRITER)[1])


@given(patterns, st.integers(0, 2_500), st.integers(0, 10**12), st.integers(1, 10**15))
def test_a_commit_lists_as_many_unfinished_records_as_fit_and_the_others_count_as_not_read(
    steps: list[int], count: int, first: int, tail: int
) -> None:
    progress = progress_of(steps, count, first, tail)
    offset, metadata = progress.encode(WRITER)
    stated = decode_commit(offset, metadata)
    listed = len(stated.unfinished)
    assert len(metadata.encode()) <= BROKER_LIMIT
    assert offset == first
    assert stated.unfinished == progress.unfinished[:listed]
    assert stated.read_to == [*progress.unfinished, progress.read_to][listed]
    if stated != progress:
        assert len(metadata) > BROKER_LIMIT - MARGIN


def test_a_commit_lists_no_more_than_the_greatest_number_of_unfinished_records() -> None:
    even = list(range(0, MAX_UNFINISHED, 2))
    both = [*even, *range(even[-1] + 1, even[-1] + 1 + MAX_UNFINISHED - len(even))]
    full = OffsetProgress(both[-1] + 1, both)
    assert decode_commit(*full.encode(WRITER)) == full
    one_more = OffsetProgress(both[-1] + 2, [*both, both[-1] + 1])
    assert decode_commit(*one_more.encode(WRITER)) == OffsetProgress(even[-1] + 1, even)


@pytest.mark.parametrize("steps", [f"1x{MAX_UNFINISHED}", f"1x{MAX_UNFINISHED - 1},1"])
def test_metadata_that_lists_more_states_only_its_offset(steps: str) -> None:
    assert decode_commit(7, f"w {MAX_UNFINISHED + 1}:{steps}") == OffsetProgress(7)


@given(patterns, st.lists(st.booleans(), min_size=1, max_size=6), st.integers(1, 20), st.integers(1, POLL_RECORDS))
def test_while_a_commit_fits_it_still_lists_all_after_the_next_poll(
    steps: list[int], finished: list[bool], polls: int, more: int
) -> None:
    offsets, topic, finishes = OffsetTracker(None), accumulate(cycle(steps)), cycle(finished)
    for _ in range(polls):
        if not offsets.fits_commit(more):
            assert bytes_of(offsets) > BROKER_LIMIT - MARGIN - (more + 50) * 12
            return
        for offset in islice(topic, more):
            assert offsets.accept(offset)
        assert lists_all(offsets)
        for offset in unfinished_in(offsets)[-more:]:
            if next(finishes):
                offsets.finish(offset)


@pytest.mark.parametrize("more", [0, 1, POLL_RECORDS])
def test_reading_stops_before_a_commit_is_too_long_and_goes_on_as_soon_as_enough_is_finished(more: int) -> None:
    offsets = OffsetTracker(None)
    for offset in accumulate(islice(cycle([7, 77_777]), 1_100)):
        assert offsets.accept(offset)
        assert not offsets.fits_commit(more) or lists_all(offsets)
    assert not offsets.fits_commit(more)
    for offset in unfinished_in(offsets):
        assert not offsets.fits_commit(more)
        assert bytes_of(offsets) > BROKER_LIMIT - MARGIN - more * 12
        offsets.finish(offset)
        if offsets.fits_commit(more):
            break
    assert lists_all(offsets)
    assert bytes_of(offsets) <= BROKER_LIMIT - more * 12


def test_a_long_commit_is_no_reason_not_to_read_its_own_records_again() -> None:
    progress = progress_of([1, 2], 1_800)
    restarted = OffsetTracker(decode_commit(*progress.encode(WRITER)))
    for offset in progress.unfinished:
        assert restarted.fits_commit(POLL_RECORDS)
        assert restarted.accept(offset)
    assert not restarted.fits_commit(POLL_RECORDS)  # but none to read what comes after them
