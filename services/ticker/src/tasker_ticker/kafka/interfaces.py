"""The clients of Kafka that a ticker needs, as interfaces; the simulation and tests have clients of their own."""

import asyncio
from typing import Any, Protocol

from tasker_core.kafka_record import Record
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.partition_reader import FETCH_MS
from tasker_ticker.scheduling.batch import TransactionBatch


class EventSource(Protocol):
    """Where an owner reads its events: an assigned partition."""

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        """The records that come within `wait_ms`, in order."""
        ...

    async def position(self, partition: TopicPartition) -> int:
        """The next offset to be read."""
        ...

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        """(first offset kept, end offset as committed readers see it)."""
        ...


class CommittedReader(EventSource, Protocol):
    """Reads committed records of given partitions from given offsets, in no group."""

    async def start(self) -> None:
        """Connect. Raises KafkaError or KafkaTimeout."""
        ...

    def assign(self, *partitions: TopicPartition, fetch_ms: int = FETCH_MS) -> None:
        """Read these partitions from now on and no others, from their beginning unless `seek` says otherwise.

        Where nothing is to be read, the broker holds a fetch for `fetch_ms`: short for who assigns others soon.
        """
        ...

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from an offset."""
        ...

    async def stop(self) -> None:
        """Disconnect, within a bound."""
        ...


class BatchProducer(Protocol):
    """Writes batches, each in one transaction.

    `clock_offset_ms`: how far this machine's clock is ahead of the broker's (behind it: negative).
    """

    clock_offset_ms: int

    async def send(self, batch: TransactionBatch) -> None:
        """Send a batch, invisible until `commit`. Raises TransactionUncertain for anything but a certain success."""
        ...

    async def commit(self) -> None:
        """Make what was sent visible. Raises TransactionUncertain for anything but a certain success."""
        ...


class RecordBatchBuilder(Protocol):
    """A batch in aiokafka's sense: the records of one request to one partition."""

    def append(self, *, key: bytes | None, value: bytes | None, timestamp: int | None) -> object | None:
        """Add a record; None when it does not fit."""
        ...


class TransactionalClient(Protocol):
    """The part of AIOKafkaProducer that is used in transactions. Futures of sends have the append time as `timestamp`.

    A commit waits for the records, and succeeds though one of them failed.
    """

    async def start(self) -> None:
        """Connect, abort the transaction that an earlier client of the same id left open, and fence that client."""
        ...

    async def stop(self) -> None:
        """Disconnect. An open transaction stays open."""
        ...

    async def begin_transaction(self) -> None:
        """Begin a transaction."""
        ...

    async def send(self, topic: str, value: bytes, *, key: bytes, partition: int) -> asyncio.Future[Any]:
        """Send one record; returns the future of its acknowledgement."""
        ...

    def create_batch(self) -> RecordBatchBuilder:
        """An empty batch."""
        ...

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Any]:
        """Send a batch; returns the future of its acknowledgement."""
        ...

    async def commit_transaction(self) -> None:
        """Commit. Raises KafkaError or AssertionError when it is fenced."""
        ...
