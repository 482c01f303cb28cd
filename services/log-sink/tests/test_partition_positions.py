"""Positions follow what MongoDB holds: a record is taken only from a partition whose position is known."""

import pytest
import structlog

from tasker_core.kafka_record import Record
from tasker_log_sink.consuming.gap_detector import GapDetector
from tasker_log_sink.consuming.partition_positions import CHECK, PartitionPositions
from tasker_log_sink.store.partition_offsets import OffsetAdvance, OffsetConflict, StoredPosition
from tasker_log_sink.testing.consumers import FakeConsumer, FakeSubscriber
from tasker_log_sink.testing.stores import InMemoryStore
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

RESULTS, WATERMARKS = TopicPartition("r", 0), TopicPartition("w", 0)


class Parts:
    def __init__(self) -> None:
        log: Log = structlog.get_logger()
        self.health, self.store, self.consumer = Health(), InMemoryStore(), FakeConsumer()
        self.subscriber, self.gaps = FakeSubscriber(self.consumer), GapDetector(SystemClock(), self.health, log)
        self.positions = PartitionPositions(
            self.subscriber.subscribe, frozenset({"r"}), self.store, self.gaps, SystemClock(), self.health, log
        )

    def read(self, *records: Record) -> list[Record]:
        """Records as the consumer reads them."""
        for record in records:
            self.consumer.positions[TopicPartition(record.topic, record.partition)] = record.offset + 1
        return list(records)


@pytest.fixture
def parts() -> Parts:
    return Parts()


def record(offset: int, topic: str = "r") -> Record:
    return Record(topic, 0, offset, 0, None, b"", ())


async def test_what_is_assigned_is_paused_until_its_position_is_restored(parts: Parts) -> None:
    parts.store.positions = {RESULTS: StoredPosition(9, 7), WATERMARKS: StoredPosition(5, 0)}
    await parts.subscriber.rebalance(RESULTS, WATERMARKS)
    assert (parts.consumer.paused, parts.positions.partitions) == ({RESULTS, WATERMARKS}, frozenset())
    await parts.positions.restore(0)
    assert (parts.consumer.paused, parts.positions.partitions) == (set(), {RESULTS, WATERMARKS})
    assert parts.consumer.positions == {RESULTS: 7, WATERMARKS: 5}, "results from where progress is written"
    assert parts.positions.unapplied([record(8), record(9)]) == [record(9)]


async def test_positions_that_cannot_be_read_are_asked_for_again(parts: Parts) -> None:
    await parts.subscriber.rebalance(RESULTS)
    parts.store.errors = [PyMongoError("away")]
    await parts.positions.restore(0)
    assert not parts.health.checks[CHECK].good
    await parts.positions.restore(0)
    assert (parts.health.checks[CHECK].good, parts.positions.partitions) == (True, {RESULTS})


async def test_records_of_a_partition_without_a_position_are_discarded(parts: Parts) -> None:
    await parts.subscriber.rebalance(RESULTS)
    with pytest.raises(OffsetConflict, match="no position"):
        await parts.positions.unread(parts.read(record(0)))


async def test_records_that_were_read_before_the_position_was_restored_are_discarded(parts: Parts) -> None:
    await parts.subscriber.rebalance(RESULTS)
    records = parts.read(record(3), record(4))
    await parts.positions.restore(0)
    with pytest.raises(OffsetConflict, match="restored meanwhile"):
        await parts.positions.unread(records)
    parts.consumer.seek(RESULTS, 4)
    with pytest.raises(OffsetConflict, match="restored meanwhile"):
        await parts.positions.unread(records)


async def test_a_batch_moves_the_offset_and_what_is_before_it_is_not_taken_again(parts: Parts) -> None:
    await parts.subscriber.rebalance(RESULTS, WATERMARKS)
    await parts.positions.restore(0)
    records = await parts.positions.unread(parts.read(record(0), record(1), record(0, "w")))
    advances = parts.positions.advances(records, {})
    assert advances == [OffsetAdvance(RESULTS, 0, 2, None), OffsetAdvance(WATERMARKS, 0, 1, None)]
    assert parts.positions.committed(advances, records) == {RESULTS: 2}, "watermarks bring no progress"
    assert await parts.positions.unread(parts.read(record(1), record(2))) == [record(2)]


async def test_what_is_read_again_for_its_progress_does_not_move_the_offset_back(parts: Parts) -> None:
    parts.store.positions = {RESULTS: StoredPosition(9, 7)}
    await parts.subscriber.rebalance(RESULTS)
    await parts.positions.restore(0)
    records = parts.read(record(7))
    advances = parts.positions.advances(records, {})
    assert advances == [OffsetAdvance(RESULTS, 9, 9, None)]
    assert parts.positions.committed(advances, records) == {RESULTS: 8}
    assert parts.positions.advances(parts.read(record(8), record(9)), {}) == [OffsetAdvance(RESULTS, 9, 10, None)]


async def test_what_was_revoked_meanwhile_is_not_written(parts: Parts) -> None:
    await parts.subscriber.rebalance(RESULTS)
    await parts.positions.restore(0)
    records = parts.read(record(0))
    await parts.subscriber.rebalance()
    with pytest.raises(OffsetConflict, match="revoked"):
        parts.positions.advances(records, {})
    parts.positions.invalidate([RESULTS])
    assert parts.consumer.paused == set(), "it is not ours to pause"


async def test_offsets_that_are_skipped_are_noted(parts: Parts) -> None:
    await parts.subscriber.rebalance(RESULTS)
    await parts.positions.restore(0)
    parts.positions.advances(parts.read(record(2)), {})
    assert parts.gaps.jumped() == [RESULTS]
