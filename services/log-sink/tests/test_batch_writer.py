"""What becomes of a batch that fails: it is read again whole, but for the one record that nothing can store."""

import pytest
import structlog

from tasker_core.record import Record
from tasker_log_sink.backlog import Backlog
from tasker_log_sink.consuming.batch_writer import BATCHES, DATABASE, BatchLimits, BatchWriter
from tasker_log_sink.consuming.gap_detector import GapDetector
from tasker_log_sink.consuming.partition_positions import PartitionPositions
from tasker_log_sink.progress_writer import ProgressWriter
from tasker_log_sink.store.partition_offsets import OffsetConflict
from tasker_log_sink.testing.consumers import FakeConsumer, FakeDeadLetters, FakeSubscriber
from tasker_log_sink.testing.messages import finished
from tasker_log_sink.testing.stores import InMemoryStore
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

HERE = TopicPartition("r", 0)


class Member:
    """A log sink that has one partition, without servers."""

    def __init__(self, max_records: int = 100) -> None:
        log: Log = structlog.get_logger()
        clock, backlog = SystemClock(), Backlog()
        self.health, self.store, self.consumer, self.dead_letters = (
            Health(),
            InMemoryStore(),
            FakeConsumer(),
            FakeDeadLetters(),
        )
        self.health.expect(DATABASE)
        self.subscriber = FakeSubscriber(self.consumer)
        gaps = GapDetector(self.health, log)
        self.positions = PartitionPositions(
            self.subscriber.subscribe, frozenset({"r"}), self.store, gaps, clock, self.health, log
        )
        writer = BatchWriter(
            {"r": "results"},
            BatchLimits(max_records, 10**6),
            self.store,
            self.positions,
            ProgressWriter(self.store, backlog, clock, self.health, log),
            backlog,
            self.dead_letters,
            clock,
            self.health,
            log,
        )
        self.subscriber.handle(writer.write)

    @property
    def runs(self) -> list[str]:
        return list(self.store.documents["runs"])

    @property
    def applied(self) -> int:
        return self.store.positions[HERE].next_offset

    def reads_again(self) -> bool:
        return HERE in self.consumer.paused and not self.positions.partitions


@pytest.fixture
async def member() -> Member:
    return await started()


async def started(max_records: int = 100) -> Member:
    member = Member(max_records)
    await member.subscriber.rebalance(HERE)
    await member.positions.restore(0)
    return member


def record(offset: int, value: bytes | None = b"") -> Record:
    return Record("r", 0, offset, 0, None, finished(f"r{offset}", "t", 3, 20) if value == b"" else value, ())


async def test_all_is_applied_in_batches() -> None:
    member = await started(max_records=3)
    await member.subscriber.deliver([record(n) for n in range(8)])
    assert member.runs == [f"r{n}" for n in range(8)]
    assert (member.applied, member.reads_again(), member.health.checks[DATABASE].good) == (8, False, True)


@pytest.mark.parametrize("error", [PyMongoError("away"), OffsetConflict("by another")])
async def test_a_batch_that_fails_takes_the_rest_with_it(error: Exception) -> None:
    member = await started(max_records=3)
    member.store.errors = [error]
    await member.subscriber.deliver([record(n) for n in range(8)])
    assert (member.runs, member.applied, member.reads_again()) == ([], 0, True)


async def test_after_a_failure_it_reads_on_from_what_is_stored(member: Member) -> None:
    await member.subscriber.deliver([record(0), record(1)])
    member.store.errors = [PyMongoError("away"), PyMongoError("still away")]
    await member.subscriber.deliver([record(2)])
    await member.positions.restore(0)
    assert member.reads_again()
    await member.positions.restore(0)
    assert member.consumer.positions[HERE] == 0, "progress was never saved: it is read again"
    await member.subscriber.deliver([record(n) for n in range(3)])
    assert (member.runs, member.applied, member.reads_again()) == (["r0", "r1", "r2"], 3, False)


async def test_the_one_that_cannot_be_stored_is_found_and_becomes_a_dead_letter(member: Member) -> None:
    records = [record(n) for n in range(8)]
    records[5] = record(5, finished("r5", "t", 3, 20, attempt=2**53 - 1))
    member.store.max_storable = 2**50
    await member.subscriber.deliver(records)
    assert member.runs == [f"r{n}" for n in range(8) if n != 5]
    assert (member.dead_letters.offsets, member.applied, member.reads_again()) == ([5], 8, False)


async def test_a_dead_letter_that_is_not_acknowledged_stops_the_batch(member: Member) -> None:
    member.dead_letters.is_up = False
    records = [record(0), record(1, b"odd"), record(2)]
    await member.subscriber.deliver(records)
    assert (member.runs, member.reads_again(), member.health.checks[BATCHES].good) == ([], True, False)
    member.dead_letters.is_up = True
    await member.positions.restore(0)
    await member.subscriber.deliver(records)
    assert (member.runs, member.dead_letters.offsets) == (["r0", "r2"], [1])
    assert member.health.checks[BATCHES].good


async def test_what_is_read_again_for_its_progress_is_no_second_dead_letter(member: Member) -> None:
    await member.subscriber.deliver([record(0), record(1, b"odd")])
    await member.subscriber.rebalance(HERE)
    await member.positions.restore(0)
    await member.subscriber.deliver([record(0), record(1, b"odd"), record(2)])
    assert (member.runs, member.dead_letters.offsets, member.applied) == (["r0", "r2"], [1], 3)


async def test_an_error_that_nobody_foresaw_passes_nothing_over(member: Member) -> None:
    member.store.errors = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        await member.subscriber.deliver([record(0)])
    assert (member.reads_again(), member.health.checks[BATCHES].good) == (True, False)
