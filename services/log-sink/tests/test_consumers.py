"""What every consumer does, the fake one and aiokafka's: it pauses, seeks, and says what a partition holds."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer

from tasker_core.topics import Topics
from tasker_devstack.polling import eventually
from tasker_log_sink.consuming.consumer_interface import PartitionConsumer
from tasker_log_sink.testing.consumers import FakeConsumer
from tasker_runtime.kafka.client import TopicPartition, buffered_partitions
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer

RECORDS = 5


@pytest.fixture
def partition(topics: str) -> TopicPartition:
    return TopicPartition(Topics(topics)["results"], 3)


@pytest_asyncio.fixture(params=["fake", "aiokafka"])
async def consumer(
    request: pytest.FixtureRequest, kafka: str, partition: TopicPartition
) -> AsyncIterator[PartitionConsumer]:
    if request.param == "fake":
        fake = FakeConsumer(end=RECORDS)
        fake.assigned = {partition}
        yield fake
        return
    producer = RecordProducer(KafkaConnection(kafka))
    for _ in range(RECORDS):
        await producer.send(partition.topic, b"x", partition=partition.partition)
    await producer.stop()
    real: Any = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    await real.start()
    real.assign([partition])
    yield real
    await real.stop()


async def test_it_reads_on_from_where_it_seeks(consumer: PartitionConsumer, partition: TopicPartition) -> None:
    assert set(consumer.assignment()) == {partition}
    consumer.pause(partition)
    consumer.seek(partition, 3)
    assert await consumer.position(partition) == 3
    consumer.resume(partition)
    consumer.seek(partition, 1)
    assert await consumer.position(partition) == 1


async def test_it_says_what_kafka_holds(consumer: PartitionConsumer, partition: TopicPartition) -> None:
    assert await consumer.beginning_offsets([partition]) == {partition: 0}
    assert await consumer.end_offsets([partition]) == {partition: RECORDS}


async def test_a_partition_that_was_not_fetched_has_no_time(
    consumer: PartitionConsumer, partition: TopicPartition
) -> None:
    consumer.pause(partition)
    assert not consumer.last_poll_timestamp(partition)


async def test_what_waits_to_be_read_is_not_asked_for_and_what_is_empty_is(
    kafka: str, partition: TopicPartition, topics: str
) -> None:
    empty = TopicPartition(Topics(topics)["results"], 4)
    producer = RecordProducer(KafkaConnection(kafka))
    await producer.send(partition.topic, b"x", partition=partition.partition)
    await producer.stop()
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=50
    )
    await consumer.start()
    consumer.assign([partition, empty])

    async def waits(*expected: TopicPartition) -> bool:
        return buffered_partitions(consumer) == frozenset(expected)

    async def asked_again(one: TopicPartition) -> None:
        before = consumer.last_poll_timestamp(one)

        async def answered() -> bool:
            return consumer.last_poll_timestamp(one) != before

        await eventually(answered, f"another fetch of {one}", 10)

    await eventually(lambda: waits(partition), "a record waits", 10)
    at = consumer.last_poll_timestamp(partition)
    for _ in range(3):
        await asked_again(empty)
    assert consumer.last_poll_timestamp(partition) == at
    assert await consumer.getmany(timeout_ms=0)
    await asked_again(partition)
    assert await waits()
    await consumer.stop()
