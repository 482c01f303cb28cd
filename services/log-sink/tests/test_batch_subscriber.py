"""What is read first, on a real Kafka: results before all that waits longer, and all of it in the end."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence

import pytest_asyncio
from aiokafka import ConsumerRebalanceListener
from faststream.kafka import KafkaBroker

from tasker_core.kafka_record import Record
from tasker_core.topics import Topics
from tasker_devstack.polling import eventually
from tasker_log_sink.consuming.batch_subscriber import BatchSubscriber
from tasker_log_sink.consuming.read_turns import OTHERS_AT_ONCE
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer

SECONDS = 60


class Unheard(ConsumerRebalanceListener):
    """No test here has a rebalance but the first one."""

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None: ...  # pyright: ignore[reportIncompatibleMethodOverride] -- awaited

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None: ...  # pyright: ignore[reportIncompatibleMethodOverride] -- awaited


class Reading:
    """A subscriber whose batches wait until they are let go on."""

    def __init__(self, kafka: str, prefix: str) -> None:
        self.results, self.verdicts = Topics(prefix)["results"], Topics(prefix)["verdicts"]
        self._producer = RecordProducer(KafkaConnection(kafka))
        self._broker = KafkaBroker(kafka, apply_types=False)
        topics = [self.verdicts, self.results]
        self.subscriber = BatchSubscriber(self._broker, topics, self.results, f"{prefix}-group", 5_000, Unheard())
        self.subscriber.handle(self._handle)
        self.go_on = asyncio.Event()
        self.batches: list[Counter[str]] = []

    async def send(self, topic: str, partition: int, count: int) -> None:
        await asyncio.gather(*(self._producer.send(topic, b"x", partition=partition) for _ in range(count)))

    async def start(self) -> None:
        await self._broker.start()

    async def stop(self) -> None:
        self.go_on.set()
        await self._broker.stop()
        await self._producer.stop()

    async def read(self, topic: str, count: int) -> None:
        """Wait until so much of a topic is read."""

        async def are_read() -> bool:
            return sum(batch[topic] for batch in self.batches) == count

        await eventually(are_read, f"{count} of {topic}", SECONDS)

    async def begun(self) -> None:
        async def has_begun() -> bool:
            return bool(self.batches)

        await eventually(has_begun, "the first batch", SECONDS)

    async def fetched(self, *partitions: TopicPartition) -> None:
        async def are_fetched() -> bool:
            return set(partitions) <= self.subscriber.buffered()

        await eventually(are_fetched, f"{partitions} fetched", SECONDS)

    async def _handle(self, records: Sequence[Record]) -> None:
        self.batches.append(Counter(record.topic for record in records))
        await self.go_on.wait()


@pytest_asyncio.fixture
async def reading(kafka: str, topics: str) -> AsyncIterator[Reading]:
    found = Reading(kafka, topics)
    yield found
    await found.stop()


async def test_results_are_read_before_what_waits_longer_and_that_a_little_at_once(reading: Reading) -> None:
    await reading.send(reading.results, 4, 1)
    await reading.start()
    await reading.begun()
    for partition in (0, 1):
        await reading.send(reading.verdicts, partition, 2 * OTHERS_AT_ONCE)
    await reading.send(reading.results, 5, 3)
    await reading.fetched(*(TopicPartition(reading.verdicts, n) for n in (0, 1)), TopicPartition(reading.results, 5))
    reading.go_on.set()
    await reading.read(reading.results, 4)
    await reading.read(reading.verdicts, 4 * OTHERS_AT_ONCE)
    sizes = [dict(batch) for batch in reading.batches]
    others_first = sizes.index({reading.results: 3}) - 1
    assert others_first <= 1, "at most one turn of the others comes before it"
    assert max(batch[reading.verdicts] for batch in reading.batches) == OTHERS_AT_ONCE
    assert all(len(batch) == 1 for batch in reading.batches[:4])


async def test_what_is_not_urgent_is_read_a_little_at_once_though_nothing_else_comes(reading: Reading) -> None:
    """Else a transaction with too many tasks would be rolled back for MongoDB's cache, and never end."""
    for partition in (0, 1):
        await reading.send(reading.verdicts, partition, 2 * OTHERS_AT_ONCE)
    await reading.start()
    await reading.begun()
    await reading.fetched(TopicPartition(reading.verdicts, 1))
    reading.go_on.set()
    await reading.read(reading.verdicts, 4 * OTHERS_AT_ONCE)
    assert max(batch[reading.verdicts] for batch in reading.batches) == OTHERS_AT_ONCE
