"""For tests: a Kafka in memory that never fails, for the owner of one partition."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from tasker_core.kafka_record import Record, RecordPosition
from tasker_core.topics import Topics
from tasker_runtime.clock import SystemClock
from tasker_runtime.dead_letter_producer import DeadLetterProducer
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.testing import RecordedLog
from tasker_ticker.kafka.event_decoder import EventDecoder
from tasker_ticker.kafka.transaction import FencedProducer
from tasker_ticker.partition_context import PartitionContext
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.testing.nothing_followed import NothingFollowed
from tasker_ticker.ticker_limits import TickerLimits

TOPICS = Topics()


class MemoryKafka:
    """The logs of all topics, by name without prefix; each has one partition. They are TickerClients, too."""

    def __init__(self) -> None:
        self.logs: defaultdict[str, list[Record]] = defaultdict(list)
        self.log, self.health = RecordedLog(), Health()
        self.handlers = self.chains = self.calendars = nothing = NothingFollowed()
        dead_letters = DeadLetterProducer(self, TOPICS["dead-letters"], "ticker")
        self.decoder = EventDecoder(1, nothing, nothing, nothing, self, dead_letters, self.log)

    def context(self, limits: TickerLimits | None = None) -> PartitionContext:
        """What an owner is given: nobody else wants the partition."""
        return PartitionContext(
            TOPICS, 1, 1_000, self, self._prove, SystemClock(), self.health, self.log, limits or TickerLimits()
        )

    def append(self, topic: str, key: bytes | None, value: bytes | None) -> RecordPosition:
        """Append one record to a topic, by its full name."""
        log = self.logs[topic.rpartition(".")[2]]
        log.append(Record(topic, 0, len(log), SystemClock().now_ms(), key, value, ()))
        return RecordPosition(0, len(log) - 1)

    def send_event(self, **event: Any) -> None:
        """Append one event in the short form."""
        self.append(TOPICS["task-events"], None, msgspec.json.encode(event))

    def verdicts(self) -> list[dict[str, Any]]:
        """The answers to events."""
        found = [msgspec.json.decode(record.value or b"") for record in self.logs["verdicts"]]
        return [one for one in found if one["type"] == "verdict"]

    def reader(self) -> "MemoryReader":
        """As TickerClients says."""
        return MemoryReader(self)

    def producer(self, partition: int) -> FencedProducer:
        """As TickerClients says."""
        return MemoryProducer(self, partition)

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
        """As RecordSender says."""
        return self.append(topic, key, value)

    async def _prove(self, partition: int) -> None:
        """It is still ours."""


class MemoryReader:
    """A CommittedReader."""

    def __init__(self, kafka: MemoryKafka) -> None:
        self._kafka, self._at = kafka, dict[TopicPartition, int]()

    async def start(self) -> None:
        """Connected at once."""

    async def stop(self) -> None:
        """Nothing to end."""

    def assign(self, *partitions: TopicPartition, fetch_ms: int = 250) -> None:
        """Read these."""
        self._at = dict.fromkeys(partitions, 0)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from there."""
        self._at[partition] = offset

    async def position(self, partition: TopicPartition) -> int:
        """The next offset."""
        return self._at[partition]

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        """All that was ever written is kept."""
        return 0, len(self._of(partition))

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        """What there is; else the caller gets nothing soon."""
        found: list[Record] = []
        for partition, position in self._at.items():
            found += self._of(partition)[position:][:limit]
            self._at[partition] = position + len(found)
        if not found:
            await asyncio.sleep(min(wait_ms, 10) / 1000)
        return found

    def _of(self, partition: TopicPartition) -> list[Record]:
        return self._kafka.logs[partition.topic.rpartition(".")[2]]


class MemoryProducer(FencedProducer):
    """Of a partition: a commit appends what was sent."""

    def __init__(self, kafka: MemoryKafka, partition: int) -> None:
        self._kafka, self._key = kafka, str(partition).encode()
        self._batches: list[TransactionBatch] = []
        self.clock_offset_ms = 0

    async def fence(self) -> None:
        """Nobody was before."""

    async def send(self, batch: TransactionBatch) -> None:
        """Keep it for the commit."""
        self._batches = [batch]

    async def commit(self) -> None:
        """Append it."""
        for batch in self._batches:
            self._kafka.append(TOPICS["watermarks"], self._key, batch.watermark)
            for topic, pairs in batch.records.items():
                for key, value in pairs:
                    self._kafka.append(TOPICS[topic], key, value)

    async def stop(self) -> None:
        """Nothing to end."""
