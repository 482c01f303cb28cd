"""Reads given partitions from given offsets, in no consumer group."""

import asyncio
from collections.abc import AsyncGenerator
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from tasker_core.kafka_record import Record
from tasker_runtime.kafka.client import START_SECONDS, KafkaTimeout, bounded, record_of, set_fetch_wait, stop_bounded
from tasker_runtime.kafka.connecting import connect
from tasker_runtime.kafka.connection import KafkaConnection

POLL_MS: Final = 500
FETCH_MS: Final = 250
"""A fetch that waits for records holds up the partitions that are assigned meanwhile, for as long."""
IDLE_FETCH_MS: Final = 1_000
IDLE_SECONDS: Final = 3.0
"""After so long without a record it may wait longer: to ask again and again is most of what an idle system does."""
STALL_SECONDS: Final = 60
TAIL: Final = 64


class PartitionReader:
    """Reads given partitions from given offsets, in no group.

    Offsets are requested on a connection of their own: a broker answers a connection's requests in order, and a fetch
    that waits for records would hold up each request behind it for as long as it waits.
    """

    def __init__(self, connection: KafkaConnection) -> None:
        def consumer(backoff_ms: int) -> Any:
            return AIOKafkaConsumer(
                **connection.client_options(),
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                fetch_max_wait_ms=FETCH_MS,
                max_partition_fetch_bytes=4 * 1024 * 1024,
                request_timeout_ms=10_000,
                retry_backoff_ms=backoff_ms,
                metadata_max_age_ms=60_000,
            )

        self._connection = connection
        self._consumer = consumer(100)
        self._busy_at, self._fetch_ms = 0.0, FETCH_MS
        self._offset_client = consumer(10)  # the first request for a topic waits once, for its metadata

    async def start(self) -> None:
        """Connect. Raises KafkaError or KafkaTimeout."""
        starts = (one.start() for one in (self._consumer, self._offset_client))
        connecting = (connect(start, self._connection, "connecting to Kafka") for start in starts)
        for outcome in await asyncio.gather(*connecting, return_exceptions=True):  # none goes on after another's error
            if outcome is not None:
                raise outcome

    def assign(self, *partitions: TopicPartition, fetch_ms: int = FETCH_MS) -> None:
        """Read these partitions from now on and no others, from their beginning unless `seek` says otherwise.

        Where nothing is to be read, the broker holds a fetch for `fetch_ms`: short for who assigns others soon.
        """
        self._busy_at, self._fetch_ms = monotonic(), fetch_ms
        set_fetch_wait(self._consumer, fetch_ms)
        self._consumer.assign(list(partitions))

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from an offset."""
        self._consumer.seek(partition, offset)

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        """(first offset kept, end offset as the isolation level shows it)."""
        first, end = await asyncio.gather(self.beginnings(partition), self.ends(partition))
        return first[partition], end[partition]

    async def ends(self, *partitions: TopicPartition) -> dict[TopicPartition, int]:
        """Their end offsets, as the isolation level shows them."""
        found: dict[TopicPartition, int] = await bounded(
            self._offset_client.end_offsets(list(partitions)), START_SECONDS, "end offsets"
        )
        return found

    async def beginnings(self, *partitions: TopicPartition) -> dict[TopicPartition, int]:
        """Their first offsets that are kept."""
        found: dict[TopicPartition, int] = await bounded(
            self._offset_client.beginning_offsets(list(partitions)), START_SECONDS, "first offsets"
        )
        return found

    async def offsets_at(self, ms: int, *partitions: TopicPartition) -> dict[TopicPartition, int | None]:
        """Of each the first offset whose record was appended at a time (epoch ms) or later; None when there is none."""
        asked = self._offset_client.offsets_for_times(dict.fromkeys(partitions, ms))
        found: dict[TopicPartition, Any] = await bounded(asked, START_SECONDS, "offsets of a time")
        return {partition: None if at is None else at.offset for partition, at in found.items()}

    async def position(self, partition: TopicPartition) -> int:
        """The next offset to be read."""
        where: int = await bounded(self._consumer.position(partition), START_SECONDS, "position")
        return where

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        """The records that come within `wait_ms`, in order per partition."""
        got = await self._consumer.getmany(timeout_ms=wait_ms, max_records=limit)
        now = monotonic()
        if got:
            self._busy_at = now
        set_fetch_wait(self._consumer, IDLE_FETCH_MS if now - self._busy_at > IDLE_SECONDS else self._fetch_ms)
        return [record_of(raw) for batch in got.values() for raw in batch]

    async def records_between(self, partition: TopicPartition, start: int, end: int) -> AsyncGenerator[Record]:
        """Assign a partition, and read its records of offsets [start, end).

        Raises KafkaError, or KafkaTimeout when the position stands still; markers and what was aborted move it, too.
        """
        self.assign(partition)
        self.seek(partition, start)
        loop = asyncio.get_running_loop()
        moved_at, before = loop.time(), start
        while (position := await self.position(partition)) < end:
            if position > before:
                moved_at, before = loop.time(), position
            elif loop.time() - moved_at > STALL_SECONDS:
                raise KafkaTimeout(
                    f"{partition}: no progress from offset {position} towards {end} in {STALL_SECONDS} s"
                )
            for record in await self.poll(POLL_MS):
                if record.offset < end:
                    yield record

    async def last_record(self, partition: TopicPartition) -> Record | None:
        """The last record of a partition, found from its tail; None when it holds none. Raises as `records_between`."""
        first, end = await self.bounds(partition)
        tail, found = TAIL, None
        while found is None and (start := max(first, end - tail)) < end:
            async for record in self.records_between(partition, start, end):
                found = record
            if start == first:
                break
            tail *= 8
        return found

    async def stop(self) -> None:
        """Disconnect, within a bound."""
        await stop_bounded(self._close(), "a reader")  # one task: who is cancelled meanwhile leaves none half closed

    async def _close(self) -> None:
        await asyncio.gather(self._consumer.stop(), self._offset_client.stop())
