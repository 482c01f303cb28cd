"""The length of a commit: what a too long one leaves out counts as not read yet, and reading stops before one is."""

from collections.abc import Callable, Iterator
from itertools import accumulate, count, cycle, islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_executor.partition.offsets import (
    MAX_UNFINISHED,
    MEASURE_EVERY,
    OffsetProgress,
    OffsetTracker,
    decode_commit,
)
from tasker_executor.partition.partition import POLL_RECORDS

BROKER_LIMIT = 4_096
WRITER = "0123456789ab"
MARGIN = 80
"""Of a commit that is full so many bytes may be left: for its head, and for the next series of steps."""

ENOUGH = 10_000
"""So many waiting runs are promised (docs/runs.md)."""


def random_steps(seed: int, longest: int = 10**6) -> list[int]:
    random = Random(seed)
    return [random.randint(1, longest) for _ in range(5_000 if longest < 200 else 1_500)]


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
    _check_listed(progress_of(steps, count, first, tail))


def _check_listed(progress: OffsetProgress) -> None:
    offset, metadata = progress.encode(WRITER)
    stated = decode_commit(offset, metadata)
    listed = len(stated.unfinished)
    assert len(metadata.encode()) <= BROKER_LIMIT
    assert offset == progress.unfinished[0]
    assert stated.unfinished == progress.unfinished[:listed]
    assert stated.read_to == [*progress.unfinished, progress.read_to][listed]
    if stated != progress:
        assert len(metadata) > BROKER_LIMIT - MARGIN


@pytest.mark.parametrize("longest", [3, 20, 200, 10**6])
def test_so_it_does_with_steps_at_random(longest: int) -> None:
    steps = random_steps(1, longest)
    progress = progress_of(steps, len(steps), tail=5)
    for end in range(len(steps), 0, -len(steps) // 20):
        _check_listed(progress_of(steps, end, tail=5))
    assert progress.encode(WRITER)[1].startswith(f"{WRITER} z")


def test_a_commit_lists_no_more_than_the_greatest_number_of_unfinished_records() -> None:
    even = list(range(0, MAX_UNFINISHED, 2))
    both = [*even, *range(even[-1] + 1, even[-1] + 1 + MAX_UNFINISHED - len(even))]
    full = OffsetProgress(both[-1] + 1, both)
    assert decode_commit(*full.encode(WRITER)) == full
    one_more = OffsetProgress(both[-1] + 2, [*both, both[-1] + 1])
    assert decode_commit(*one_more.encode(WRITER)) == full


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
@pytest.mark.parametrize(("longest", "step_bytes"), [(3, 1), (20, 1), (10**6, 4)])
def test_reading_stops_before_a_commit_is_too_long_and_goes_on_as_soon_as_enough_is_finished(
    more: int, longest: int, step_bytes: int
) -> None:
    offsets, random = OffsetTracker(None), Random(1)
    topic = accumulate(random.randint(1, longest) for _ in count())
    while offsets.fits_commit(more):
        assert offsets.accept(next(topic))
        assert len(offsets) % 50 or not offsets.fits_commit(more) or lists_all(offsets)
    least = BROKER_LIMIT - MARGIN - (more + 2 * MEASURE_EVERY) * step_bytes
    for offset in unfinished_in(offsets):
        offsets.finish(offset)
        if offsets.fits_commit(more):
            break
        assert offset % 5 or bytes_of(offsets) > least
    for offset in islice(topic, more):
        assert offsets.accept(offset)
    assert lists_all(offsets)


def test_a_long_commit_is_no_reason_not_to_read_its_own_records_again() -> None:
    progress = progress_of(random_steps(1), 1_000)
    restarted = OffsetTracker(decode_commit(*progress.encode(WRITER)))
    for offset in progress.unfinished:
        assert restarted.fits_commit(POLL_RECORDS)
        assert restarted.accept(offset)
    assert not restarted.fits_commit(POLL_RECORDS)  # but none to read what comes after them


def mixed(share: float) -> Iterator[bool]:
    """The runs of a partition at random: whether each is one of those that hang."""
    random = Random(1)
    return (random.random() < share for _ in count())


def every_second_among_others() -> Iterator[bool]:
    """A run that hangs each second, and after it those of four tasks that are due every 2, 3, 5 and 7 seconds."""
    for second in count(1):
        yield True
        yield from (False for period in (2, 3, 5, 7) if second % period == 0)


@pytest.mark.parametrize(
    ("hangs", "waiting"),
    [
        (every_second_among_others, ENOUGH),
        (lambda: mixed(0.9), ENOUGH),
        (lambda: mixed(0.5), ENOUGH),
        (lambda: mixed(0.2), 6_500),
        (lambda: mixed(0.05), 4_000),
        (lambda: mixed(0.01), 2_400),
    ],
)
def test_so_many_runs_that_hang_may_wait_among_others_that_end(
    hangs: Callable[[], Iterator[bool]], waiting: int
) -> None:
    """Of the share p of all records that hang, each takes a commit about H(p) / p bits: no code can do with less."""
    offsets, random, topic = OffsetTracker(None), Random(2), enumerate(hangs())
    while offsets.fits_commit(POLL_RECORDS) and len(offsets) < ENOUGH:
        polled = list(islice(topic, POLL_RECORDS))
        assert all(offsets.accept(offset) for offset, _ in polled)
        ending = [offset for offset, does_hang in polled if not does_hang]
        random.shuffle(ending)
        for part in (ending[::2], ending[1::2]):
            for offset in part:
                offsets.finish(offset)
            assert len(offsets) % 5 or lists_all(offsets)
    assert lists_all(offsets)
    assert len(offsets) >= waiting
