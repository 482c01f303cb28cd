"""Results count as reported only once Kafka has acknowledged them; the tests' producer does the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tasker_core.topics import Topics
from tasker_executor.reporting.result_producer import ResultProducer
from tasker_executor.testing.runner_harness import FakeRecordProducer, FakeResultProducer
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.kafka.record_sender import RecordSender
from tasker_runtime.logs import configure


@dataclass
class Producing:
    """A producer; `acknowledge_all` returns when Kafka has all that was added."""

    producer: ResultProducer | FakeResultProducer
    acknowledge_all: Callable[[], Awaitable[None]]


@pytest_asyncio.fixture(loop_scope="session", params=["real", "fake"])
async def producing(request: pytest.FixtureRequest, kafka: str, topics: str) -> AsyncIterator[Producing]:
    if request.param == "fake":
        fake = FakeResultProducer()

        async def acknowledge() -> None:
            fake.acknowledge()

        yield Producing(fake, acknowledge)
        return
    real = ResultProducer(KafkaConnection(kafka), Topics(topics)["results"], Health(), configure("executor", "console"))
    sending: list[asyncio.Task[None]] = []

    async def flush() -> None:
        if not sending:
            sending.append(asyncio.create_task(real.run()))
        async with asyncio.timeout(30):
            await real.flush()

    yield Producing(real, flush)
    for task in sending:
        task.cancel()
        await asyncio.wait({task})


async def test_each_result_is_acknowledged_once_in_order_and_not_before(producing: Producing) -> None:
    producer, acknowledged = producing.producer, list[int]()

    def add(number: int) -> None:
        producer.add(3, b"key", b"%d" % number, lambda: acknowledged.append(number))

    for number in range(5):
        add(number)
    producer.add(4, b"key", b"nobody waits for it")
    assert (acknowledged, len(producer)) == ([], 6)
    await producing.acknowledge_all()
    assert (acknowledged, len(producer)) == ([0, 1, 2, 3, 4], 0)
    add(5)
    assert (acknowledged, len(producer)) == ([0, 1, 2, 3, 4], 1)
    await producing.acknowledge_all()
    assert (acknowledged, len(producer)) == ([0, 1, 2, 3, 4, 5], 0)


async def test_a_result_is_in_the_topic_when_it_is_acknowledged(kafka: str, topics: str) -> None:
    partition = TopicPartition(Topics(topics)["results"], 3)
    reader, acknowledged = PartitionReader(KafkaConnection(kafka)), list[int]()
    results = ResultProducer(KafkaConnection(kafka), partition.topic, Health(), configure("executor", "console"))
    await reader.start()
    sending = asyncio.create_task(results.run())
    for first, end in ((0, 5), (5, 20_000)):
        for number in range(first, end):
            results.add(3, b"key", b"%d" % number, lambda number=number: acknowledged.append(number))
        async with asyncio.timeout(30):
            await results.flush()
        assert acknowledged == list(range(end))
        assert await reader.bounds(partition) == (0, end)
    sending.cancel()
    await asyncio.wait({sending})
    await reader.stop()


@pytest.mark.parametrize("real", [True, False])
async def test_a_record_producer_returns_where_each_record_is(kafka: str, topics: str, real: bool) -> None:
    real_producer = RecordProducer(KafkaConnection(kafka))
    producer: RecordSender = real_producer if real else FakeRecordProducer()
    topic = Topics(topics)["task-events"]
    positions = [await producer.send(topic, b"x", partition=number) for number in (1, 2, 1)]
    assert [(position.partition, position.offset) for position in positions] == [(1, 0), (2, 0), (1, 1)]
    await real_producer.stop()
