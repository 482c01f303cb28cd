"""The bare floor, in the same run: one acknowledged record from a producer to a reader, without any of Tasker."""

import asyncio
import time

from tasker_core.topics import Topics
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer

RECORDS = 300


async def round_trips(kafka: str, prefix: str) -> list[float]:
    """Milliseconds from sending to reading, one record at a time."""
    partition = TopicPartition(Topics(prefix)["dead-letters"], 0)
    sender, reader, found = (
        RecordProducer(KafkaConnection(kafka)),
        PartitionReader(KafkaConnection(kafka)),
        list[float](),
    )
    await reader.start()
    try:
        reader.assign(partition)
        reader.seek(partition, (await reader.bounds(partition))[1])
        async with asyncio.timeout(120):
            for _ in range(RECORDS):
                began = time.perf_counter()
                await sender.send(partition.topic, b"x" * 500, partition=0)
                while not await reader.poll(1_000):
                    pass
                found.append((time.perf_counter() - began) * 1000)
    finally:
        await asyncio.gather(sender.stop(), reader.stop())
    return found
