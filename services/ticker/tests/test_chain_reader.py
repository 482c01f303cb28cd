"""The chains of all partitions on a real Kafka: a definition is checked against what was answered just before."""

import asyncio
from itertools import pairwise
from typing import Any

import msgspec

from tasker_core.topics import Topics, partition_of
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_ticker.testing.ticker_harness import TickerHarness

LATER = {"at": "2099-01-01T00:00:00Z"}


async def answer(reader: PartitionReader, harness: TickerHarness, task: str, then: list[str]) -> dict[str, Any]:
    """The verdict on a put, read as others read it."""
    number = partition_of(task, harness.partitions)
    topic = TopicPartition(Topics(harness.prefix)["verdicts"], number)
    _, end = await reader.bounds(topic)
    reader.assign(topic)
    reader.seek(topic, end)
    successors = [{"task": name} for name in then]
    await harness.send({"type": "put", "task": {"id": task, "schedule": LATER, "then": successors}}, task)
    async with asyncio.timeout(60):
        while True:
            for record in await reader.poll(200):
                verdict = msgspec.json.decode(record.value or b"")
                if verdict["type"] == "verdict":
                    return verdict


async def test_a_circle_through_other_partitions_is_seen_however_soon(harness: TickerHarness) -> None:
    reader = PartitionReader(KafkaConnection(harness.bootstrap))
    await reader.start()
    try:
        async with harness.running_ticker():
            for circle in range(4):
                names = [f"c{circle}-{number}" for number in range(5)]
                for name, successor in pairwise(names):
                    verdict = await answer(reader, harness, name, [successor])
                    assert verdict["verdict"] == "accepted"
                verdict = await answer(reader, harness, names[-1], ["other", names[0]])
                assert verdict["verdict"] == "rejected"
                path = " → ".join([names[-1], *names])
                assert verdict["errors"] == [{"pointer": "/then/1/task", "message": f"closes a circle: {path}"}]
        async with harness.running_ticker():
            verdict = await answer(reader, harness, "c0-4", ["c0-1"])
            assert verdict["errors"][0]["message"] == "closes a circle: c0-4 → c0-1 → c0-2 → c0-3 → c0-4"
    finally:
        await reader.stop()
