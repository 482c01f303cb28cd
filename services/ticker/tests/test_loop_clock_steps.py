"""An owner whose clock is set back: it does not fall silent, and nothing is emitted by what the clock showed before."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tasker_core.kafka_record import Record
from tasker_core.messages.watermark import decode_watermark
from tasker_core.time.instant import parse_second
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.testing import RecordedLog
from tasker_ticker import loop
from tasker_ticker.kafka.transaction import TransactionUncertain
from tasker_ticker.lead_time import LeadTime
from tasker_ticker.loop import IDLE_MS, SchedulingLoop
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness
from tasker_ticker.ticker_limits import TickerLimits

EVENTS = TopicPartition("task-events", 0)
STEP_MS = 30_000
ENOUGH, A_LITTLE_MS = 8, 10


@dataclass(slots=True)
class SteppedClock:
    """The time, which goes on by a millisecond with each look at it, and a clock that may be ahead of it."""

    ms: int = NOON * 1000
    ahead_ms: int = 0

    def now_ms(self) -> int:
        self.ms += 1
        return self.ms + self.ahead_ms


@dataclass(slots=True)
class LoopClients:
    """Both an EventSource to which nothing comes, and a BatchProducer that only notes the time, up to the eighth batch.

    `after_third`: what happens when the third of them is over; `on_bounds`: while the broker is asked for an end;
    `on_send`: while a batch is sent.
    """

    clock: SteppedClock = field(default_factory=SteppedClock)
    after_third: Callable[[], None] = lambda: None
    on_bounds: Callable[[], None] = lambda: None
    on_send: Callable[[], None] = lambda: None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    clock_offset_ms: int = 0
    lead_time: LeadTime = field(default_factory=LeadTime)
    committed_at: list[int] = field(default_factory=list[int])
    watermarks: list[int] = field(default_factory=list[int])
    log: RecordedLog = field(default_factory=RecordedLog)

    async def run(self, partition: PartitionHarness) -> None:
        """The loop of a partition on these clients."""
        health = Health()
        health.expect("partition-0")
        owner = SchedulingLoop(
            partition.scheduler, self, self, _decode, self.lead_time, self.clock, health, self.log, TickerLimits()
        )
        async with asyncio.timeout(10):
            await owner.run(self.stopping, EVENTS, recover_to=0)

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        self.clock.ms += max(1, wait_ms)
        await asyncio.sleep(0)
        silent = self.clock.ms - (self.committed_at or [self.clock.ms])[-1]
        assert silent < 3 * IDLE_MS, "no watermark any more"
        return []

    async def position(self, partition: TopicPartition) -> int:
        return 0

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        self.on_bounds()
        return 0, 0

    async def send(self, batch: TransactionBatch) -> None:
        self.on_send()
        self.watermarks.append(parse_second(decode_watermark(batch.watermark).time))

    async def commit(self) -> None:
        self.committed_at.append(self.clock.ms)
        if len(self.committed_at) == 3:
            asyncio.get_running_loop().call_soon(self.after_third)  # once the owner has noted when it was
        if len(self.committed_at) == ENOUGH:
            self.stopping.set()


async def _decode(_record: Record) -> IncomingEvent:
    raise AssertionError("nothing comes")


async def test_no_partition_falls_silent() -> None:
    clients = LoopClients(SteppedClock(ahead_ms=STEP_MS))

    def set_right() -> None:
        clients.clock.ahead_ms = 0

    clients.after_third = set_right
    await clients.run(PartitionHarness(now=STEP_MS // 1000))
    assert len(clients.committed_at) == ENOUGH


async def test_a_batch_goes_by_the_clock_as_it_is_when_the_broker_has_answered() -> None:
    clients, partition = LoopClients(), PartitionHarness()
    partition.put(0, "a", {"cron": "* * * * * *"})
    partition.commit(0)

    def set_wrong() -> None:
        clients.clock.ahead_ms = STEP_MS

    def set_right() -> None:
        clients.clock.ahead_ms = 0

    clients.after_third, clients.on_bounds = set_wrong, set_right
    await clients.run(partition)
    early = [second - ms // 1000 for second, ms in zip(clients.watermarks, clients.committed_at, strict=True)]
    assert max(early) <= 1, early


async def test_where_the_clock_is_a_little_ahead_of_the_brokers_nothing_is_visible_before_its_second_there() -> None:
    clients, partition = (
        LoopClients(SteppedClock(ahead_ms=A_LITTLE_MS), clock_offset_ms=A_LITTLE_MS),
        PartitionHarness(),
    )
    partition.put(0, "a", {"cron": "* * * * * *"})
    partition.commit(0)
    await clients.run(partition)
    early = [second * 1000 - ms for second, ms in zip(clients.watermarks, clients.committed_at, strict=True)]
    assert max(early) <= 0, early


async def test_a_clock_that_is_as_far_ahead_as_may_be_is_waited_for_without_doubt_or_stall(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop, "SLICE_MS", 0)  # the clock goes on by itself
    clients, partition = LoopClients(SteppedClock(ahead_ms=1_900), clock_offset_ms=1_900), PartitionHarness()
    clients.lead_time.note_due(1, 24_000)  # half a second's work in another partition
    partition.put(0, "a", {"cron": "*/5 * * * * *"})
    partition.commit(0)
    await clients.run(partition)
    early = [second * 1000 - ms for second, ms in zip(clients.watermarks, clients.committed_at, strict=True)]
    assert len(early) == ENOUGH
    assert max(early) <= 0, early
    assert clients.log.fields_of("stalled") == []


async def test_a_clock_that_is_set_back_during_the_wait_is_a_doubt() -> None:
    clients, partition = LoopClients(), PartitionHarness()
    partition.put(0, "a", {"cron": "* * * * * *"})
    partition.commit(0)

    def set_back() -> None:
        clients.clock.ahead_ms = -STEP_MS

    clients.on_send = set_back
    with pytest.raises(TransactionUncertain, match="set back"):
        await clients.run(partition)
