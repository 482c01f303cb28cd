"""Sends single records and waits for their acknowledgement."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from tasker_core.kafka_record import RecordPosition
from tasker_runtime.kafka.client import STOP_SECONDS, KafkaError, KafkaTimeout, bounded, stop_bounded
from tasker_runtime.kafka.connecting import TopicsMissing, connect
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.producer_setup import SINGLE_BATCH_BYTES, discard_producer, idempotent_producer

T = TypeVar("T")


class RecordProducer:
    """Sends single records, acknowledged by all replicas, without duplicates of its own. Connects at the first use.

    What could not be delivered in time breaks an idempotent producer's sequence, so after any failure the next record
    goes through a new one.
    """

    def __init__(self, connection: KafkaConnection) -> None:
        self._connection = connection
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
    ) -> RecordPosition:
        """Send one record (it has a key or a value) and wait for its acknowledgement; returns where it is.

        Raises KafkaError or KafkaTimeout: outcome unknown.
        """

        async def send(producer: Any) -> RecordPosition:
            place = await producer.send_and_wait(topic, value, key=key, partition=partition, headers=list(headers))
            return RecordPosition(place.partition, place.offset)

        return await self._with_producer(send, seconds, f"sending to {topic}")

    async def send_all(self, topic: str, records: Sequence[tuple[bytes, bytes]], seconds: float = 10.0) -> None:
        """Send many records, each a key and a value, and wait until all are acknowledged; those of a key stay in order.

        Raises KafkaError or KafkaTimeout: of each the outcome is unknown then.
        """

        async def send(producer: Any) -> None:
            acknowledgements = [await producer.send(topic, value, key=key) for key, value in records]
            await asyncio.gather(*acknowledgements)

        await self._with_producer(send, seconds, f"sending to {topic}")

    async def topic_exists(self, topic: str, seconds: float) -> bool:
        """Whether a topic exists; asking does not make it. Raises KafkaError or KafkaTimeout when nobody answers.

        Sending to one that does not exist would wait for it, and then give the connection up.
        """

        async def ask(producer: Any) -> bool:
            if producer.client.cluster.partitions_for_topic(topic):
                return True
            return bool((await producer.client.fetch_all_metadata()).partitions_for_topic(topic))

        return await self._with_producer(ask, seconds, f"asking for the topic {topic}")

    async def ping(self, seconds: float, topic: str) -> None:
        """Ask the cluster for a topic that is to be written.

        Raises TopicsMissing, or another KafkaError, or KafkaTimeout when nobody answers.
        """

        async def ask(producer: Any) -> bool:
            return topic in (await producer.client.fetch_all_metadata()).topics()

        if not await self._with_producer(ask, seconds, "asking for the cluster's metadata"):
            raise TopicsMissing

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
        """Let a producer go in the background, if it is one."""
        if producer is None or producer is not self._producer:
            return
        self._producer = None
        task = asyncio.create_task(_retire(producer))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _connected(self) -> Any:
        producer = idempotent_producer(self._connection, batch_bytes=SINGLE_BATCH_BYTES)
        try:
            await connect(producer.start(), self._connection, "connecting to Kafka")
        except BaseException:
            await stop_bounded(producer.stop(), "a producer that could not connect")
            raise
        return producer


async def _retire(producer: Any) -> None:
    """Wait a little for what is on its way, and discard the producer with the rest."""
    with contextlib.suppress(KafkaError, KafkaTimeout):
        await bounded(producer.flush(), STOP_SECONDS, "flushing a record producer")
    await discard_producer(producer, "a record producer")
