"""The typed face of aiokafka: readers without a group, and the acknowledged sender. Every wait has a bound."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from tasker_core.errors import TaskerError

__all__ = [
    "KafkaError",
    "KafkaTimeout",
    "Place",
    "Reader",
    "Record",
    "Sender",
    "TopicPartition",
    "bounded",
    "record_of",
    "stop_bounded",
]

T = TypeVar("T")
START_SECONDS = 30.0
STOP_SECONDS = 3.0
MAX_REQUEST_BYTES = 2 * 1024 * 1024


class KafkaTimeout(TaskerError):
    """Kafka did not answer in time."""


class Record(NamedTuple):
    """One record as it was read. `timestamp` is the broker's append time in epoch milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Place(NamedTuple):
    """Where a record was written."""

    partition: int
    offset: int


def record_of(raw: Any) -> Record:
    """Our view of aiokafka's ConsumerRecord."""
    return Record(raw.topic, raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, raw.headers)


async def bounded(wait: Awaitable[T], seconds: float, what: str) -> T:
    """Await with a bound. Raises KafkaTimeout naming what was waited for."""
    try:
        async with asyncio.timeout(seconds):
            return await wait
    except TimeoutError:
        raise KafkaTimeout(f"{what}: no answer within {seconds:g} s") from None


async def stop_bounded(stopping: Awaitable[Any], what: str) -> None:
    """Stop an aiokafka client; one that cannot be stopped in time is left to the process's end.

    In a task of its own: `stop` awaits tasks that it has cancelled, and their cancellation must not become ours.
    """
    task = asyncio.ensure_future(stopping)
    await asyncio.wait({task}, timeout=STOP_SECONDS)
    if not task.done():
        logging.getLogger(__name__).warning("%s could not be stopped within %g s", what, STOP_SECONDS)
        task.cancel()
        await asyncio.wait({task}, timeout=STOP_SECONDS)
    if task.done() and not task.cancelled() and not isinstance(task.exception(), KafkaError):
        task.result()


class Reader:
    """Reads given partitions from given offsets, in no group.

    Offsets are asked for on a connection of their own: a broker answers a connection's requests in order, and a fetch
    that waits for records would hold up each question behind it for as long as it waits.
    """

    def __init__(self, bootstrap: str, *, committed_only: bool = True) -> None:
        def consumer(backoff_ms: int) -> Any:
            return AIOKafkaConsumer(
                bootstrap_servers=bootstrap,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed" if committed_only else "read_uncommitted",
                fetch_max_wait_ms=250,
                max_partition_fetch_bytes=4 * 1024 * 1024,
                request_timeout_ms=10_000,
                retry_backoff_ms=backoff_ms,
                metadata_max_age_ms=60_000,
            )

        self._consumer = consumer(100)
        self._asker = consumer(10)  # the first question about a topic waits once, for the topic's metadata

    async def start(self) -> None:
        """Connect. Raises KafkaError or KafkaTimeout."""
        for one in (self._consumer, self._asker):
            await bounded(one.start(), START_SECONDS, "connecting to Kafka")

    def assign(self, *partitions: TopicPartition) -> None:
        """Read these partitions from now on and no others, from their beginning unless `seek` says otherwise."""
        self._consumer.assign(list(partitions))

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from an offset."""
        self._consumer.seek(partition, offset)

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        """(first offset kept, end offset as the isolation level shows it)."""
        first = await bounded(self._asker.beginning_offsets([partition]), START_SECONDS, "first offset")
        end = await bounded(self._asker.end_offsets([partition]), START_SECONDS, "end offset")
        return first[partition], end[partition]

    async def position(self, partition: TopicPartition) -> int:
        """The next offset to be read."""
        where: int = await bounded(self._consumer.position(partition), START_SECONDS, "position")
        return where

    async def poll(self, wait_ms: int, most: int | None = None) -> list[Record]:
        """The records that come within `wait_ms`, in order per partition."""
        got = await self._consumer.getmany(timeout_ms=wait_ms, max_records=most)
        return [record_of(raw) for batch in got.values() for raw in batch]

    async def stop(self) -> None:
        """Disconnect, within a bound."""
        await stop_bounded(self._close(), "a reader")  # one task: who is cancelled meanwhile leaves none half closed

    async def _close(self) -> None:
        await asyncio.gather(self._consumer.stop(), self._asker.stop())


class Sender:
    """Sends single records, acknowledged by all replicas, without duplicates of its own. Connects at the first use.

    What could not be delivered in time breaks an idempotent producer's sequence, so after any failure the next record
    goes through a new one.
    """

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producer: Any = None
        self._starting = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    async def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        seconds: float = 10.0,
    ) -> Place:
        """Send one record (it has a key or a value) and wait for its acknowledgement; returns where it is.

        Raises KafkaError or KafkaTimeout: outcome unknown.
        """

        async def send(producer: Any) -> Place:
            place = await producer.send_and_wait(topic, value, key=key, partition=partition, headers=list(headers))
            return Place(place.partition, place.offset)

        return await self._with_producer(send, seconds, f"sending to {topic}")

    async def knows(self, topic: str, seconds: float) -> bool:
        """Whether a topic exists; asking does not make it. Raises KafkaError or KafkaTimeout when nobody answers.

        Sending to one that does not exist would wait for it, and then give the connection up.
        """

        async def ask(producer: Any) -> bool:
            if producer.client.cluster.partitions_for_topic(topic):
                return True
            return bool((await producer.client.fetch_all_metadata()).partitions_for_topic(topic))

        return await self._with_producer(ask, seconds, f"asking for the topic {topic}")

    async def ping(self, seconds: float) -> None:
        """Ask the cluster for its metadata. Raises KafkaError or KafkaTimeout when nobody answers."""

        async def ask(producer: Any) -> None:
            await producer.client.fetch_all_metadata()

        await self._with_producer(ask, seconds, "asking for the cluster's metadata")

    async def stop(self) -> None:
        """Flush and disconnect, within a bound."""
        self._leave(self._producer)
        await asyncio.gather(*self._leaving)

    async def _with_producer(self, use: Callable[[Any], Awaitable[T]], seconds: float, what: str) -> T:
        used: Any = None

        async def connect_and_use() -> T:
            nonlocal used
            async with self._starting:
                if self._producer is None:
                    self._producer = await self._connected()
                used = self._producer
            return await use(used)

        try:
            return await bounded(connect_and_use(), seconds, what)
        except (KafkaError, KafkaTimeout):
            self._leave(used)
            raise

    def _leave(self, producer: Any) -> None:
        """Stop a producer in the background, if it is one."""
        if producer is None or producer is not self._producer:
            return
        self._producer = None
        task = asyncio.create_task(stop_bounded(producer.stop(), "a sender"))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _connected(self) -> Any:
        producer: Any = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            enable_idempotence=True,
            max_request_size=MAX_REQUEST_BYTES,
            request_timeout_ms=10_000,
            linger_ms=0,
        )
        try:
            await producer.start()
        except BaseException:
            await stop_bounded(producer.stop(), "a sender that could not connect")
            raise
        return producer
