"""A log sink that has one partition, without servers."""

from typing import Final

import structlog

from tasker_log_sink.backlog import Backlog
from tasker_log_sink.consuming.batch_writer import DATABASE, BatchLimits, BatchWriter
from tasker_log_sink.consuming.gap_detector import GapDetector
from tasker_log_sink.consuming.partition_positions import PartitionPositions
from tasker_log_sink.task_progress_writer import ProgressWriter
from tasker_log_sink.testing.consumers import FakeConsumer, FakeDeadLetters, FakeSubscriber
from tasker_log_sink.testing.stores import InMemoryStore
from tasker_runtime.clock import Clock, SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log

RESULTS: Final = TopicPartition("r", 0)


class SingleMember:
    """The parts of a log sink, wired as it wires them; its group gives it the partition RESULTS."""

    def __init__(self, max_records: int = 100, clock: Clock | None = None) -> None:
        log: Log = structlog.get_logger()
        clock, backlog = clock or SystemClock(), Backlog()
        self.health, self.store = Health(), InMemoryStore()
        self.consumer, self.dead_letters = FakeConsumer(), FakeDeadLetters()
        self.health.expect(DATABASE)
        self.subscriber, self.gaps = FakeSubscriber(self.consumer), GapDetector(clock, self.health, log)
        self.positions = PartitionPositions(
            self.subscriber.subscribe, frozenset({"r"}), self.store, self.gaps, clock, self.health, log
        )
        self.writer = BatchWriter(
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
        self.subscriber.handle(self.writer.write)

    async def join(self) -> None:
        """Get the partition, and its position."""
        await self.subscriber.rebalance(RESULTS)
        await self.positions.restore(0)

    @property
    def runs(self) -> list[str]:
        """The ids of the runs that are written."""
        return list(self.store.documents["runs"])

    @property
    def applied(self) -> int:
        """The applied offset."""
        return self.store.positions[RESULTS].next_offset

    @property
    def reads_again(self) -> bool:
        """Whether the partition waits for its position."""
        return RESULTS in self.consumer.paused and not self.positions.partitions
