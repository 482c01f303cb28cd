"""The loop of one owner on a clock that only it moves: a second that has begun is not waited for, nor do events hold
one up."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from tasker_core.events.forwarding import AppendPosition
from tasker_core.record import Record
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_ticker.kafka.transaction import Transactions
from tasker_ticker.lead_time import Load
from tasker_ticker.loop import Turns
from tasker_ticker.scheduling.batch import Turn
from tasker_ticker.scheduling.scheduler import Incoming
from tasker_ticker.testing.partition_harness import NOON, Model
from tasker_ticker.testing.ticker_harness import Lines

EVENTS = TopicPartition("task-events", 0)


@dataclass(slots=True)
class Still:
    """A clock that moves by what is waited for, and a millisecond with each look at it."""

    ms: float

    def now_ms(self) -> int:
        self.ms += 1
        return int(self.ms)


@dataclass(slots=True)
class Events:
    """A reader to whom so many records come at once."""

    clock: Still
    coming: int = 0
    read: int = 0

    async def poll(self, wait_ms: int, most: int | None = None) -> list[Record]:
        await asyncio.sleep(0)
        count = min(self.coming - self.read, most or self.coming)
        if not count:
            self.clock.ms += wait_ms
        self.read += count
        return [Record("task-events", 0, n, 0, None, b"", ()) for n in range(self.read - count, self.read)]

    async def position(self, _partition: TopicPartition) -> int:
        return self.read

    async def bounds(self, _partition: TopicPartition) -> tuple[int, int]:
        return 0, self.coming


@dataclass(slots=True)
class Slow:
    """Transactions of which each takes 30 ms; the lateness (milliseconds) of every second that they bring."""

    clock: Still
    stop_at: int
    stopping: asyncio.Event
    behind_ms: int = 0
    late: dict[int, int] = field(default_factory=dict[int, int])
    open: Turn = field(default_factory=Turn)
    applied_before_the_first: int = 0

    async def prepare(self, turn: Turn) -> None:
        self.open = turn
        self.clock.ms += 15

    async def commit(self) -> None:
        self.clock.ms += 15
        if not self.late and not self.open.fired:
            self.applied_before_the_first += self.open.events
        for second in self.open.fired:
            self.late[second - NOON] = int(self.clock.ms) - second * 1000
        if self.clock.ms > self.stop_at:
            self.stopping.set()


class Owner:
    """One task that is due every second, from a time on, under an owner whose events take some milliseconds each."""

    def __init__(self, begin: float, end: float, events: int = 0, each_ms: int = 0) -> None:
        self.model, self.clock, self.stopping = Model(), Still(NOON * 1000 + begin * 1000), asyncio.Event()
        self.model.put(0, "a", {"cron": "* * * * * *"})
        self.model.turn(0)
        self.transactions = Slow(self.clock, int(NOON * 1000 + end * 1000), self.stopping)
        self._each_ms, health = each_ms, Health()
        health.expect("partition-0")
        self._turns = Turns(
            self.model.scheduler,
            cast("PartitionReader", Events(self.clock, events)),
            cast("Transactions", self.transactions),
            self._understand,
            Load(),
            self.clock,
            health,
            cast("Any", Lines()),
        )

    async def run(self, recover_to: int = 0) -> dict[int, int]:
        """Returns how late each second was."""
        async with asyncio.timeout(20):
            await self._turns.until(self.stopping, EVENTS, recover_to)
        return self.transactions.late

    async def _understand(self, record: Record) -> Incoming:
        self.clock.ms += self._each_ms
        return Incoming(record.offset, AppendPosition(NOON * 1000, 0, record.offset), None)


async def test_an_owner_that_begins_late_is_on_time_from_the_next_second_on() -> None:
    late = await Owner(begin=1.97, end=5).run()
    assert sorted(late)[:4] == [1, 2, 3, 4]
    assert all(0 <= ms < 100 for second, ms in late.items() if second > 1), late


async def test_events_that_take_long_hold_no_second_up() -> None:
    owner = Owner(begin=0.1, end=8, events=1_000, each_ms=5)
    late = await owner.run()
    assert sorted(late)[:7] == [1, 2, 3, 4, 5, 6, 7]
    assert all(0 <= ms < 100 for ms in late.values()), late
    assert owner.model.scheduler.state.position.next_offset == 1_000


async def test_recovering_takes_all_events_in_before_the_first_second() -> None:
    owner = Owner(begin=0.1, end=6, events=700, each_ms=5)
    late = await owner.run(recover_to=700)
    assert min(late.values()) >= 0
    assert all(ms < 100 for second, ms in late.items() if second > 5), late
    assert owner.transactions.applied_before_the_first == 700
