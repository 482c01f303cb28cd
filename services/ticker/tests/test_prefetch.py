"""What a member reads ahead is good for the partitions that it is given then, and not for ever."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from tasker_core.errors import FieldError
from tasker_core.topics import Topics
from tasker_devstack.polling import eventually
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.testing import RecordedLog
from tasker_ticker.kafka.membership import Assignment
from tasker_ticker.partition import PartitionContext
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.testing.partition_harness import NOON, CalendarBoard
from tasker_ticker.testing.stored_log import StoredLog, StoredLogReader, stored_task
from tasker_ticker.ticker import Ticker
from tasker_ticker.ticker_limits import TickerLimits

TOPICS = Topics("t")
STATE = TopicPartition(TOPICS["ticker-state"], 0)
DAY_MS = 86_400_000
RETENTION_OF_TOMBSTONES_MS = 7 * DAY_MS


class SilentProducer:
    """A producer of a partition whose first batch waits for ever."""

    clock_offset_ms = 0

    async def fence(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, batch: TransactionBatch) -> None:
        await asyncio.Event().wait()


class Calendars(CalendarBoard):
    async def refresh(self) -> bool:
        return True


class Handlers:
    def errors(self, handler: str, payload: object) -> list[FieldError]:
        return []

    async def refresh(self) -> bool:
        return True


class StandbyMember:
    """The clients, the clock and the group of a ticker that has no partition yet, of one that is stored."""

    chains: Any = None
    decoder: Any = None

    def __init__(self) -> None:
        self.now, self.assignment, self.log, self.state = NOON * 1000, Assignment(), RecordedLog(), StoredLog()
        self.handlers, self.calendars, self.readers = Handlers(), Calendars(), list[StoredLogReader]()
        topics = (TOPICS[name] for name in ("watermarks", "task-events"))
        self._logs = {STATE: self.state} | {TopicPartition(topic, 0): StoredLog() for topic in topics}

    def now_ms(self) -> int:
        return self.now

    def reader(self) -> StoredLogReader:
        self.readers.append(StoredLogReader(self._logs))
        return self.readers[-1]

    def producer(self, partition: int) -> Any:
        return SilentProducer()

    async def prove(self, partition: int) -> None: ...

    async def run(self, stopping: asyncio.Event) -> None:
        await stopping.wait()

    @asynccontextmanager
    async def prefetched(self) -> AsyncGenerator[None]:
        """While its ticker runs, which has read all that is stored."""
        context = PartitionContext(TOPICS, 1, 100, self, self.prove, self, Health(), self.log, TickerLimits())
        running = asyncio.create_task(Ticker(context, self).run(asyncio.Event()))

        async def read() -> bool:
            return bool(self.readers) and self.readers[0].offsets.get(STATE) == self.state.end

        try:
            await eventually(read, "all is read ahead", 5)
            yield
        finally:
            running.cancel()
            await asyncio.wait({running})

    async def be_given(self, *partitions: int) -> None:
        """Hear from the group, and act by it."""

        async def heard() -> bool:
            return not self.assignment.changed.is_set()

        self.assignment.set(frozenset(partitions))
        await eventually(heard, "the assignment is taken over", 5)

    def compact(self) -> None:
        """What was stored was deleted, and its tombstones are gone, too."""
        self.state.records.clear()
        self.state.append(*stored_task("young"))

    async def tasks(self) -> int:
        """How many tasks the owner of the partition has restored."""

        async def owned() -> bool:
            return bool(self.log.fields_of("owned"))

        await eventually(owned, "the partition is owned", 5)
        return self.log.fields_of("owned")[0]["tasks"]


async def test_what_was_prefetched_is_read_on() -> None:
    member = StandbyMember()
    member.state.append(*stored_task("old"), markers=1)
    async with member.prefetched():
        member.state.append(*stored_task("young"))
        await member.be_given(0)
        assert await member.tasks() == 2
        assert len(member.readers) == 2


async def test_a_member_without_partitions_keeps_nothing() -> None:
    member = StandbyMember()
    member.state.append(*stored_task("old"), markers=1)
    async with member.prefetched():
        await member.be_given()
        member.compact()
        await member.be_given(0)
        assert await member.tasks() == 1


async def test_what_was_prefetched_long_ago_is_read_anew() -> None:
    member = StandbyMember()
    member.state.append(*stored_task("old"), markers=1)
    async with member.prefetched():
        member.compact()
        member.now += RETENTION_OF_TOMBSTONES_MS
        await member.be_given(0)
        assert await member.tasks() == 1
