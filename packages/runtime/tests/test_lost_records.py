"""Records that a broker has lost are told once, and a service that lost some goes on."""

from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.lost_records import CHECK, LostRecords
from tasker_runtime.testing import RecordedLog

PARTITION = TopicPartition("tasker.due-tasks", 3)


class Lost(LostRecords):
    """With what it says of losses."""

    def __init__(self, markers: int = 0) -> None:
        self.counted, self.health, self.log = list[tuple[str, int]](), Health(), RecordedLog()

        def count(topic: str, offsets: int) -> None:
            self.counted.append((topic, offsets))

        super().__init__(count, "Do this.", self.health, self.log, markers)


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


def test_the_marker_of_the_last_transaction_is_no_record() -> None:
    lost = Lost(markers=1)
    assert not lost.look(PARTITION, 4, 5, 9)
    assert lost.look(PARTITION, 3, 5, 9)
