"""Reading a topic up to its end, on a real Kafka."""

import asyncio
from collections.abc import Sequence
from threading import Thread
from typing import Any

from tasker_cli.verify.reading.topic_reader import TopicReader
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer

BIG, PIECES = 200_000, 30
"""Bytes of a record, and how many: they take several fetches."""


def unheard(what: str, count: int) -> None:
    """Nobody looks at the progress."""


async def send(kafka: str, topic: str, partition: int, *values: bytes) -> None:
    producer = RecordProducer(KafkaConnection(kafka))
    for value in values:
        await producer.send(topic, value, key=None, partition=partition)
    await producer.stop()


async def test_what_comes_behind_the_end_is_left_for_the_next_reading(kafka: str, topics: str) -> None:
    topic, found = f"{topics}.results", list[tuple[int, bytes]]()
    await send(kafka, topic, 0, b"first")
    await send(kafka, topic, 1, *(b"%d" % n + bytes(BIG) for n in range(PIECES)))

    def append() -> None:
        asyncio.run(send(kafka, topic, 0, b"later"))

    def handle(records: Sequence[Any]) -> None:
        if not found:
            sender = Thread(target=append)
            sender.start()
            sender.join()
        found.extend((record.partition, record.value[:5]) for record in records)

    async with TopicReader({"bootstrap_servers": kafka}, unheard) as reader:
        kept = await reader.kept(topic)
        assert (kept.records, kept.since_ms) == (1 + PIECES, None)
        ends = [await reader.read(topic, partition, handle) for partition in (0, 1)]
        assert (len(found), (0, b"later") in found) == (1 + PIECES, False)
        assert await reader.read(topic, 0, handle, from_offset=ends[0]) == ends[0] + 1
        assert found[1 + PIECES :] == [(0, b"later")]
        await reader.read(topic, 0, handle, from_offset=ends[0] + 1)
        await reader.read(topic, 1, handle, from_ms=1 << 50)
        assert len(found) == 2 + PIECES
