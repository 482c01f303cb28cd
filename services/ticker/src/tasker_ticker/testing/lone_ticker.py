"""For tests: a lone ticker without Kafka: what is stored of its partitions, and the group that assigns them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tasker_core.errors import FieldError
from tasker_core.kafka_record import Record
from tasker_core.messages.watermark import Watermark, decode_watermark
from tasker_core.topics import Topics
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.lost_records import LossNotes, LostRecords
from tasker_runtime.testing import RecordedLog
from tasker_ticker.kafka.membership import Assignment
from tasker_ticker.kafka.transaction import TransactionUncertain
from tasker_ticker.partition_context import PartitionContext
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.state_copies.state_copies import StateCopies
from tasker_ticker.testing.partition_harness import NOON, CalendarBoard
from tasker_ticker.testing.stored_log import StoredLog, StoredLogReader, stored_task
from tasker_ticker.ticker import Ticker
from tasker_ticker.ticker_limits import TickerLimits

TOPICS = Topics("t")
STATE, MARKS, EVENTS = (TopicPartition(TOPICS[name], 0) for name in ("ticker-state", "watermarks", "task-events"))
PATIENCE_SECONDS, LOOK_SECONDS = 5, 0.01


class _Calendars(CalendarBoard):
    async def refresh(self) -> bool:
        return True


class _NoDecoder:
    async def decode(self, record: Record) -> Any:
        raise AssertionError("nobody sends events here")


class _Handlers:
    def errors(self, handler: str, payload: object) -> list[FieldError]:
        return []

    async def refresh(self) -> bool:
        return True


class _Producer:
    """Keeps the watermarks that are to be written; none is committed, and after the failures it waits for the end."""

    clock_offset_ms = 0

    def __init__(self, ticker: "LoneTicker", partition: int) -> None:
        self._ticker, self._partition = ticker, partition

    async def fence(self) -> None:
        self._ticker.fenced.append(self._partition)

    async def stop(self) -> None: ...

    async def send(self, batch: TransactionBatch) -> None:
        self._ticker.sent.append(decode_watermark(batch.watermark))
        if len(self._ticker.sent) <= self._ticker.failures:
            raise self._ticker.failure
        await self._ticker.stopping.wait()
        raise TransactionUncertain("the test is over")


class LoneTicker:
    """Clients, clock and group of a ticker that has no partition yet. So many batches fail as `failures` says, with
    `failure`.

    `state`, `marks` and `events` are what is stored of partition 0, `sent` the watermarks of its batches, `lost` how
    many events it said were lost, `fenced` the partitions in their order. Kafka tells no bounds unless `answering`.
    """

    chains: Any = None
    decoder: Any = _NoDecoder()

    def __init__(
        self,
        failures: int = 0,
        partitions: int = 1,
        failure: Exception | None = None,
        copies: StateCopies | None = None,
    ) -> None:
        self.failure, self._copies = failure or TransactionUncertain("the test says so"), copies
        self.now, self.assignment, self.log, self.failures = NOON * 1000, Assignment(), RecordedLog(), failures
        self.state, self.marks, self.events = StoredLog(), StoredLog(), StoredLog()
        self._partitions, self.fenced, self.answering = partitions, list[int](), asyncio.Event()
        self.answering.set()
        self.handlers, self.calendars, self.readers = _Handlers(), _Calendars(), list[StoredLogReader]()
        self.sent, self.lost, self.stopping = list[Watermark](), list[int](), asyncio.Event()

    def now_ms(self) -> int:
        return self.now

    def reader(self) -> StoredLogReader:
        logs = defaultdict(StoredLog, {STATE: self.state, MARKS: self.marks, EVENTS: self.events})
        self.readers.append(StoredLogReader(logs, self.answering))
        return self.readers[-1]

    def producer(self, partition: int) -> Any:
        return _Producer(self, partition)

    async def prove(self, partition: int) -> None: ...

    async def run(self, stopping: asyncio.Event) -> None:
        await stopping.wait()

    @asynccontextmanager
    async def prefetched(self) -> AsyncGenerator[None]:
        """While it runs, after it has read all that is stored."""
        health, log = Health(self.now_ms), self.log
        lost = LostRecords(lambda _, records: self.lost.append(records), "Do this.", LossNotes(int), health, log)
        context = PartitionContext(
            TOPICS,
            self._partitions,
            100,
            self,
            self.prove,
            self,
            health,
            log,
            TickerLimits(),
            lost=lost,
            copies=self._copies,
        )
        running = asyncio.create_task(Ticker(context, self).run(self.stopping))
        try:
            await until(lambda: bool(self.readers) and self.readers[0].offsets.get(STATE) == self.state.end)
            yield
        finally:
            self.stopping.set()
            await running

    async def be_given(self, *partitions: int) -> None:
        """Hear from the group, and act by it."""
        self.assignment.set(frozenset(partitions))
        await until(lambda: not self.assignment.changed.is_set())

    def compact(self) -> None:
        """What was stored was deleted, and its tombstones are gone, too."""
        self.state.records.clear()
        self.state.append(*stored_task("young"))

    async def tasks(self) -> int:
        """How many tasks the owner of the partition has restored."""
        await until(lambda: bool(self.log.fields_of("owned")))
        return self.log.fields_of("owned")[0]["tasks"]


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition, within a bound."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():
            await asyncio.sleep(LOOK_SECONDS)
