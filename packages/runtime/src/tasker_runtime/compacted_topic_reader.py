"""A compacted topic as a table, kept up to date in the background."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from tasker_core.errors import TaskerError
from tasker_core.kafka_record import Record
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition
from tasker_runtime.logs import Log

POLL_MS = 1_000
RETRY_SECONDS = 1.0
PATIENCE_SECONDS = 5.0
STILL_POLLS = 10
SILENCE_MS = 120_000


class TopicTable(Protocol):
    """What the records of a topic say, the last word of each key."""

    def apply(self, key: bytes | None, value: bytes | None) -> str | None:
        """Take in the next record; returns what is wrong with it, if anything."""
        ...


class TableSource(Protocol):
    """Reads committed records of given partitions, in no group."""

    async def start(self) -> None:
        """Connect. Raises KafkaError or KafkaTimeout."""
        ...

    def assign(self, *partitions: TopicPartition) -> None:
        """Read these partitions, from their beginning."""
        ...

    async def ends(self, *partitions: TopicPartition) -> Mapping[TopicPartition, int]:
        """Their end offsets as committed readers see them."""
        ...

    async def position(self, partition: TopicPartition) -> int:
        """The next offset to be read."""
        ...

    async def poll(self, wait_ms: int) -> Sequence[Record]:
        """The records that come within `wait_ms`, in order per partition."""
        ...

    async def stop(self) -> None:
        """Disconnect, within a bound."""
        ...


T = TypeVar("T", bound=TopicTable)


class CompactedTopicReader(Generic[T]):
    """The table of a topic, as far as it is read. `run` reads it until cancelled.

    While the topic can't be read, what was read last holds, and nobody waits for more. `check` is its health check.
    """

    def __init__(
        self,
        reader: Callable[[], TableSource],
        partitions: Sequence[TopicPartition],
        table: Callable[[], T],
        check: str,
        health: Health,
        log: Log,
    ) -> None:
        self._make, self._partitions, self._new_table = reader, partitions, table
        self._check, self._health, self._log = check, health, log
        self.table = table()
        self._reader: TableSource | None = None
        self._positions: dict[TopicPartition, int] = {}
        self._settled, self._moved = asyncio.Event(), asyncio.Event()
        health.expect(check, every_ms=SILENCE_MS)

    @property
    def is_connected(self) -> bool:
        """Whether it reads on at the moment."""
        return self._reader is not None

    async def refresh(self) -> bool:
        """Read on to where the topic ends now, within PATIENCE_SECONDS; whether that was possible."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._settled.wait()
                if (reader := self._reader) is None:
                    return False
                ends = await reader.ends(*self._partitions)
                while self._reader is reader and self._is_behind(ends):
                    self._moved.clear()
                    await self._moved.wait()
                return self._reader is reader
        except (TimeoutError, TaskerError, KafkaError):
            return False

    async def run(self) -> None:
        """Follow the topic until cancelled; while Kafka is away, try again and again."""
        topic = self._partitions[0].topic
        while True:
            reader = self._make()
            try:
                await reader.start()
                await self._follow(reader)
            except (TaskerError, KafkaError) as error:
                self._health.fail(self._check, f"the topic {topic} can't be read: {error}")
                self._log.warning("topic not read", topic=topic, reason=f"{type(error).__name__}: {error}")
            finally:
                self._reader = None
                self._settled.set()
                self._moved.set()
                await reader.stop()
            await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self, reader: TableSource) -> None:
        """Read all of it, and then what comes. A new table each time: what it forgot may be forgotten there, too."""
        ends = await reader.ends(*self._partitions)
        reader.assign(*self._partitions)
        table, still = self._new_table(), 0
        self._positions = dict.fromkeys(self._partitions, 0)
        while self._is_behind(ends):
            before = dict(self._positions)
            await self._read(reader, table)
            still = still + 1 if self._positions == before else 0
            if still > STILL_POLLS:
                raise KafkaTimeout(f"no progress towards the end of {self._partitions[0].topic}")
        self.table, self._reader = table, reader
        self._settled.set()
        self._log.info("topic read", topic=self._partitions[0].topic)
        while True:
            self._health.ok(self._check)
            await self._read(reader, table)
            self._moved.set()

    def _is_behind(self, ends: Mapping[TopicPartition, int]) -> bool:
        return any(self._positions[partition] < end for partition, end in ends.items())

    async def _read(self, reader: TableSource, table: T) -> None:
        """Take in what comes within a moment; the positions are those after it."""
        for record in await reader.poll(POLL_MS):
            if trouble := table.apply(record.key, record.value):
                key = (record.key or b"")[:100].decode(errors="replace")
                where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
                self._log.warning("record of a table", **where, key=key, reason=trouble[:500])
        for partition in self._partitions:
            self._positions[partition] = await reader.position(partition)
