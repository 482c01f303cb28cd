"""What the sink does with a batch that fails: put back whole, but for the one record that nothing can store."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import pytest
import structlog

from tasker_core.record import Record
from tasker_log_sink.consuming.batch_writer import BATCHES, DATABASE, BatchLimits, BatchWriter
from tasker_log_sink.consuming.decoding import DecodedRecord
from tasker_log_sink.consuming.partition_positions import PartitionPositions
from tasker_log_sink.progress_writer import ProgressWriter
from tasker_log_sink.store.projection_store import OffsetAdvance, OffsetConflict, ProjectionStore
from tasker_log_sink.testing.messages import finished
from tasker_runtime.clock import SystemClock
from tasker_runtime.dead_letters import DeadLetterProducer
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaTimeout, TopicPartition
from tasker_runtime.mongo import PyMongoError

HERE = TopicPartition("r", 0)


class Kept:
    """Store, placement, trail and dead letters in one: keeps what it is told; `fails` decides about a batch."""

    def __init__(self) -> None:
        self.applied: list[str] = []
        self.reached = 0
        self.buried: list[int] = []
        self.doubted: set[TopicPartition] = set()
        self.errors: list[Exception] = []
        self.letters_taken = True
        self.unstorable = ""

    async def apply(
        self, advances: Sequence[OffsetAdvance], facts: Sequence[DecodedRecord], now: datetime
    ) -> dict[str, Any]:
        if self.errors:
            raise self.errors.pop()
        runs = [fact.run["_id"] for fact in facts if fact.run is not None]
        if self.unstorable in runs:
            raise OverflowError("8-byte ints")
        self.applied += runs
        self.reached = advances[-1].next_offset
        return {}

    async def fresh(self, records: Sequence[Record]) -> Sequence[Record]:
        return [record for record in records if record.offset >= self.reached]

    def advances(self, records: Sequence[Record], watermarks: Mapping[TopicPartition, datetime]) -> list[OffsetAdvance]:
        return [OffsetAdvance(HERE, self.reached, records[-1].offset + 1, None)]

    def advance(self, advances: Sequence[OffsetAdvance], records: Sequence[Record]) -> dict[TopicPartition, int]:
        return {}

    def is_applied(self, record: Record) -> bool:
        return False

    def add(self, moves: Mapping[str, Any], reached: Mapping[TopicPartition, int]) -> None:
        assert not moves

    def doubt(self, partitions: set[TopicPartition]) -> None:
        self.doubted |= partitions

    async def publish(self, record: Record, reason: str) -> None:
        if not self.letters_taken:
            raise KafkaTimeout("no answer")
        self.buried.append(record.offset)


def sink_of(kept: Kept, most: int = 100) -> tuple[BatchWriter, Health]:
    health, same = Health(), cast("Any", kept)
    health.expect(DATABASE)
    parts = (
        cast("ProjectionStore", same),
        cast("PartitionPositions", same),
        cast("ProgressWriter", same),
        cast("DeadLetterProducer", same),
    )
    return BatchWriter(
        {"r": "results"}, BatchLimits(most, 10**6), *parts, SystemClock(), health, structlog.get_logger()
    ), health


def record(offset: int, value: bytes | None = b"") -> Record:
    return Record("r", 0, offset, 0, None, finished(f"r{offset}", "t", 3, 20) if value == b"" else value, ())


async def test_all_is_applied_in_pieces() -> None:
    kept = Kept()
    sink, health = sink_of(kept, most=3)
    await sink.take([record(n) for n in range(8)])
    assert kept.applied == [f"r{n}" for n in range(8)]
    assert (kept.reached, kept.doubted, health.checks[DATABASE].good) == (8, set(), True)


@pytest.mark.parametrize("error", [PyMongoError("away"), OffsetConflict("by another")])
async def test_a_piece_that_fails_takes_the_rest_with_it(error: Exception) -> None:
    kept = Kept()
    kept.errors = [error]
    sink, _ = sink_of(kept, most=3)
    await sink.take([record(n) for n in range(8)])
    assert (kept.applied, kept.reached, kept.doubted) == ([], 0, {HERE})


async def test_the_one_that_cannot_be_stored_is_found_and_buried() -> None:
    kept = Kept()
    kept.unstorable = "r5"
    sink, _ = sink_of(kept)
    await sink.take([record(n) for n in range(8)])
    assert kept.applied == [f"r{n}" for n in range(8) if n != 5]
    assert (kept.buried, kept.reached, kept.doubted) == ([5], 8, set())


async def test_a_dead_letter_that_is_not_taken_stops_the_batch() -> None:
    kept = Kept()
    kept.letters_taken = False
    sink, health = sink_of(kept)
    await sink.take([record(0), record(1, b"odd"), record(2)])
    assert (kept.applied, kept.doubted, health.checks[BATCHES].good) == ([], {HERE}, False)
    kept.letters_taken = True
    await sink.take([record(0), record(1, b"odd"), record(2)])
    assert (kept.applied, kept.buried, health.checks[BATCHES].good) == (["r0", "r2"], [1], True)


async def test_an_error_that_nobody_foresaw_passes_nothing_over() -> None:
    kept = Kept()
    kept.errors = [ZeroDivisionError()]
    sink, health = sink_of(kept)
    with pytest.raises(ZeroDivisionError):
        await sink.take([record(0)])
    assert (kept.doubted, health.checks[BATCHES].good) == ({HERE}, False)
