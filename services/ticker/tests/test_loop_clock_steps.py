"""An owner whose clock is set back: it does not fall silent, and nothing is emitted by what the clock showed before."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from tasker_core.messages import decode_watermark
from tasker_core.record import Record
from tasker_core.time.instant import parse_second
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_ticker.kafka.transaction import Transactions
from tasker_ticker.lead_time import Load
from tasker_ticker.loop import IDLE_MS, Turns
from tasker_ticker.scheduling.batch import Turn
from tasker_ticker.scheduling.scheduler import Incoming
from tasker_ticker.testing.partition_harness import NOON, Model

EVENTS = TopicPartition("task-events", 0)
STEP_MS = 30_000
ENOUGH = 8


@dataclass(slots=True)
class Hands:
    """The time, which goes on by a millisecond with each look at it, and a clock that may be ahead of it."""

    ms: int = NOON * 1000
    ahead_ms: int = 0

    def now_ms(self) -> int:
        self.ms += 1
        return self.ms + self.ahead_ms


@dataclass(slots=True)
class Owner:
    """All that an owner has around it: a reader to whom nothing comes, and transactions that only note the time.

    `after_third`: what happens when the third of them is over; `asked`: while the broker is asked for an end.
    """

    clock: Hands = field(default_factory=Hands)
    after_third: Callable[[], None] = lambda: None
    asked: Callable[[], None] = lambda: None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    behind_ms: int = 0
    turns: list[int] = field(default_factory=list[int])
    told: list[int] = field(default_factory=list[int])

    async def run(self, model: Model) -> None:
        """Up to the eighth turn."""
        health = Health()
        health.expect("partition-0")
        reader, transactions = cast("PartitionReader", self), cast("Transactions", self)
        turns = Turns(model.scheduler, reader, transactions, _understand, Load(), self.clock, health, Silent())
        async with asyncio.timeout(10):
            await turns.until(self.stopping, EVENTS, recover_to=0)

    async def poll(self, wait_ms: int, _most: int | None = None) -> list[Record]:
        self.clock.ms += max(1, wait_ms)
        await asyncio.sleep(0)
        silent = self.clock.ms - (self.turns or [self.clock.ms])[-1]
        assert silent < 3 * IDLE_MS, "no watermark any more"
        return []

    async def position(self, _partition: TopicPartition) -> int:
        return 0

    async def bounds(self, _partition: TopicPartition) -> tuple[int, int]:
        self.asked()
        return 0, 0

    async def prepare(self, turn: Turn) -> None:
        self.told.append(parse_second(decode_watermark(turn.watermark).time))

    async def commit(self) -> None:
        self.turns.append(self.clock.ms)
        if len(self.turns) == 3:
            asyncio.get_running_loop().call_soon(self.after_third)  # once the owner has noted when it was
        if len(self.turns) == ENOUGH:
            self.stopping.set()


class Silent:
    """A log that keeps nothing."""

    def debug(self, event: str, **fields: Any) -> None:
        """No line."""

    info = warning = error = debug


async def _understand(_record: Record) -> Incoming:
    raise AssertionError("nothing comes")


async def test_no_partition_falls_silent() -> None:
    owner = Owner(Hands(ahead_ms=STEP_MS))

    def set_right() -> None:
        owner.clock.ahead_ms = 0

    owner.after_third = set_right
    await owner.run(Model(now=STEP_MS // 1000))
    assert len(owner.turns) == ENOUGH


async def test_a_turn_goes_by_the_clock_as_it_is_when_the_broker_has_answered() -> None:
    owner, model = Owner(), Model()
    model.put(0, "a", {"cron": "* * * * * *"})
    model.turn(0)

    def set_wrong() -> None:
        owner.clock.ahead_ms = STEP_MS

    def set_right() -> None:
        owner.clock.ahead_ms = 0

    owner.after_third, owner.asked = set_wrong, set_right
    await owner.run(model)
    early = [told - ms // 1000 for told, ms in zip(owner.told, owner.turns, strict=True)]
    assert max(early) <= 1, early
