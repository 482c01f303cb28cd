"""The way of results to Kafka: pipelined, in batches, sent again after any doubt until they are acknowledged.

A repeated result is harmless: the run id is in it, and the first final outcome stands.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer

from tasker_runtime.health import Health
from tasker_runtime.kafka.client import START_SECONDS, KafkaError, KafkaTimeout, bounded, stop_bounded
from tasker_runtime.logs import Log

LINGER_SECONDS = 0.004
BATCH_BYTES = 1024 * 1024
ANSWER_SECONDS = 10.0
RETRY_SECONDS = 1.0
CHECK = "results"


class Entry(NamedTuple):
    """One result; `done` is called when it is acknowledged."""

    key: bytes
    value: bytes
    done: Callable[[], None] | None


class Flight(NamedTuple):
    """One batch on its way, and when it was sent (the event loop's seconds)."""

    entries: list[Entry]
    sent: float


class Results:
    """Sends results. What is added is kept until it is acknowledged; only callers bound how much that is."""

    def __init__(self, bootstrap: str, topic: str, health: Health, log: Log) -> None:
        self._bootstrap, self._topic, self._health, self._log = bootstrap, topic, health, log
        self._waiting: dict[int, deque[Entry]] = {}
        self._flying: dict[int, Flight] = {}
        self._wake, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        self._failure: BaseException | None = None
        health.expect(CHECK)

    def __len__(self) -> int:
        """How many are not acknowledged."""
        return sum(map(len, self._waiting.values())) + sum(len(flight.entries) for flight in self._flying.values())

    def add(self, partition: int, key: bytes, value: bytes, done: Callable[[], None] | None = None) -> None:
        """Send a result to the partition of its run."""
        queue = self._waiting.get(partition)
        if queue is None:
            queue = self._waiting[partition] = deque()
        queue.append(Entry(key, value, done))
        self._empty.clear()
        self._wake.set()

    async def flushed(self) -> None:
        """Wait until all are acknowledged."""
        await self._empty.wait()

    async def run(self) -> None:
        """Send until cancelled. After a failure a new producer sends everything again that is not acknowledged."""
        while True:
            producer: Any = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                acks="all",
                enable_idempotence=True,
                max_batch_size=BATCH_BYTES,
                max_request_size=2 * BATCH_BYTES,
                request_timeout_ms=int(ANSWER_SECONDS * 1000),
                retry_backoff_ms=100,
                linger_ms=0,
            )
            try:
                await bounded(producer.start(), START_SECONDS, "connecting to Kafka")
                self._health.ok(CHECK)
                await self._pump(producer)
            except (KafkaError, KafkaTimeout) as error:
                self._health.fail(CHECK, f"can't write to {self._topic} at {self._bootstrap}: {error}")
                self._log.error("results not written", reason=str(error), waiting=len(self), kafka=self._bootstrap)
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                self._take_back()
                await _give_up(producer)

    async def _pump(self, producer: Any) -> None:
        """Keep one batch per partition in flight. Raises KafkaError or KafkaTimeout."""
        while True:
            await self._woken()
            if self._failure is not None:
                raise KafkaError(str(self._failure)) from self._failure
            for partition in [p for p, queue in self._waiting.items() if queue and p not in self._flying]:
                await self._send(producer, partition, self._waiting[partition])

    async def _woken(self) -> None:
        """Wait for something to do. Raises KafkaTimeout when a batch is not answered in time."""
        oldest = min((flight.sent for flight in self._flying.values()), default=None)
        try:
            async with asyncio.timeout_at(None if oldest is None else oldest + ANSWER_SECONDS):
                await self._wake.wait()
                # Lets a batch gather: an almost empty one costs as much as a full one.
                await asyncio.sleep(LINGER_SECONDS)
        except TimeoutError:
            raise KafkaTimeout(f"no acknowledgement within {ANSWER_SECONDS:g} s") from None
        self._wake.clear()

    async def _send(self, producer: Any, partition: int, queue: deque[Entry]) -> None:
        batch, entries = producer.create_batch(), list[Entry]()
        while queue and batch.append(key=queue[0].key, value=queue[0].value, timestamp=None) is not None:
            entries.append(queue.popleft())
        assert entries, "a result fits a batch: records and results are bounded when they are made"
        flight = self._flying[partition] = Flight(entries, asyncio.get_running_loop().time())
        sending = producer.send_batch(batch, self._topic, partition=partition)
        future: asyncio.Future[Any] = await bounded(sending, ANSWER_SECONDS, f"sending to {self._topic}")
        future.add_done_callback(partial(self._answered, partition, flight))

    def _answered(self, partition: int, flight: Flight, future: asyncio.Future[Any]) -> None:
        error = asyncio.CancelledError("given up") if future.cancelled() else future.exception()
        if self._flying.get(partition) is not flight:  # taken back meanwhile
            return
        if error is not None:
            self._failure = error
        else:
            del self._flying[partition]
            _tell(flight.entries)
            self._health.ok(CHECK)
            if not self._flying and not any(self._waiting.values()):
                self._empty.set()
        self._wake.set()

    def _take_back(self) -> None:
        """Put what is in flight before what waits: its fate is unknown."""
        for partition, flight in self._flying.items():
            self._waiting[partition].extendleft(reversed(flight.entries))
        self._flying.clear()
        self._failure = None
        if any(self._waiting.values()):
            self._wake.set()


def _tell(entries: Iterable[Entry]) -> None:
    for entry in entries:
        if entry.done is not None:
            entry.done()


async def _give_up(producer: Any) -> None:
    """Stop a producer with whatever it still holds.

    With idempotence aiokafka 0.14 tries for ever, and its `stop` waits for that: so its sender goes first.
    """
    if producer._sender.sender_task is not None:
        producer._sender.sender_task.cancel()
    await stop_bounded(producer.stop(), "the results producer")
    producer._message_accumulator.fail_all(KafkaError("given up"))
