"""Reading a topic up to its end, on a real Kafka."""

import asyncio
from threading import Thread
from typing import Any

from tasker_cli.verify.topic_reader import TopicReader
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer

BIG, PIECES = 200_000, 30
"""Bytes of a record, and how many: they take several fetches."""


def unheard(what: str, done: int, total: int) -> None:
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

    def handle(record: Any) -> None:
        found.append((record.partition, record.value[:5]))
        if len(found) == 1:
            sender = Thread(target=append)
            sender.start()
            sender.join()

    async with TopicReader({"bootstrap_servers": kafka}, topic) as reader:
        await reader.read_to_end(handle, unheard)
        assert (len(found), (0, b"later") in found) == (1 + PIECES, False)
        await reader.read_to_end(handle, unheard)
        assert found[1 + PIECES :] == [(0, b"later")]
        await reader.read_to_end(handle, unheard)
        assert len(found) == 2 + PIECES
