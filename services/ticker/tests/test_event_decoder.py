"""Events as they are read from a partition, whatever their headers say and however large they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import msgspec
import pytest
from aiokafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from tasker_core.events.callback_events import ReportEvent
from tasker_core.events.forwarded_event import APPENDED, OFFSET, PARTITION, AppendPosition
from tasker_core.events.task_event import Rejection
from tasker_core.kafka_record import Record, RecordPosition
from tasker_core.topics import partition_of
from tasker_runtime.dead_letter_producer import DeadLetterProducer
from tasker_runtime.kafka.client import KafkaTimeout
from tasker_runtime.testing import RecordedLog
from tasker_ticker.kafka.event_decoder import EventDecoder
from tasker_ticker.testing.nothing_followed import NothingFollowed
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness

HOUR_LATER = (NOON + 3600) * 1000
FORGED = 10**18 - 1


@dataclass(slots=True)
class Sender:
    """A RecordSender: it keeps what is sent, and refuses what goes to `refused_topic`."""

    refusal: Exception | None = None
    refused_topic: str = "task-events"
    sent: list[tuple[str, bytes | None, int | None]] = field(default_factory=list[tuple[str, bytes | None, int | None]])

    async def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        seconds: float = 10.0,
    ) -> RecordPosition:
        if self.refusal is not None and topic == self.refused_topic:
            raise self.refusal
        self.sent.append((topic, value, partition))
        return RecordPosition(partition or 0, 0)


def decoder(sender: Sender, partitions: int = 1) -> EventDecoder:
    nothing = NothingFollowed()
    dead_letters = DeadLetterProducer(sender, "dead-letters", "ticker")
    return EventDecoder(partitions, nothing, nothing, nothing, sender, dead_letters, RecordedLog())


def record(event: object, *headers: tuple[str, bytes], offset: int = 1, at_ms: int = HOUR_LATER) -> Record:
    return Record("task-events", 0, offset, at_ms, None, msgspec.json.encode(event), headers)


def forwarded(ms: int, partition: int = 0, offset: int = 1) -> list[tuple[str, bytes]]:
    return [(APPENDED, str(ms).encode()), (PARTITION, str(partition).encode()), (OFFSET, str(offset).encode())]


async def test_no_event_was_appended_first_after_it_was_found() -> None:
    report = {"type": "report", "task_id": "a", "run_id": "0" * 32, "attempt": 1}
    found = await decoder(Sender()).decode(record(report, *forwarded(FORGED)))
    assert (found.appended, found.forwarded) == (AppendPosition(HOUR_LATER, 0, 1), True)
    honest = await decoder(Sender()).decode(record(report, *forwarded(HOUR_LATER - 1, 3, 42)))
    assert (honest.appended, honest.forwarded) == (AppendPosition(HOUR_LATER - 1, 3, 42), True)
    assert isinstance(found.content, ReportEvent)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "report", "task_id": "a", "run_id": "0" * 32, "attempt": 1},
        {
            "type": "outcome",
            "task_id": "a",
            "run_id": "0" * 32,
            "generation": 1,
            "version": 1,
            "effective_at": "2026-01-01T12:00:10Z",
            "outcome": "failed",
        },
        {"type": "pause", "task_id": "a"},
    ],
)
async def test_a_forged_first_append_does_no_harm(event: dict[str, object]) -> None:
    harness = PartitionHarness(now=3600)
    harness.put(3600, "a", {"every": "PT1H"}, notify=[{"on": ["failed"], "kafka": {"topic": "x"}}])
    harness.settle(3600)
    harness.receive(await decoder(Sender()).decode(record(event, *forwarded(FORGED))))
    harness.receive(
        await decoder(Sender()).decode(record({"type": "resume", "task_id": "a"}, *forwarded(HOUR_LATER, 0, 2)))
    )
    harness.settle(3601)
    words = [verdict["verdict"] for verdict in harness.verdicts()]
    assert words[-1] == "accepted", "what comes later is not outdated"
    assert set(words) == {"accepted"}


async def test_a_forged_first_append_judges_no_deadline_early() -> None:
    harness = PartitionHarness(now=3600)
    late = [{"on": ["late"], "late": "PT10M", "kafka": {"topic": "x"}}]
    harness.put(3600, "a", {"every": "PT1S"}, notify=late)
    harness.settle(3601)
    harness.receive(await decoder(Sender()).decode(record({"type": "pause", "task_id": "a"}, *forwarded(FORGED))))
    harness.tick(3700)
    assert [run for run in harness.topics["due-background"] if run["kind"] == "alert"] == []


@pytest.mark.parametrize("refusal", [MessageSizeTooLargeError(), RecordListTooLargeError()])
async def test_an_event_that_is_too_large_to_be_sent_on_is_rejected_where_it_is(refusal: Exception) -> None:
    away = next(name for name in map(str, count()) if partition_of(name, 2) == 1)
    sender = Sender(refusal)
    found = await decoder(sender, partitions=2).decode(record({"type": "pause", "id": "e", "task_id": away}))
    assert isinstance(found.content, Rejection)
    assert found.content.dead_letter is not None
    assert [topic for topic, _, _ in sender.sent] == ["dead-letters"]
    harness = PartitionHarness(partitions=2)
    harness.receive(found)
    harness.put(1, next(name for name in map(str, count()) if partition_of(name, 2) == 0), {"every": "PT1H"})
    harness.settle(1)
    rejected, accepted = harness.verdicts()
    assert (rejected["event_id"], rejected["verdict"], accepted["verdict"]) == ("e", "rejected", "accepted")
    (error,) = rejected["errors"]
    assert "partition" in error["message"]


async def test_one_that_may_be_sent_on_later_is_tried_again() -> None:
    away = next(name for name in map(str, count()) if partition_of(name, 2) == 1)
    sender = Sender(KafkaTimeout("no answer"))
    with pytest.raises(KafkaTimeout):
        await decoder(sender, partitions=2).decode(record({"type": "pause", "task_id": away}))
    assert sender.sent == []
