"""Sends results to Kafka: pipelined, in batches, and again after any doubt until they are acknowledged.

A repeated result is harmless: the run id is in it, and the first final outcome stands.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from tasker_executor.partition.result_bytes import ResultBytes
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, bounded
from tasker_runtime.kafka.connecting import connect
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.producer_setup import BATCH_BYTES, discard_producer, idempotent_producer
from tasker_runtime.logs import Log

LINGER_SECONDS = 0.004
ACKNOWLEDGEMENT_SECONDS = 10.0
RETRY_SECONDS = 1.0
CHECK = "results"


class PendingResult(NamedTuple):
    """One result; `acknowledged` is called when Kafka has it."""

    key: bytes
    value: bytes
    acknowledged: Callable[[], None] | None


class ResultBatch(NamedTuple):
    """One batch on its way, and when it was sent (the event loop's seconds)."""

    results: list[PendingResult]
    sent: float


class ResultProducer:
    """Sends results. What is added is kept until it is acknowledged; callers bound how much that is, by `unsent`."""

    def __init__(
        self, kafka: KafkaConnection, topic: str, health: Health, log: Log, unsent: ResultBytes | None = None
    ) -> None:
        self._unsent = unsent or ResultBytes()
        self._kafka, self._topic, self._health, self._log = kafka, topic, health, log
        self._queues: dict[int, deque[PendingResult]] = {}
        self._batches: dict[int, ResultBatch] = {}
        """The batches that are sent and not acknowledged, by partition."""
        self._wake, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        self._failure: BaseException | None = None
        health.expect(CHECK)

    def __len__(self) -> int:
        """How many are not acknowledged."""
        return sum(map(len, self._queues.values())) + sum(len(batch.results) for batch in self._batches.values())

    def add(self, partition: int, key: bytes, value: bytes, acknowledged: Callable[[], None] | None = None) -> None:
        """Send a result to the partition of its run."""
        queue = self._queues.get(partition)
        if queue is None:
            queue = self._queues[partition] = deque()
        queue.append(PendingResult(key, value, acknowledged))
        self._unsent.add(len(value))
        self._empty.clear()
        self._wake.set()

    async def flush(self) -> None:
        """Wait until all are acknowledged."""
        await self._empty.wait()

    async def run(self) -> None:
        """Send until cancelled. After a failure a new producer sends everything again that is not acknowledged."""
        while True:
            producer = idempotent_producer(
                self._kafka, batch_bytes=BATCH_BYTES, request_seconds=ACKNOWLEDGEMENT_SECONDS
            )
            try:
                await connect(producer.start(), self._kafka, "connecting to Kafka")
                self._health.ok(CHECK)
                await self._send_all(producer)
            except (KafkaError, KafkaTimeout) as error:
                self._health.fail(CHECK, f"can't write to {self._topic} at {self._kafka}: {error}")
                self._log.error("results not written", reason=str(error), waiting=len(self), kafka=str(self._kafka))
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                self._requeue()
                await discard_producer(producer, "the results producer")

    async def _send_all(self, producer: Any) -> None:
        """Keep one batch per partition in flight. Raises KafkaError or KafkaTimeout."""
        while True:
            await self._wait_for_work()
            if self._failure is not None:
                raise KafkaError(str(self._failure)) from self._failure
            for partition in [p for p, queue in self._queues.items() if queue and p not in self._batches]:
                await self._send(producer, partition, self._queues[partition])

    async def _wait_for_work(self) -> None:
        """Wait for something to do. Raises KafkaTimeout when a batch is not acknowledged in time."""
        oldest = min((batch.sent for batch in self._batches.values()), default=None)
        try:
            async with asyncio.timeout_at(None if oldest is None else oldest + ACKNOWLEDGEMENT_SECONDS):
                await self._wake.wait()
                # Lets a batch gather: an almost empty one costs as much as a full one.
                await asyncio.sleep(LINGER_SECONDS)
        except TimeoutError:
            raise KafkaTimeout(f"no acknowledgement within {ACKNOWLEDGEMENT_SECONDS:g} s") from None
        self._wake.clear()

    async def _send(self, producer: Any, partition: int, queue: deque[PendingResult]) -> None:
        records, results = producer.create_batch(), list[PendingResult]()
        while queue and records.append(key=queue[0].key, value=queue[0].value, timestamp=None) is not None:
            results.append(queue.popleft())
        assert results, "a result fits a batch: records and results are bounded when they are made"
        batch = self._batches[partition] = ResultBatch(results, asyncio.get_running_loop().time())
        sending = producer.send_batch(records, self._topic, partition=partition)
        future: asyncio.Future[Any] = await bounded(sending, ACKNOWLEDGEMENT_SECONDS, f"sending to {self._topic}")
        future.add_done_callback(partial(self._answered, partition, batch))

    def _answered(self, partition: int, batch: ResultBatch, future: asyncio.Future[Any]) -> None:
        error = asyncio.CancelledError("discarded") if future.cancelled() else future.exception()
        if self._batches.get(partition) is not batch:  # queued again meanwhile
            return
        if error is not None:
            self._failure = error
        else:
            del self._batches[partition]
            self._acknowledge(batch.results)
            self._health.ok(CHECK)
            if not self._batches and not any(self._queues.values()):
                self._empty.set()
        self._wake.set()

    def _requeue(self) -> None:
        """Put what is in flight before what waits: whether Kafka has it is unknown."""
        for partition, batch in self._batches.items():
            self._queues[partition].extendleft(reversed(batch.results))
        self._batches.clear()
        self._failure = None
        if any(self._queues.values()):
            self._wake.set()

    def _acknowledge(self, results: Iterable[PendingResult]) -> None:
        for result in results:
            self._unsent.remove(len(result.value))
            if result.acknowledged is not None:
                result.acknowledged()
