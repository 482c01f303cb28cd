"""The loop of one owner on a clock that only it moves: a second that has begun is not waited for, and events delay
none."""

import asyncio
from dataclasses import dataclass, field

from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.events.task_event import parse_event
from tasker_core.kafka_record import Record
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.testing import RecordedLog
from tasker_ticker.lead_time import LeadTime
from tasker_ticker.loop import SchedulingLoop
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness
from tasker_ticker.ticker_limits import TickerLimits

EVENTS = TopicPartition("task-events", 0)


@dataclass(slots=True)
class WaitingClock:
    """A clock that moves by what is waited for, and a millisecond with each look at it."""

    ms: float

    def now_ms(self) -> int:
        self.ms += 1
        return int(self.ms)


@dataclass(slots=True)
class BacklogSource:
    """An EventSource in which `backlog` records wait from offset 1 on, behind the one that made the task.

    They are appended `after` so many seconds.
    """

    clock: WaitingClock
    backlog: int = 0
    after: float = 0
    read: int = 0

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        await asyncio.sleep(0)
        count = min(self._appended - self.read, limit or self.backlog)
        if not count:
            self.clock.ms += wait_ms
        self.read += count
        return [Record("task-events", 0, n, 0, None, b"", ()) for n in range(self.read - count + 1, self.read + 1)]

    async def position(self, partition: TopicPartition) -> int:
        return self.read + 1

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        return 0, self._appended + 1

    @property
    def _appended(self) -> int:
        return self.backlog if self.clock.ms >= (NOON + self.after) * 1000 else 0


@dataclass(slots=True)
class SlowProducer:
    """A BatchProducer whose transactions take 30 ms; it measures the lateness (ms) of every second that it commits.

    The first one takes `first_ms` more.
    """

    clock: WaitingClock
    stop_at: int
    stopping: asyncio.Event
    first_ms: int = 0
    clock_offset_ms: int = 0
    lateness: dict[int, int] = field(default_factory=dict[int, int])
    sent: list[TransactionBatch] = field(default_factory=list[TransactionBatch])
    events_before_the_first: int = 0

    async def send(self, batch: TransactionBatch) -> None:
        self.sent.append(batch)
        self.clock.ms += 15

    async def commit(self) -> None:
        self.clock.ms += 15 + (self.first_ms if len(self.sent) == 1 else 0)
        batch = self.sent[-1]
        if not self.lateness and not batch.live_seconds:
            self.events_before_the_first += batch.events
        for second in batch.live_seconds:
            self.lateness[second - NOON] = int(self.clock.ms) - second * 1000
        if self.clock.ms > self.stop_at:
            self.stopping.set()


class LoopHarness:
    """One task that is due every second, from a time on, in a loop whose events take some milliseconds each.

    It may have another expression, and the events another content than one that nobody understands.
    """

    def __init__(
        self,
        begin: float,
        end: float,
        events: int = 0,
        each_ms: int = 0,
        *,
        cron: str = "* * * * * *",
        event: bytes = b"{",
        after: float = 0,
        first_ms: int = 0,
    ) -> None:
        self.partition, self.clock = PartitionHarness(), WaitingClock(NOON * 1000 + begin * 1000)
        self.partition.put(0, "a", {"cron": cron})
        self.partition.commit(0)
        self.stopping = asyncio.Event()
        self.producer = SlowProducer(self.clock, int(NOON * 1000 + end * 1000), self.stopping, first_ms)
        self._each_ms, self._event, self._after, health = each_ms, event, after, Health()
        health.expect("partition-0")
        self._loop = SchedulingLoop(
            self.partition.scheduler,
            BacklogSource(self.clock, events, after),
            self.producer,
            self._decode,
            LeadTime(),
            self.clock,
            health,
            RecordedLog(),
            TickerLimits(),
        )

    async def run(self, recover_to: int = 0) -> dict[int, int]:
        """Returns how late each second was."""
        async with asyncio.timeout(20):
            await self._loop.run(self.stopping, EVENTS, recover_to and recover_to + 1)
        return self.producer.lateness

    async def _decode(self, record: Record) -> IncomingEvent:
        self.clock.ms += self._each_ms
        appended = AppendPosition(int((NOON + self._after) * 1000), 0, record.offset)
        return IncomingEvent(record.offset, appended, parse_event(self._event, (), None))


async def test_an_owner_that_begins_late_is_on_time_from_the_next_second_on() -> None:
    lateness = await LoopHarness(begin=1.97, end=5).run()
    assert sorted(lateness)[:4] == [1, 2, 3, 4]
    assert all(0 <= ms < 100 for second, ms in lateness.items() if second > 1), lateness


async def test_events_that_take_long_delay_no_second() -> None:
    harness = LoopHarness(begin=0.1, end=8, events=1_000, each_ms=5)
    lateness = await harness.run()
    assert sorted(lateness)[:7] == [1, 2, 3, 4, 5, 6, 7]
    assert all(0 <= ms < 100 for ms in lateness.values()), lateness
    assert harness.partition.scheduler.state.position.next_offset == 1_001


async def test_recovering_applies_all_events_before_the_first_second() -> None:
    harness = LoopHarness(begin=0.1, end=6, events=700, each_ms=5)
    lateness = await harness.run(recover_to=700)
    assert min(lateness.values()) >= 0
    assert all(ms < 100 for second, ms in lateness.items() if second > 5), lateness
    assert harness.producer.events_before_the_first == 700


async def test_after_a_commit_that_took_long_events_go_before_a_second_that_is_about_to_begin() -> None:
    pause = b'{"type": "pause", "task_id": "a"}'
    harness = LoopHarness(begin=1.5, end=8, events=1, cron="5 * * * * *", event=pause, after=3, first_ms=3_460)
    assert await harness.run() == {}
    assert harness.partition.scheduler.state.tasks["a"].paused
