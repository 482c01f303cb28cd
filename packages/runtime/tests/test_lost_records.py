"""Records that a broker has lost are told once, and a service that lost some goes on."""

import pytest

from tasker_core.loss_note import KEPT_MS, NOTE_BYTES, LossNote, note_in, with_note, without_note
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.lost_records import CHECK, LossNotes, LostRecords
from tasker_runtime.testing import RecordedLog

PARTITION = TopicPartition("tasker.due-tasks", 3)


class Lost(LostRecords):
    """With what it says of losses."""

    def __init__(self, markers: int = 0) -> None:
        self.counted, self.health, self.log = list[tuple[str, int]](), Health(), RecordedLog()

        def count(topic: str, offsets: int) -> None:
            self.counted.append((topic, offsets))

        self.now_ms, self.notes = 5_000, LossNotes(lambda: self.now_ms)
        super().__init__(count, "Do this.", self.notes, self.health, self.log, markers)


def test_what_continues_is_no_loss() -> None:
    lost = Lost()
    assert not any(lost.look(PARTITION, offset, 5, 9) for offset in (5, 7, 9))
    assert lost.health.checks[CHECK].good
    assert lost.counted == []


def test_a_lost_beginning_and_a_lost_end_are_told_once_and_do_not_gate() -> None:
    lost = Lost()
    assert lost.look(PARTITION, 2, 5, 9)
    assert lost.look(PARTITION, 2, 5, 10)
    assert lost.look(PARTITION, 12, 5, 9)
    assert lost.counted == [("tasker.due-tasks", 3), ("tasker.due-tasks", 3)]
    check = lost.health.checks[CHECK]
    assert (check.good, check.gates) == (False, False)
    assert check.detail == (
        "offsets 2 to 4 of tasker.due-tasks partition 3 were deleted unread (and 1 more, see the log). Do this."
    )
    lost.went_back(PARTITION, 20, 7)
    assert lost.counted[-1] == ("tasker.due-tasks", 13)


def test_what_comes_after_a_lost_end_makes_it_no_other_loss_and_more_that_is_deleted_adds() -> None:
    lost = Lost()
    for end in range(990, 1_000):
        lost.look(PARTITION, 1_000, 0, end)
    assert lost.counted == [("tasker.due-tasks", 10)]
    lost.look(PARTITION, 2, 5, 9)
    lost.look(PARTITION, 2, 7, 9)
    assert [count for _, count in lost.counted] == [10, 3, 2]
    assert "(and 1 more, see the log)" in lost.health.checks[CHECK].detail


def test_the_marker_of_the_last_transaction_is_no_record() -> None:
    lost = Lost(markers=1)
    assert not lost.look(PARTITION, 4, 5, 9)
    assert lost.look(PARTITION, 3, 5, 9)


def test_what_is_lost_is_noted_in_commits_for_a_day_and_more_of_it_adds() -> None:
    lost = Lost()
    lost.look(PARTITION, 2, 5, 9)
    lost.now_ms = 6_000
    lost.look(PARTITION, 12, 5, 9)
    assert lost.notes.of(PARTITION) == LossNote(6, 5_000)
    lost.now_ms += KEPT_MS
    assert lost.notes.of(PARTITION) is None
    lost.look(PARTITION, 3, 5, 9)
    assert lost.notes.of(PARTITION) == LossNote(2, lost.now_ms)


@pytest.mark.parametrize("metadata", ["", "writer 0:", "writer 12:1x3,2"])
def test_a_note_is_read_back_and_leaves_what_stands_before_it(metadata: str) -> None:
    noted = with_note(metadata, LossNote(7, 123))
    assert (note_in(noted), without_note(noted), note_in(metadata)) == (LossNote(7, 123), metadata, None)
    assert without_note(metadata) == with_note(metadata, None) == metadata
    assert len(with_note("", LossNote(10**20, 10**15 - 1))) <= NOTE_BYTES


def test_the_next_owner_keeps_a_note_unless_it_knows_of_more() -> None:
    notes = LossNotes(lambda: 5_000)
    notes.restore(PARTITION, "writer 0: lost=7@123")
    assert notes.of(PARTITION) == LossNote(7, 123)
    notes.add(PARTITION, 2)
    notes.restore(PARTITION, "writer 0: lost=7@123")
    assert notes.of(PARTITION) == LossNote(9, 123)
    notes.drop_until(123)
    assert notes.of(PARTITION) is None
