"""A consumer group's member without Kafka, and where dead letters go without a topic."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiokafka import ConsumerRebalanceListener

from tasker_core.kafka_record import Record
from tasker_log_sink.consuming.consumer_interface import BatchHandler
from tasker_runtime.kafka.client import KafkaTimeout, TopicPartition


class FakeConsumer:
    """A member that owns what `assigned` says; Kafka holds the offsets [`first`, `end`) of each partition."""

    def __init__(self, first: int = 0, end: int = 1_000_000) -> None:
        self.first, self.end = first, end
        self.assigned: set[TopicPartition] = set()
        self.paused: set[TopicPartition] = set()
        self.positions: dict[TopicPartition, int] = {}
        self.polled_ms: dict[TopicPartition, int] = {}
        self.commits: list[dict[TopicPartition, tuple[int, str]]] = []
        self.errors: list[Exception] = []

    def assignment(self) -> set[TopicPartition]:
        return self.assigned

    def pause(self, *partitions: TopicPartition) -> None:
        self.paused |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.paused -= set(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.positions[partition] = offset

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        assert partition in self.assigned
        return self.polled_ms.get(partition)

    async def position(self, partition: TopicPartition) -> int:
        return self.positions[partition]

    async def commit(self, offsets: Mapping[TopicPartition, tuple[int, str]]) -> None:
        """Keep the commit, or raise the next one of `errors`."""
        if self.errors:
            raise self.errors.pop(0)
        self.commits.append(dict(offsets))

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(partitions, self.first)

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(partitions, self.end)


class FakeSubscriber:
    """Hands on what a test delivers; `subscribe` in place of FastStream's."""

    def __init__(self, consumer: FakeConsumer) -> None:
        self.consumer = consumer
        self.is_running = True
        self.waiting: frozenset[TopicPartition] = frozenset()
        self._listener: Any = None
        self._handler: BatchHandler | None = None

    @property
    def subscribe(self) -> Callable[[ConsumerRebalanceListener], "FakeSubscriber"]:
        """Makes this the subscriber of a listener."""

        def subscribe(listener: ConsumerRebalanceListener) -> FakeSubscriber:
            self._listener = listener
            return self

        return subscribe

    def buffered(self) -> frozenset[TopicPartition]:
        return self.waiting

    def handle(self, handler: BatchHandler) -> None:
        self._handler = handler

    async def rebalance(self, *assigned: TopicPartition) -> None:
        """Revoke everything, then assign these."""
        await self._listener.on_partitions_revoked(set(self.consumer.assigned))
        self.consumer.assigned = set(assigned)
        self.consumer.paused.clear()
        await self._listener.on_partitions_assigned(set(assigned))

    async def deliver(self, records: Sequence[Record]) -> None:
        """Read these records and hand them on as one batch."""
        assert self._handler is not None
        for record in records:
            self.consumer.positions[TopicPartition(record.topic, record.partition)] = record.offset + 1
        await self._handler(records)


class FakeDeadLetters:
    """Keeps the offsets of what is published, while `is_up`."""

    def __init__(self) -> None:
        self.offsets: list[int] = []
        self.is_up = True

    async def publish(self, record: Record, reason: str) -> None:
        assert reason
        if not self.is_up:
            raise KafkaTimeout("no answer")
        self.offsets.append(record.offset)
