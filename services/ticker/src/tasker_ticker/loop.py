"""The loop of one owner: wait for the next second or an event, do a turn, commit it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from tasker_core.record import Record
from tasker_core.schedules.schedule import NEVER
from tasker_runtime.clock import Clock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.logs import Log
from tasker_ticker import metrics
from tasker_ticker.kafka.transaction import MAX_BEHIND_MS, Doubt, Transactions
from tasker_ticker.lead_time import Load
from tasker_ticker.scheduling.batch import Turn
from tasker_ticker.scheduling.scheduler import Incoming, Scheduler

MAX_EVENTS = 1_000
IDLE_MS = 3_000
STALL_MS = 2_000
BACKGROUND_PAUSE_MS = 100
RECOVERING_MS, RECOVERING_WORK_MS = 20, 500
MAX_HOLD_MS = 2_000
SLICE_MS = 50

Understand = Callable[[Record], Awaitable[Incoming]]


class Turns:
    """One owner at work. `load` says how early the work of a second must begin."""

    def __init__(
        self,
        scheduler: Scheduler,
        reader: PartitionReader,
        transactions: Transactions,
        understand: Understand,
        load: Load,
        clock: Clock,
        health: Health,
        log: Log,
    ) -> None:
        self._scheduler, self._reader, self._transactions = scheduler, reader, transactions
        self._understand, self._load, self._clock, self._health, self._log = understand, load, clock, health, log
        self._partition = scheduler.place.partition
        self._read: deque[Record] = deque()
        self._inbox: deque[Incoming] = deque()
        self._committed_ms = 0
        self._clock_told = "ok"
        self._waiting: asyncio.Timeout | None = None
        self._hurried = False

    async def until(self, stopping: asyncio.Event, events: TopicPartition, recover_to: int) -> None:
        """Turn after turn. Raises Doubt or KafkaError when this owner must be thrown away.

        Up to the offset `recover_to`, and after a stall up to the end as it is then, events go before ticks.
        """
        scheduler = self._scheduler
        recovering, looked, more = True, self._clock.now_ms(), False
        while not stopping.is_set():
            now = self._clock.now_ms()
            if not recovering and not more and self._may_prepare(now):
                looked = (now // 1000 + 1) * 1000  # a commit that takes long after its second is a stall, too
                more = await self._prepared(looked // 1000)
            if recovering:
                await self._receive(0 if more else RECOVERING_MS, RECOVERING_WORK_MS)
            else:
                patience = 0 if more else self._patience()
                await self._receive(patience, patience)
            now = self._clock.now_ms()
            if now - looked > STALL_MS:
                _, recover_to = await self._reader.bounds(events)
                recovering = True
                self._log.warning("stalled", partition=self._partition, ms=now - looked)
                now = self._clock.now_ms()  # the answer may have taken long, and the clock been set right meanwhile
            if recovering:
                recovering = await self._behind(events, recover_to)
            idle = abs(now - self._committed_ms) >= IDLE_MS  # the clock may be set back
            due = more or idle or scheduler.wants(now // 1000)
            if self._inbox or (due and not recovering):
                more = await self._turn(now, recovering=recovering)
            looked = now
        self._load.due(self._partition, 0)

    async def _behind(self, events: TopicPartition, offset: int) -> bool:
        """Whether an event before an offset is not applied yet."""
        if self._scheduler.state.position.next_offset >= offset:
            return False
        if self._inbox or self._read:
            return True
        return await self._reader.position(events) < offset  # it also passes what is no record: markers of transactions

    def _may_prepare(self, now: int) -> bool:
        """Whether it is time to begin the work of the next second, and it has some."""
        second = now // 1000 + 1
        state = self._scheduler.state
        if self._scheduler.next_live() != second or state.position.second >= second:
            self._load.due(self._partition, 0)
            return False
        self._load.due(self._partition, self._scheduler.due_at(second))
        return second * 1000 - now <= self._load.lead_ms

    def _patience(self) -> int:
        """How many milliseconds there are for events: to where the next piece of work begins."""
        now = self._clock.now_ms()
        if self._scheduler.next_live() <= now // 1000:
            return 0  # its second began while the last turn was being committed
        to_the_second = 1000 - now % 1000
        if self._scheduler.background.wants(now // 1000):
            return min(to_the_second, BACKGROUND_PAUSE_MS)
        if self._scheduler.next_live() == NEVER or to_the_second <= self._load.lead_ms:
            return to_the_second
        return to_the_second - self._load.lead_ms

    async def _prepared(self, second: int) -> bool:
        """Send the work of a second that has not begun, and commit it when it has; whether more of it is left."""
        turn = self._scheduler.prepare(second, self._clock.now_ms())
        await self._transactions.prepare(turn)
        await self._until_begun(second)
        await self._transactions.commit()
        return self._committed(turn)

    async def _until_begun(self, second: int) -> None:
        """Wait for a second by the clock, which may be stepped meanwhile. Raises Doubt if it goes back far."""
        while (left := second * 1000 - self._clock.now_ms()) > 0:
            if left > MAX_HOLD_MS:
                raise Doubt(f"the clock was set back: {left} ms to go")
            await asyncio.sleep(min(left, SLICE_MS) / 1000)

    async def _turn(self, now: int, *, recovering: bool) -> bool:
        turn = self._scheduler.turn(now, self._inbox, recovering=recovering)
        await self._transactions.prepare(turn)
        await self._transactions.commit()
        for _ in range(turn.events):
            self._inbox.popleft()
        return self._committed(turn) or bool(self._inbox)

    def _committed(self, turn: Turn) -> bool:
        self._committed_ms = self._clock.now_ms()
        metrics.count(turn, self._committed_ms, self._scheduler)
        self._health.ok(f"partition-{self._partition}", self._told_of_the_clock())
        return turn.more

    def _told_of_the_clock(self) -> str:
        """An alarm when this machine's clock is behind: what is due is late by as much, but nothing is wrong."""
        behind, before = self._transactions.behind_ms, self._clock_told
        metrics.CLOCK_BEHIND.labels(str(self._partition)).set(behind / 1000)
        late = f"this clock is {behind} ms behind the broker's, and all runs late by as much: set it right"
        self._clock_told = late if behind > MAX_BEHIND_MS else "ok"
        if before == "ok" and self._clock_told != "ok":
            self._log.warning("clock behind", partition=self._partition, ms=behind)
        return self._clock_told

    def hurry(self) -> None:
        """Take in no more events: it is time to stop."""
        self._hurried = True
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def _receive(self, wait_ms: int, work_ms: int) -> None:
        """Take in events, at most MAX_EVENTS, for which at most `wait_ms` are waited, and until `work_ms` are over.

        What an event needs of others (to be sent on, a dead letter, what is announced) takes time, and a second that is
        due waits for none of it: the rest of what was read stays for the next time.
        """
        until = self._clock.now_ms() + work_ms
        room = MAX_EVENTS - len(self._inbox)
        if not self._read and room > 0:
            self._read.extend(await self._poll(0 if self._inbox else wait_ms, room))
        while self._read and not self._hurried:
            self._inbox.append(await self._understand(self._read[0]))
            self._read.popleft()
            if self._clock.now_ms() >= until:
                return

    async def _poll(self, wait_ms: int, most: int) -> list[Record]:
        try:
            async with asyncio.timeout(None) as self._waiting:
                return await self._reader.poll(wait_ms, most)
        except TimeoutError:
            if not self._hurried:
                raise
            return []
        finally:
            self._waiting = None
