"""Out-of-order completion: nothing unfinished is ever passed over, and little that is finished is done again."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from tasker_executor.partition.offsets import (
    MAX_METADATA_BYTES,
    OffsetProgress,
    OffsetTracker,
    decode_commit,
    writer_of,
)
from tasker_executor.partition.partition import LanePartition

WRITER = "0123456789ab"


def after(*finished: int, read: range) -> OffsetTracker:
    offsets = OffsetTracker(None)
    assert all(offsets.accept(offset) for offset in read)
    for offset in finished:
        offsets.finish(offset)
    return offsets


def committed(offsets: OffsetTracker) -> tuple[int, str]:
    progress = offsets.progress()
    assert progress is not None
    return progress.encode(WRITER)


def test_nothing_read_is_nothing_to_commit() -> None:
    assert OffsetTracker(None).progress() is None
    assert OffsetTracker(None).resume_at is None


def test_the_commit_stays_at_the_first_unfinished_record_and_lists_the_finished_ones_behind_it() -> None:
    assert committed(after(0, 1, 3, read=range(5))) == (2, f"{WRITER} 3:2")
    assert committed(after(*range(5), read=range(5))) == (5, f"{WRITER} 0:")


def test_a_restart_does_again_just_what_was_unfinished() -> None:
    restarted = OffsetTracker(decode_commit(*committed(after(0, 1, 3, read=range(5)))))
    assert restarted.resume_at == 2
    assert [offset for offset in range(2, 8) if restarted.accept(offset)] == [2, 4, 5, 6, 7]


def test_a_record_that_is_in_flight_is_not_accepted_twice() -> None:
    offsets = after(read=range(3))
    assert offsets.resume_at == 3
    assert not offsets.accept(1)
    restarted = OffsetTracker(decode_commit(*committed(offsets)))
    assert restarted.accept(0)
    assert not restarted.accept(0)


def test_an_unfinished_record_that_is_gone_from_the_topic_holds_nothing_up() -> None:
    restarted = OffsetTracker(decode_commit(*committed(after(1, read=range(4)))))
    assert restarted.accept(3)
    restarted.finish(3)
    assert committed(restarted)[0] == 4


def test_markers_of_transactions_leave_gaps_that_do_no_harm() -> None:
    offsets = OffsetTracker(None)
    for offset in (0, 1, 3, 7):
        assert offsets.accept(offset)
        offsets.finish(offset)
    assert committed(offsets)[0] == 8


def test_metadata_of_others_states_just_the_offset() -> None:
    for text in ("", "hello", "a b:c", "w -3:", "w 5:-1", "w 2:9", "w 3:1,1,1", "0:", "w :"):
        assert decode_commit(7, text).unfinished in ([], [7])
        assert decode_commit(7, text).read_to >= 7
    assert decode_commit(7, "w 2:9") == OffsetProgress(7)
    assert (writer_of("w 0:"), writer_of("")) == ("w", "")


@given(st.text(max_size=40), st.integers(0, 2**62))
def test_no_metadata_does_harm(text: str, offset: int) -> None:
    decoded = decode_commit(offset, text)
    assert decoded.read_to >= offset
    assert OffsetTracker(decoded).accept(decoded.read_to)


@given(st.lists(st.integers(1, 10**7), max_size=2_000), st.integers(0, 10**12), st.integers(1, 10**6))
def test_whatever_fits_no_unfinished_record_is_stated_as_finished(steps: list[int], first: int, tail: int) -> None:
    unfinished = [first]
    for step in steps:
        unfinished.append(unfinished[-1] + step)
    progress = OffsetProgress(unfinished[-1] + tail, unfinished)
    offset, metadata = progress.encode(WRITER)
    assert len(metadata.encode()) <= MAX_METADATA_BYTES
    decoded = decode_commit(offset, metadata)
    assert offset == first
    assert set(unfinished) == set(decoded.unfinished) | {one for one in unfinished if one >= decoded.read_to}
    if len(steps) <= 400:
        assert decoded == progress


@given(st.data())
def test_over_any_number_of_restarts_every_record_is_finished_and_none_again_once_that_is_committed(
    data: st.DataObject,
) -> None:
    topic = sorted(data.draw(st.sets(st.integers(0, 60), min_size=1)))
    done: set[int] = set()
    settled: set[int] = set()
    commit: tuple[int, str] | None = None
    for _ in range(data.draw(st.integers(1, 4))):
        offsets = OffsetTracker(decode_commit(*commit) if commit else None)
        start = offsets.resume_at or 0
        read = [one for one in topic if one >= start][: data.draw(st.integers(0, 60))]
        in_flight = [one for one in read if offsets.accept(one)]
        assert settled.isdisjoint(in_flight)
        finished = data.draw(st.permutations(in_flight))[: data.draw(st.integers(0, len(in_flight)))]
        for offset in finished:
            offsets.finish(offset)
        done.update(finished)
        if offsets.progress() and data.draw(st.booleans()):
            commit = committed(offsets)
            settled.update(finished)
    offsets = OffsetTracker(decode_commit(*commit) if commit else None)
    rest = [one for one in topic if one >= (offsets.resume_at or 0) and offsets.accept(one)]
    assert done | set(rest) == set(topic)
    assert settled.isdisjoint(rest)


def test_ten_thousand_that_wait_are_listed_in_a_few_bytes() -> None:
    offsets = after(*range(1, 400, 2), 5_000, read=range(10_000))
    decoded = decode_commit(*committed(offsets))
    assert len(decoded.unfinished) == 10_000 - 201
    assert len(committed(offsets)[1]) < 80
    assert offsets.fits_commit(200)


def test_what_no_commit_of_ours_could_state_does_no_harm() -> None:
    assert decode_commit(7, "w 900000000:1x800000000") == OffsetProgress(7)
    assert decode_commit(7, "w 9:1x-3").unfinished in ([], [7])
    assert decode_commit(7, "w 4:1x3") == OffsetProgress(11, [7, 8, 9, 10])


@given(st.lists(st.booleans(), min_size=1, max_size=6_000), st.integers(0, 400))
def test_as_long_as_more_fits_a_commit_lists_all(finished: list[bool], more: int) -> None:
    offsets = OffsetTracker(None)
    for offset, over in enumerate(finished):
        assert offsets.accept(offset)
        if over:
            offsets.finish(offset)
    if offsets.fits_commit(more):
        progress = offsets.progress()
        assert decode_commit(*committed(offsets)) == progress
    else:
        assert len(committed(offsets)[1]) > MAX_METADATA_BYTES - (more + 50) * 12


@given(st.data())
def test_stretches_of_equal_steps_are_decoded_as_they_were(data: st.DataObject) -> None:
    unfinished = [data.draw(st.integers(0, 10**9))]
    for step, count in data.draw(st.lists(st.tuples(st.integers(1, 900), st.integers(1, 2_000)), max_size=30)):
        for _ in range(count):
            unfinished.append(unfinished[-1] + step)
    progress = OffsetProgress(unfinished[-1] + data.draw(st.integers(1, 5)), unfinished)
    assert decode_commit(*progress.encode(WRITER)) == progress


@given(st.lists(st.integers(1, 3), min_size=1, max_size=3_000))
def test_what_is_to_be_read_again_after_a_restart_is_no_reason_not_to_read(steps: list[int]) -> None:
    unfinished = list(accumulate(steps))
    restarted = LanePartition(
        "live", OffsetTracker(decode_commit(*OffsetProgress(unfinished[-1] + 1, unfinished).encode(WRITER)))
    )
    while (at := restarted.offsets.resume_at) is not None and at <= unfinished[-1]:
        assert len(restarted.offsets) == 0
        assert restarted.has_capacity
        for offset in range(at, at + 200):
            if restarted.offsets.accept(offset):
                restarted.offsets.finish(offset)


def test_it_is_harmless_to_finish_a_record_twice() -> None:
    offsets = after(0, 0, read=range(2))
    assert committed(offsets) == (1, f"{WRITER} 1:")


def test_each_record_that_is_read_or_finished_is_a_change_to_commit() -> None:
    offsets = OffsetTracker(None)
    changes = [offsets.changes]
    assert offsets.accept(5)
    changes.append(offsets.changes)
    offsets.finish(5)
    changes.append(offsets.changes)
    assert changes == sorted(set(changes))
    assert not offsets.accept(5)
    assert offsets.changes == changes[-1]


def test_metadata_without_a_space_was_written_by_none_of_ours() -> None:
    assert writer_of("hello") == ""
    assert writer_of("w 3:2") == "w"


def test_a_new_owner_commits_also_before_anything_has_changed() -> None:
    for start in (None, OffsetProgress(5, [2])):
        partition = LanePartition("live", OffsetTracker(start))
        assert partition.offsets.changes != partition.committed_changes
