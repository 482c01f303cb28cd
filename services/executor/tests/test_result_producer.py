"""Results count as reported only once Kafka has acknowledged them."""

import asyncio

from tasker_core.topics import Topics
from tasker_executor.reporting.result_producer import ResultProducer
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.logs import configure


async def test_a_result_is_done_when_it_is_in_the_topic_and_not_before(kafka: str, topics: str) -> None:
    partition = TopicPartition(Topics(topics)["results"], 3)
    health, reader, done = Health(), PartitionReader(kafka), list[int]()
    results = ResultProducer(kafka, partition.topic, health, configure("executor", "console"))
    await reader.start()

    def add(number: int) -> None:
        results.add(3, b"key", b"%d" % number, lambda: done.append(number))

    for number in range(5):
        add(number)
    assert (done, len(results)) == ([], 5)
    sending = asyncio.create_task(results.run())
    async with asyncio.timeout(30):
        await results.flush()
    assert (done, len(results)) == ([0, 1, 2, 3, 4], 0)
    assert await reader.bounds(partition) == (0, 5)
    for number in range(5, 20_000):
        add(number)
    async with asyncio.timeout(30):
        await results.flush()
    assert done == list(range(20_000))
    assert await reader.bounds(partition) == (0, 20_000)
    sending.cancel()
    await asyncio.wait({sending})
    await reader.stop()
