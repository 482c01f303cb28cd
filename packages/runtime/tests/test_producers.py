"""Producers on a real Kafka: fencing, and how one with records in doubt is discarded."""

import asyncio

import pytest

from tasker_core.topics import Topics
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.polling import eventually
from tasker_runtime.kafka.client import KafkaError
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.producer_setup import (
    BATCH_BYTES,
    discard_producer,
    idempotent_producer,
    transactional_producer,
)
from tasker_runtime.topic_setup import create_topics


async def test_a_second_producer_of_an_id_fences_the_first(kafka: str, topics: str) -> None:
    topic = Topics(topics)["verdicts"]
    first, second = (
        transactional_producer(KafkaConnection(kafka), f"{topics}-p", transaction_seconds=5, request_seconds=4)
        for _ in range(2)
    )
    await first.start()
    await first.begin_transaction()
    await first.send_and_wait(topic, b"open", partition=0)
    await second.start()
    with pytest.raises((KafkaError, AssertionError)):
        await first.commit_transaction()
    await second.begin_transaction()
    await second.send_and_wait(topic, b"kept", partition=0)
    await second.commit_transaction()
    await second.stop()
    await discard_producer(first, "the fenced producer")


async def test_one_that_retries_while_kafka_is_away_is_discarded_within_a_bound(kafka_broker: EmbeddedKafka) -> None:
    await create_topics(KafkaConnection(kafka_broker.bootstrap), "away", 1)
    producer, topic = (
        idempotent_producer(KafkaConnection(kafka_broker.bootstrap), batch_bytes=BATCH_BYTES),
        Topics("away")["results"],
    )
    await producer.start()
    await producer.send_and_wait(topic, b"before", partition=0)
    await kafka_broker.stop()
    unsent = await producer.send(topic, b"in doubt", partition=0)
    async with asyncio.timeout(15):
        await discard_producer(producer, "a producer in doubt")
        with pytest.raises((KafkaError, asyncio.CancelledError)):
            await unsent


async def test_one_in_a_transaction_leaves_nothing_running_when_it_is_stopped_while_kafka_is_away(
    kafka_broker: EmbeddedKafka,
) -> None:
    await create_topics(KafkaConnection(kafka_broker.bootstrap), "gone", 1)
    before = asyncio.all_tasks()
    producer, topic = (
        transactional_producer(
            KafkaConnection(kafka_broker.bootstrap), "gone-0", transaction_seconds=5, request_seconds=4
        ),
        Topics("gone")["verdicts"],
    )
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait(topic, b"before", partition=0)
    await producer.commit_transaction()
    await kafka_broker.kill()
    await producer.begin_transaction()
    unsent = await producer.send(topic, b"never sent", partition=0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await asyncio.shield(unsent)
    async with asyncio.timeout(2):
        await producer.stop()

    async def nothing_runs() -> bool:
        return asyncio.all_tasks() <= before

    await eventually(nothing_runs, "the end of all that the producer began")
