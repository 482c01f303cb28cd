"""The fenced producer of one partition: a batch is written whole or not at all, within a deadline.

aiokafka 0.14: a commit succeeds though one of its records failed, so every send is awaited first; a late EndTxn could
end the *next* transaction of the same epoch, so when an outcome is unknown the producer is discarded with its owner.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tasker_core.errors import TaskerError
from tasker_core.topics import Topics
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.client import KafkaError, bounded, stop_bounded
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.producer_setup import transactional_producer
from tasker_ticker.kafka.interfaces import TransactionalClient
from tasker_ticker.scheduling.batch import KeyValue, TransactionBatch

TRANSACTION_SECONDS = 5.0
DEADLINE_SECONDS = 4.0
FENCE_SECONDS = 15.0
MAX_AHEAD_MS = MAX_BEHIND_MS = 2_000


class TransactionUncertain(TaskerError):
    """It is unknown whether a batch was committed, or it was not: the owner must restart from what is written."""


class ClockAhead(TransactionUncertain):
    """This machine's clock is ahead of the broker's: nothing may be emitted before its time."""


def ticker_producer(kafka: KafkaConnection) -> Callable[[str], TransactionalClient]:
    """Makes the ticker's producers: transactional id → an aiokafka producer, not started."""

    def make(transactional_id: str) -> TransactionalClient:
        return transactional_producer(
            kafka,
            transactional_id,
            transaction_seconds=TRANSACTION_SECONDS,
            request_seconds=DEADLINE_SECONDS,
        )

    return make


class FencedProducer:
    """Starting it fences whoever wrote this partition before, and aborts the transaction that they left open.

    `clock_offset_ms` is how far this machine's clock was ahead of the broker's (behind it: negative) at least, at the
    last batch.
    """

    def __init__(
        self, producer: Callable[[str], TransactionalClient], topics: Topics, partition: int, clock: Clock
    ) -> None:
        self._topics, self._partition, self._clock = topics, partition, clock
        self._producer = producer(f"{topics.prefix}-ticker-{partition}")
        self.clock_offset_ms = 0

    async def fence(self) -> None:
        """Connect and take over. Raises KafkaError or KafkaTimeout."""
        await bounded(self._producer.start(), FENCE_SECONDS, f"fencing partition {self._partition}")

    async def send(self, batch: TransactionBatch) -> None:
        """Send a batch, invisible until `commit`. Raises TransactionUncertain for anything but a certain success."""
        await self._certainly(self._send_all(batch))

    async def commit(self) -> None:
        """Make what was sent visible. Raises TransactionUncertain for anything but a certain success."""
        await self._certainly(self._producer.commit_transaction())

    async def stop(self) -> None:
        """Disconnect, within a bound."""
        await stop_bounded(self._producer.stop(), "a transactional producer")

    async def _certainly(self, work: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await work
        except TransactionUncertain:
            raise
        except TimeoutError as error:
            raise TransactionUncertain(f"no answer within {DEADLINE_SECONDS:g} s") from error
        # The shapes of a failure are many (KafkaError, AssertionError, time-out): after each the outcome is unknown.
        except Exception as error:
            raise TransactionUncertain(f"{type(error).__name__}: {error}") from error

    async def _send_all(self, batch: TransactionBatch) -> None:
        before = self._clock.now_ms()
        await self._producer.begin_transaction()
        topic, key = self._topics["watermarks"], str(self._partition).encode()
        watermark = await self._producer.send(topic, batch.watermark, key=key, partition=self._partition)
        sends = [watermark]
        for stream, pairs in batch.records.items():
            sends += await self._send_records(self._topics[stream], pairs)
        try:
            await asyncio.gather(*sends)
            appended = watermark.result().timestamp  # between `before` and now, if both clocks are right
        finally:  # a future that has failed leads to this frame by its traceback, and this frame to the batch
            sends.clear()
            del watermark
        ahead, behind = before - appended, appended - self._clock.now_ms()
        self.clock_offset_ms = max(ahead, 0) - max(behind, 0)
        if ahead > MAX_AHEAD_MS:
            raise ClockAhead(f"this clock is {ahead} ms ahead of the broker's: set it right")

    async def _send_records(self, topic: str, pairs: Sequence[KeyValue]) -> list[asyncio.Future[Any]]:
        """Send records in as few of aiokafka's batches as hold them; returns the futures."""
        sends: list[asyncio.Future[Any]] = []
        builder = self._producer.create_batch()
        for key, value in pairs:
            if builder.append(key=key, value=value, timestamp=None) is None:
                sends.append(await self._producer.send_batch(builder, topic, partition=self._partition))
                builder = self._producer.create_batch()
                if builder.append(key=key, value=value, timestamp=None) is None:
                    raise KafkaError(f"a record of {len(value or b'')} bytes fits no batch of {topic}")
        sends.append(await self._producer.send_batch(builder, topic, partition=self._partition))
        return sends
