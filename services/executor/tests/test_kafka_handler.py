"""The handler `kafka` on a real Kafka."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tasker_core.kafka_record import Record
from tasker_core.trace_context import run_span_id
from tasker_devstack.polling import eventually
from tasker_executor.handlers.kafka import kafka_handler
from tasker_executor.testing.target_server import AT, Handler, expect_failure, run_of
from tasker_runtime.clock import SystemClock
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer

RUN_ID = "0af7651916cd43dd8448eb211c80319c"
TRACE = f"00-{RUN_ID}-{run_span_id(RUN_ID, 1, 'call'):016x}-01"
CLOCK = SystemClock()


@pytest_asyncio.fixture(loop_scope="session")
async def publish(kafka: str) -> AsyncIterator[Handler]:
    producer = RecordProducer(KafkaConnection(kafka))
    yield kafka_handler(producer, "own", CLOCK)
    await producer.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def topic(kafka: str) -> AsyncIterator[str]:
    """A topic of somebody, with three partitions."""
    name = f"orders-{uuid4().hex[:8]}"
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    # Its records are small: a batch of Kafka has this limit too, and the broker refuses it whole.
    await admin.create_topics([NewTopic(name, 3, 1, topic_configs={"max.message.bytes": "65536"})])

    async def led() -> bool:  # Kafka answers the creation before each broker knows of it
        (found,) = await admin.describe_topics([name])
        return len(found["partitions"]) == 3 and all(partition["leader"] >= 0 for partition in found["partitions"])

    await eventually(led, f"the topic {name}")
    yield name
    await admin.delete_topics([name])
    await admin.close()


async def read(kafka: str, topic: str, count: int) -> list[Record]:
    reader, found = PartitionReader(KafkaConnection(kafka)), list[Record]()
    await reader.start()
    try:
        reader.assign(*(TopicPartition(topic, p) for p in range(3)))
        async with asyncio.timeout(30):
            while len(found) < count:
                found += await reader.poll(100)
    finally:
        await reader.stop()
    return found


@pytest.mark.parametrize(
    ("value", "written"),
    [("grüße", "grüße".encode()), ({"a": [1]}, b'{"a":[1]}'), (0, b"0"), (None, None)],
)
async def test_a_message_is_published_with_its_run(
    kafka: str, publish: Handler, topic: str, value: object, written: bytes | None
) -> None:
    payload = {"topic": topic, "key": "ü", "value": value, "headers": {"kind": "order", "leer": ""}}
    result = await publish(run_of(payload, run_id=RUN_ID))
    (record,) = await read(kafka, topic, 1)
    assert result == {"topic": topic, "partition": record.partition, "offset": record.offset}
    assert (record.key, record.value) == ("ü".encode(), written)
    assert dict(record.headers) == {
        "tasker-run-id": RUN_ID.encode(),
        "tasker-task-id": b"t",
        "tasker-nominal-at": AT.encode(),
        "traceparent": TRACE.encode(),
        "kind": b"order",
        "leer": b"",
    }


async def test_messages_of_one_key_stay_together(kafka: str, publish: Handler, topic: str) -> None:
    results = await asyncio.gather(*(publish(run_of({"topic": topic, "key": "k", "value": n})) for n in range(20)))
    assert len({result["partition"] for result in results}) == 1
    assert sorted(result["offset"] for result in results) == list(range(20))
    assert [record.key for record in await read(kafka, topic, 20)] == [b"k"] * 20
    result = await publish(run_of({"topic": topic, "value": 1}))
    assert result["topic"] == topic


async def test_messages_at_once_fit_a_topic_with_small_batches(publish: Handler, topic: str) -> None:
    payload = {"topic": topic, "key": "k", "value": "x" * 20_000}
    results = await asyncio.gather(*(publish(run_of(payload)) for _ in range(50)))
    assert sorted(result["offset"] for result in results) == list(range(50))


@pytest.mark.parametrize("topic", ["own.task-events", "own.results", "own.dead-letters", "own.anything"])
async def test_tasker_s_own_topics_are_refused(publish: Handler, topic: str) -> None:
    error = await expect_failure(publish, {"topic": topic, "value": {"type": "delete"}}, "own_topic")
    assert error.final
    assert topic in str(error)


async def test_a_topic_that_does_not_exist_is_reported_at_once_and_not_created(publish: Handler) -> None:
    async with asyncio.timeout(9):  # less than the bound of a send
        for _ in range(2):
            error = await expect_failure(publish, {"topic": "no-such-topic", "value": 1}, "unknown_topic")
            assert not error.final
            assert "no-such-topic" in str(error)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        {"topic": "a"},
        {"topic": "a b", "value": 1},
        {"topic": "__consumer_offsets", "value": 1},
        {"topic": "..", "value": 1},
        {"topic": "a", "value": None},
        {"topic": "a", "value": 1, "acks": 0},
        {"topic": "a", "value": 1, "headers": {"tasker-run-id": "x"}},
        {"topic": "a", "value": 1, "key": 5},
    ],
)
async def test_a_payload_that_is_none_is_refused_for_good(publish: Handler, payload: object) -> None:
    assert (await expect_failure(publish, payload, "invalid_payload")).final


async def test_a_kafka_that_is_away_is_reported() -> None:
    producer = RecordProducer(KafkaConnection("127.0.0.1:1"))
    error = await expect_failure(kafka_handler(producer, "own", CLOCK), {"topic": "a", "value": 1}, "kafka")
    assert not error.final
    await producer.stop()
