"""The migration where something goes wrong, on a real Kafka."""

import asyncio
from collections.abc import AsyncIterator, Callable
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from tasker_core.topics import PARTITIONS, Topics
from tasker_devstack.polling import eventually
from tasker_devstack.topic_cleanup import delete_topics
from tasker_runtime.kafka.admin_client import admin_client, describe_group
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.producer_setup import transactional_producer
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import configure
from tasker_runtime.settings import KafkaSettings
from tasker_ticker.migration.first_watermarks import UnknownOutcome, write_first_watermarks
from tasker_ticker.migration.migration import Migration
from tasker_ticker.migration.source_checks import NotReady
from tasker_ticker.scheduling.memory.watermark import WatermarkAuthor, WatermarkPosition

MARK = WatermarkPosition(second=1_767_268_800, next_offset=0).to_record(WatermarkAuthor("test"))


@pytest_asyncio.fixture(loop_scope="session")
async def reader(kafka: str) -> AsyncIterator[PartitionReader]:
    found = PartitionReader(KafkaConnection(kafka))
    await found.start()
    yield found
    await found.stop()


async def send(kafka: str, topic: str, value: bytes, *partitions: int) -> None:
    producer = RecordProducer(KafkaConnection(kafka))
    for partition in partitions:
        await producer.send(topic, value, key=b"k", partition=partition)
    await producer.stop()


async def coordinated(kafka: str) -> None:
    """Wait until the broker coordinates groups: a new one has to make a topic for it first."""

    async def answers() -> bool:
        try:
            async with admin_client(KafkaConnection(kafka)) as admin:
                return not (await describe_group(admin, "nobody")).members
        except KafkaError:
            return False

    await eventually(answers, "a coordinator of groups", 30)


async def test_events_that_come_meanwhile_are_not_lost(
    kafka: str, topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    monkeypatch.setenv("TASKER_TOPIC_PREFIX", topics)
    old, prefix, said = Topics(topics), f"t{uuid4().hex[:10]}", list[str]()
    await coordinated(kafka)
    await send(kafka, old["watermarks"], MARK, *range(PARTITIONS))

    def say(line: str) -> None:
        said.append(line)
        if line.startswith("partition 0:"):
            sender = Thread(target=lambda: asyncio.run(send(kafka, old["task-events"], b"{}", 0)))
            sender.start()
            sender.join()

    try:
        with pytest.raises(NotReady, match=r"still sends events \(partition 0\).*stop the API"):
            await Migration(KafkaSettings(), prefix, 3, configure("migration", "console", "warning"), say).run()
        assert not [line for line in said if "begin" in line]
    finally:
        await delete_topics(KafkaConnection(kafka), prefix)


class Unanswered:
    """A producer whose commit has no answer, whether it is made or not."""

    def __init__(self, producer: Any, *, commits: bool) -> None:
        self._producer, self._commits = producer, commits

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)

    async def commit_transaction(self) -> None:
        if self._commits:
            await self._producer.commit_transaction()
        raise KafkaTimeout("committing: no answer")


class Unreachable(Unanswered):
    """A producer that finds no broker."""

    def __init__(self, producer: Any) -> None:
        super().__init__(producer, commits=False)

    async def start(self) -> None:
        raise KafkaError("nobody is there")


def producers(kafka: str, topics: str, *wraps: Callable[[Any], Any]) -> Callable[[], Any]:
    """One producer after the other, each as it is wrapped."""
    left = list(wraps)

    def producer() -> Any:
        connection = KafkaConnection(kafka)
        found = transactional_producer(connection, f"{topics}-migration", transaction_seconds=30, request_seconds=10)
        return left.pop(0)(found)

    return producer


async def test_a_commit_without_an_answer_counts_when_it_has_happened(
    kafka: str, topics: str, reader: PartitionReader
) -> None:
    some = producers(kafka, topics, lambda one: Unanswered(one, commits=True), lambda one: one)
    await write_first_watermarks(some, reader, Topics(topics), 3, MARK)


async def test_a_commit_that_has_not_happened_never_will(kafka: str, topics: str, reader: PartitionReader) -> None:
    some = producers(kafka, topics, lambda one: Unanswered(one, commits=False), lambda one: one)
    with pytest.raises(KafkaTimeout, match="no answer"):
        await write_first_watermarks(some, reader, Topics(topics), 3, MARK)


async def test_an_outcome_that_is_not_known_is_told_so(kafka: str, topics: str, reader: PartitionReader) -> None:
    some = producers(kafka, topics, lambda one: Unanswered(one, commits=True), Unreachable)
    with pytest.raises(UnknownOutcome, match=r"nobody is there.*watermarks from its beginning"):
        await write_first_watermarks(some, reader, Topics(topics), 3, MARK)
