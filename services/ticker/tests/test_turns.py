"""The loop of one owner on a clock that only it moves: a second that has begun is not waited for."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from tasker_runtime.health import Health
from tasker_runtime.kafka import Reader, Record, TopicPartition
from tasker_ticker.load import Load
from tasker_ticker.scheduler import Incoming
from tasker_ticker.testing import NOON, Model
from tasker_ticker.transaction import Transactions
from tasker_ticker.trial import Lines
from tasker_ticker.turn import Turn
from tasker_ticker.turns import Turns

EVENTS = TopicPartition("task-events", 0)


@dataclass(slots=True)
class Still:
    """A clock that moves by what is waited for, and a millisecond with each look at it."""

    ms: float

    def now_ms(self) -> int:
        self.ms += 1
        return int(self.ms)


@dataclass(slots=True)
class Quiet:
    """A reader to whom nothing comes."""

    clock: Still

    async def poll(self, wait_ms: int, _most: int | None = None) -> list[Record]:
        self.clock.ms += wait_ms
        await asyncio.sleep(0)
        return []

    async def position(self, _partition: TopicPartition) -> int:
        return 0

    async def bounds(self, _partition: TopicPartition) -> tuple[int, int]:
        return 0, 0


@dataclass(slots=True)
class Slow:
    """Transactions of which each takes 30 ms; the lateness (milliseconds) of every second that they bring."""

    clock: Still
    stop_at: int
    stopping: asyncio.Event
    behind_ms: int = 0
    late: dict[int, int] = field(default_factory=dict[int, int])
    open: Turn = field(default_factory=Turn)

    async def prepare(self, turn: Turn) -> None:
        self.open = turn
        self.clock.ms += 15

    async def commit(self) -> None:
        self.clock.ms += 15
        for second in self.open.fired:
            self.late[second - NOON] = int(self.clock.ms) - second * 1000
        if self.clock.ms > self.stop_at:
            self.stopping.set()


async def _understand(_record: Record) -> Incoming:
    raise AssertionError("nothing comes")


async def test_an_owner_that_begins_late_is_on_time_from_the_next_second_on() -> None:
    model = Model()
    model.put(0, "a", {"cron": "* * * * * *"})
    model.turn(0)
    clock, stopping = Still((NOON + 1) * 1000 + 970), asyncio.Event()
    transactions = Slow(clock, (NOON + 5) * 1000, stopping)
    health = Health()
    health.expect("partition-0")
    turns = Turns(
        model.scheduler,
        cast("Reader", Quiet(clock)),
        cast("Transactions", transactions),
        _understand,
        Load(),
        clock,
        health,
        cast("Any", Lines()),
    )
    async with asyncio.timeout(10):
        await turns.until(stopping, EVENTS, recover_to=0)
    assert sorted(transactions.late)[:4] == [1, 2, 3, 4]
    assert all(0 <= late < 100 for second, late in transactions.late.items() if second > 1), transactions.late
