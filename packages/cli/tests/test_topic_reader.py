"""Reading a topic up to its end, on a real Kafka."""

import asyncio
from collections.abc import Sequence
from threading import Thread
from typing import Any

from aiokafka.admin import RecordsToDelete

from tasker_cli.verify.reading.retention import retentions
from tasker_cli.verify.reading.topic_reader import TopicReader
from tasker_core.topics import DAY_MS
from tasker_runtime.clock import SystemClock
from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import TopicPartition
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
        kept = await reader.kept(topic, 0)
        assert (kept.records, kept.since_ms) == (1 + PIECES, None)
        ends = [await reader.read(topic, partition, handle) for partition in (0, 1)]
        assert (len(found), (0, b"later") in found) == (1 + PIECES, False)
        assert await reader.read(topic, 0, handle, from_offset=ends[0]) == ends[0] + 1
        assert found[1 + PIECES :] == [(0, b"later")]
        await reader.read(topic, 0, handle, from_offset=ends[0] + 1)
        await reader.read(topic, 1, handle, from_ms=1 << 50)
        assert len(found) == 2 + PIECES


async def cut(kafka: str, topic: str, partition: int, before: int) -> None:
    """Delete records as retention does."""
    async with admin_client(KafkaConnection(kafka)) as admin:
        await admin.delete_records({TopicPartition(topic, partition): RecordsToDelete(before_offset=before)})


async def test_where_only_their_age_decides_the_partition_that_is_left_most_tells_since_when_all_are_whole(
    kafka: str, topics: str
) -> None:
    topic, day, now_ms = f"{topics}.results", 86_400_000, SystemClock().now_ms()
    async with TopicReader({"bootstrap_servers": kafka}, unheard) as reader:
        await send(kafka, topic, 0, b"gone", b"left")
        assert (await reader.kept(topic, now_ms)).since_ms is None
        await cut(kafka, topic, 0, 1)
        first = await reader.kept(topic, now_ms)
        assert first.since_ms is not None
        assert (first.begins[:2], first.since_ms >= now_ms) == ((1, 0), True)
        await send(kafka, topic, 1, b"gone", b"left later")
        await cut(kafka, topic, 1, 1)
        last = await reader.kept(topic, now_ms)
        assert last.since_ms is not None
        assert last.since_ms > first.since_ms, "nobody knows that they keep as much"
        assert (await reader.kept(topic, now_ms, day)).since_ms == first.since_ms
        far_later = last.since_ms + 2 * day
        assert (await reader.kept(topic, far_later, day)).since_ms == far_later - day, "older ones need not be there"


async def test_of_a_partition_with_nothing_left_it_is_only_known_what_comes_now(kafka: str, topics: str) -> None:
    topic, later = f"{topics}.results", SystemClock().now_ms() + 1_000
    await send(kafka, topic, 0, b"gone")
    await cut(kafka, topic, 0, 1)
    async with TopicReader({"bootstrap_servers": kafka}, unheard) as reader:
        assert (await reader.kept(topic, later)).since_ms == later


async def test_only_what_is_deleted_by_time_alone_has_a_retention(kafka: str, topics: str) -> None:
    names = [f"{topics}.{name}" for name in ("results", "watermarks", "absent")]
    assert await retentions(KafkaConnection(kafka), names) == ({names[0]: 7 * DAY_MS}, [])
