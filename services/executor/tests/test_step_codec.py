"""Steps as text: whatever they are, what is written is read again, and text of others is no steps."""

from itertools import accumulate, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.loss_note import LossNote, with_note
from tasker_executor.partition.offsets import OffsetProgress, decode_commit, writer_of
from tasker_executor.partition.step_codec import pack, pack_first, read_series, series, unpack

WRITER = "0123456789ab"
steps = st.lists(st.one_of(st.integers(1, 4), st.integers(1, 300), st.integers(1, 2**62)), max_size=200)


def decoded_as_before_packing(offset: int, metadata: str) -> OffsetProgress:
    """What releases do that know only series, but for the bounds."""
    span, _, text = metadata.partition(" ")[2].partition(":")
    try:
        read_to, unfinished = offset + int(span), [offset, *accumulate(read_series(text), initial=offset)][1:]
    except ValueError:
        return OffsetProgress(offset)
    return OffsetProgress(read_to, unfinished)


@given(steps)
def test_what_is_packed_is_unpacked(steps: list[int]) -> None:
    assert list(unpack(pack(steps))) == steps


@given(steps)
def test_series_are_read_as_they_were_written_within_their_limit(steps: list[int]) -> None:
    text = series(steps, 20_000)
    assert text is not None
    assert list(read_series(text)) == steps
    assert series(steps, len(text)) == text
    assert text == "" or series(steps, len(text) - 1) is None


@given(steps, st.integers(10, 800))
def test_of_steps_that_do_not_fit_as_many_are_packed_as_do(steps: list[int], limit: int) -> None:
    count, packed = pack_first(steps, limit)
    assert len(packed) <= limit
    assert list(unpack(packed)) == steps[:count]
    assert count == len(steps) or len(pack(steps[: count + 1])) > limit


@given(st.integers(), st.integers(0, 2**40))
def test_a_packed_commit_states_what_is_unfinished_and_older_releases_take_its_offset_alone(
    seed: int, first: int
) -> None:
    random = Random(seed)
    unfinished = list(accumulate((random.randint(1, 2**20) for _ in range(1_500)), initial=first))
    progress = OffsetProgress(unfinished[-1] + 1, unfinished)
    offset, metadata = progress.encode(WRITER)
    noted = with_note(metadata, LossNote(3, 1_700_000_000_000))
    stated = decode_commit(offset, noted)
    listed = len(stated.unfinished)
    assert (offset, metadata.count(" "), writer_of(noted)) == (first, 1, WRITER)
    assert len(noted) <= 4_096
    assert listed > 1_000
    assert (stated.unfinished, stated.read_to) == (unfinished[:listed], [*unfinished, progress.read_to][listed])
    assert decoded_as_before_packing(offset, metadata) == OffsetProgress(first)


def test_what_fits_as_series_is_written_so_that_all_releases_can_read_it() -> None:
    progress = OffsetProgress(10_000, [*range(0, 900, 2), *range(1_000, 9_000, 7)])
    assert decoded_as_before_packing(*progress.encode(WRITER)) == progress


@pytest.mark.parametrize("text", ["", "hello", "ä", "~~~~~", pack([1, 2, 3])[:-2], pack([2**70]), "x" * 4_000])
def test_text_of_others_is_no_packed_steps(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        list(unpack(text))
    assert decode_commit(7, f"w z9:{text}") == OffsetProgress(7)


@given(st.text(max_size=60), st.text(max_size=9), st.integers(0, 2**62))
def test_no_packed_text_does_harm(text: str, span: str, offset: int) -> None:
    stated = decode_commit(offset, f"w z{span}:{text}")
    assert stated.read_to >= offset
    assert all(a < b for a, b in pairwise([*stated.unfinished, stated.read_to]))


@pytest.mark.parametrize("metadata", ["w z2:" + pack([5]), "w z5:" + pack([0]), f"w z9000000:{pack([1] * 100_000)}"])
def test_packed_steps_that_no_commit_of_ours_could_state_state_only_the_offset(metadata: str) -> None:
    assert decode_commit(7, metadata) == OffsetProgress(7)
