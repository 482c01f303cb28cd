"""Moves what the ticker remembers to new topics: checks, copies, and last of all lets the new partitions begin."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from tasker_core.events.forwarded_event import AppendPosition, forwarded_headers, origin_of
from tasker_core.kafka_record import Record
from tasker_core.topics import TOPICS, Topics, partition_of
from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import START_SECONDS, TopicPartition, bounded, stop_bounded
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.producer_setup import BATCH_BYTES, idempotent_producer, transactional_producer
from tasker_runtime.logs import Log
from tasker_runtime.settings import KafkaSettings
from tasker_runtime.topic_setup import create_topics
from tasker_ticker.kafka.restore import restore
from tasker_ticker.kafka.transaction import ticker_producer
from tasker_ticker.migration.first_watermarks import COMMIT_SECONDS, SEND_SECONDS, write_first_watermarks
from tasker_ticker.migration.moved_state import (
    MovedRecord,
    OldPartition,
    moved_calendars,
    moved_links,
    moved_records,
    moved_versions,
    new_position,
    obstacle,
)
from tasker_ticker.migration.source_checks import (
    LANES,
    NotReady,
    announced_groups,
    check_consumed,
    check_no_ticker,
    partitions_of,
)
from tasker_ticker.scheduling.memory.watermark import WatermarkAuthor
from tasker_ticker.scheduling.stored_state import StoredState

OWNER: Final = "migration"
MAX_EVENTS: Final = 200_000
SEND_AT_ONCE: Final = 2_000

Send = tuple[str, int, bytes | None, bytes | None, Sequence[tuple[str, bytes]]]
"""What is sent where: topic, partition, key, value, headers."""


class Migration:
    """From the topics of the settings to those of another prefix, with another number of partitions."""

    def __init__(
        self, settings: KafkaSettings, prefix: str, partitions: int, log: Log, say: Callable[[str], None]
    ) -> None:
        self._settings, self._old, self._new = settings, settings.topics, Topics(prefix)
        self._partitions, self._log, self._say = partitions, log, say
        self._connection = settings.kafka
        self._reader = PartitionReader(self._connection)
        self._producer: Any = None

    async def run(self) -> None:
        """All of it. The old topics stay as they are.

        Raises NotReady, ValueError, KafkaError, KafkaTimeout when nothing has begun with the new ones, UnknownOutcome.
        """
        await self._reader.start()
        try:
            async with admin_client(self._connection) as admin:
                await self._move(admin)
        finally:
            await self._reader.stop()

    async def _move(self, admin: Any) -> None:
        reader, old, group = self._reader, self._old, self._settings.group
        await check_no_ticker(admin, group("ticker"))
        numbers = [partition.partition for partition in await partitions_of(admin, old, "watermarks")]
        await self._fence(numbers)
        groups, announcements = await announced_groups(admin, reader, old)
        for one in sorted(groups | {group("executor")}):
            await check_consumed(admin, reader, old, one, LANES, "its executors")
        await check_consumed(admin, reader, old, group("log-sink"), ("verdicts", "results"), "the log sink")
        self._say("all that was emitted is carried out and logged")
        await create_topics(self._connection, self._new.prefix, self._partitions, self._settings.replicas)
        await self._check_empty(admin)
        self._producer = idempotent_producer(self._connection, batch_bytes=BATCH_BYTES)
        await bounded(self._producer.start(), START_SECONDS, "connecting to Kafka")
        try:
            partitions = [await self._move_state(number) for number in numbers]
            events = await self._move_events(partitions)
            for key, value in announcements.items():
                await self._send_all([(self._new["handlers"], 0, key, value, [])])
        finally:
            await stop_bounded(self._producer.stop(), "a producer")
        await check_no_ticker(admin, group("ticker"))
        await self._check_unchanged(partitions)
        await self._begin(partitions)
        self._say(f"{self._partitions} partitions begin; {events} events wait in them")

    async def _fence(self, numbers: list[int]) -> None:
        """End the transactions that killed tickers may have left open: what they wrote never happened."""
        for number in numbers:
            producer = ticker_producer(self._connection)(f"{self._old.prefix}-ticker-{number}")
            await bounded(producer.start(), START_SECONDS, f"fencing partition {number}")
            await stop_bounded(producer.stop(), "a transactional producer")

    async def _check_empty(self, admin: Any) -> None:
        for topic in TOPICS:
            for partition in await partitions_of(admin, self._new, topic.name):
                _, end = await self._reader.bounds(partition)
                if end:
                    raise NotReady(
                        f"{partition.topic} is not empty: delete the topics {self._new.prefix}.* of an earlier attempt "
                        "that no ticker has begun with, or choose another prefix"
                    )

    async def _move_state(self, number: int) -> OldPartition:
        events = TopicPartition(self._old["task-events"], number)
        restored = await restore(self._reader, self._old, number, self._log)
        _, end = await self._reader.bounds(events)
        if restored.position is None:
            raise NotReady(f"partition {number} was never owned: start the tickers until each has a watermark")
        partition = OldPartition(number, restored.position, end)
        if reason := obstacle(partition):
            raise NotReady(reason)
        await self._send_links(restored.stored)
        await self._send_calendars(restored.stored)
        count, waiting = 0, list[MovedRecord]()
        for record in moved_records(restored.position, restored.stored):
            waiting.append(record)
            count += 1
            if len(waiting) == SEND_AT_ONCE:
                await self._send_state(waiting)
                waiting = []
        await self._send_state(waiting)
        self._say(f"partition {number}: {count:,} records of state, up to {restored.position.second}")
        return partition

    async def _send_state(self, records: list[MovedRecord]) -> None:
        topic = self._new["ticker-state"]
        await self._send_all([self._to_new_home(topic, one) for one in records])

    async def _send_links(self, stored: StoredState) -> None:
        """Which tasks those of a partition start, each to where it is from now on."""
        topic, links = self._new["chains"], list(moved_links(stored))
        for start in range(0, len(links), SEND_AT_ONCE):
            some = links[start : start + SEND_AT_ONCE]
            await self._send_all([(topic, self._home(r.task_id), r.key, r.value, []) for r in some])

    async def _send_calendars(self, stored: StoredState) -> None:
        """The calendars of a partition's names, and the days of the versions that its tasks are under."""
        await self._send_all([self._to_new_home(self._new["calendars"], one) for one in moved_calendars(stored)])
        topic = self._new["ticker-state"]
        for partition, key, value in moved_versions(stored, self._home):
            await self._send_all([(topic, partition, key, value, [])])

    async def _move_events(self, partitions: list[OldPartition]) -> int:
        """The events that no ticker has read, in the order in which they came; they keep the place where they were."""
        unread = list[tuple[AppendPosition, Record]]()
        for number, position, end in partitions:
            topic = TopicPartition(self._old["task-events"], number)
            if end - position.next_offset + len(unread) > MAX_EVENTS:
                raise NotReady(f"more than {MAX_EVENTS:,} events are not read yet: let the tickers read them first")
            async for record in self._reader.records_between(topic, position.next_offset, end):
                appended = AppendPosition(record.timestamp, record.partition, record.offset)
                unread.append((origin_of(record.headers) or appended, record))
        unread.sort(key=lambda one: one[0])
        topic = self._new["task-events"]
        sends: list[Send] = [
            (topic, self._event_home(record), record.key, record.value, forwarded_headers(record.headers, appended))
            for appended, record in unread
        ]
        for start in range(0, len(sends), SEND_AT_ONCE):
            await self._send_all(sends[start : start + SEND_AT_ONCE])
        return len(sends)

    def _event_home(self, record: Record) -> int:
        """Where an event belongs, as far as that is easily seen: a ticker sends others on."""
        if record.key:
            return self._home(record.key.decode(errors="replace"))
        try:
            event: Any = json.loads(record.value or b"")
            data: Any = event.get("data", event)
            if "calendar" in data:
                return self._home(str(data["calendar"]["name"] if "name" in data["calendar"] else data["calendar"]))
            return self._home(str(data["task"]["id"] if "task" in data else data["task_id"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            return record.partition % self._partitions

    def _to_new_home(self, topic: str, record: MovedRecord) -> Send:
        return topic, self._home(record.task_id), record.key, record.value, ()

    def _home(self, task_id: str) -> int:
        return partition_of(task_id, self._partitions)

    async def _send_all(self, records: list[Send]) -> None:
        """In their order in each partition, acknowledged."""
        futures = [
            await self._producer.send(topic, value, key=key, partition=partition, headers=headers)
            for topic, partition, key, value, headers in records
        ]
        await bounded(asyncio.gather(*futures), SEND_SECONDS, "writing to the new topics")

    async def _check_unchanged(self, partitions: list[OldPartition]) -> None:
        for one in partitions:
            _, end = await self._reader.bounds(TopicPartition(self._old["task-events"], one.number))
            if end != one.events_end:
                raise NotReady(
                    f"somebody still sends events (partition {one.number}), and they would be lost: stop the API and "
                    "all that writes to task-events, and begin anew"
                )
            found = await restore(self._reader, self._old, one.number, self._log)
            if found.position is None or found.position.turn != one.position.turn:
                raise NotReady(f"a ticker has written partition {one.number} meanwhile: stop all, and begin anew")

    async def _begin(self, partitions: list[OldPartition]) -> None:
        """The watermarks of all new partitions, in one transaction: with them a ticker can go on from what is there."""
        record = new_position(partitions).to_record(WatermarkAuthor(OWNER))

        def producer() -> Any:
            return transactional_producer(
                self._connection, f"{self._new.prefix}-{OWNER}", transaction_seconds=COMMIT_SECONDS, request_seconds=10
            )

        await write_first_watermarks(producer, self._reader, self._new, self._partitions, record)
