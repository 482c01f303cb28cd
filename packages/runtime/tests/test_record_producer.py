"""Sending single records on a real Kafka: acknowledged, bounded, and usable again after a failure."""

import asyncio
import gc

import pytest

from tasker_core.topics import Topics
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.polling import eventually
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition
from tasker_runtime.kafka.connecting import TopicsMissing
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.topic_setup import create_topics


async def test_the_acknowledgement_says_where_the_record_is(kafka: str, topics: str) -> None:
    producer, topic = RecordProducer(KafkaConnection(kafka)), Topics(topics)["results"]
    first = await producer.send(topic, b"a", key=b"k", partition=5)
    second = await producer.send(topic, None, key=b"k", partition=5)
    assert (first.partition, first.offset) == (5, 0)
    assert (second.partition, second.offset) == (5, 1)
    await producer.stop()


async def test_concurrent_records_of_a_partition_are_all_written(kafka: str, topics: str) -> None:
    producer, topic = RecordProducer(KafkaConnection(kafka)), Topics(topics)["results"]
    positions = await asyncio.gather(*(producer.send(topic, b"%d" % n, partition=1) for n in range(200)))
    assert sorted(position.offset for position in positions) == list(range(200))
    await producer.stop()


async def test_asking_for_a_topic_does_not_make_it(kafka: str, topics: str) -> None:
    producer = RecordProducer(KafkaConnection(kafka))
    assert await producer.topic_exists(Topics(topics)["results"], 10)
    assert not await producer.topic_exists(f"{topics}.nothing", 10)
    assert not await producer.topic_exists(f"{topics}.nothing", 10)
    await producer.ping(10, Topics(topics)["results"])
    with pytest.raises(TopicsMissing, match="topic_setup"):
        await producer.ping(10, f"{topics}.nothing")
    await producer.stop()


async def test_a_record_that_is_too_large_fails_and_the_next_one_is_sent(kafka: str, topics: str) -> None:
    producer, topic = RecordProducer(KafkaConnection(kafka)), Topics(topics)["results"]
    with pytest.raises(KafkaError):
        await producer.send(topic, b"x" * 3 * 1024 * 1024, partition=0)
    assert (await producer.send(topic, b"small", partition=0)).offset == 0
    await producer.stop()


async def test_while_kafka_is_away_sends_end_within_their_bound_and_later_ones_arrive(
    kafka_broker: EmbeddedKafka,
) -> None:
    bootstrap = kafka_broker.bootstrap
    await create_topics(KafkaConnection(bootstrap), "away", 1)
    producer, topic = RecordProducer(KafkaConnection(bootstrap)), Topics("away")["results"]
    await producer.send(topic, b"before", partition=0)
    await kafka_broker.stop()
    async with asyncio.timeout(5):
        with pytest.raises((KafkaError, KafkaTimeout)):
            await producer.send(topic, b"meanwhile", partition=0, seconds=1)
    await kafka_broker.start()

    async def sent() -> bool:
        try:
            await producer.send(topic, b"after", partition=0, seconds=2)
        except (KafkaError, KafkaTimeout):
            return False
        return True

    await eventually(sent, "a record is acknowledged again", 60)
    await producer.stop()
    reader, partition = PartitionReader(KafkaConnection(bootstrap)), TopicPartition(topic, 0)
    await reader.start()
    reader.assign(partition)
    values: list[bytes | None] = []

    async def read() -> bool:
        values.extend(record.value for record in await reader.poll(100))
        return b"after" in values

    await eventually(read, "what was sent")
    await reader.stop()
    assert values[0] == b"before"


async def test_after_a_failure_nothing_goes_on_in_the_background(kafka_broker: EmbeddedKafka) -> None:
    await create_topics(KafkaConnection(kafka_broker.bootstrap), "away", 1)
    before, errors, loop = asyncio.all_tasks(), list[str](), asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: errors.append(f"{context}"))
    producer, topic = RecordProducer(KafkaConnection(kafka_broker.bootstrap)), Topics("away")["results"]
    await producer.send(topic, b"before", partition=0)
    await kafka_broker.stop()
    with pytest.raises((KafkaError, KafkaTimeout)):
        await producer.send(topic, b"never", partition=0, seconds=1)
    with pytest.raises((KafkaError, KafkaTimeout)):
        await producer.send(topic, b"never", partition=0, seconds=1)
    await producer.stop()

    async def ended() -> bool:
        return not asyncio.all_tasks() - before

    await eventually(ended, "the end of all that it started")
    gc.collect()
    loop.set_exception_handler(None)
    assert errors == []


async def test_to_stop_one_that_never_connected_is_harmless() -> None:
    await RecordProducer(KafkaConnection("127.0.0.1:1")).stop()
