"""One owned partition, turn after turn; on any doubt its owner is thrown away and starts again at the fence."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tasker_core.errors import TaskerError
from tasker_core.events import Undecodable, parse_event
from tasker_core.topics import Topics
from tasker_runtime.clock import Clock
from tasker_runtime.dead_letters import DeadLetters
from tasker_runtime.health import Health
from tasker_runtime.kafka import KafkaError, Reader, Record, TopicPartition
from tasker_runtime.logs import Log
from tasker_ticker import metrics
from tasker_ticker.position import Position
from tasker_ticker.restore import restore
from tasker_ticker.scheduler import Incoming, Place, Scheduler
from tasker_ticker.transaction import Transactions

MAX_EVENTS = 1_000
IDLE_MS = 3_000
STALL_MS = 2_000
SILENCE_MS = 30_000
CATCH_UP_PAUSE_MS = 100
RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Shell:
    """What every partition of a process shares. `prove(p)` raises when partition p is no longer this member's."""

    topics: Topics
    partitions: int
    reader: Callable[[], Reader]
    transactions: Callable[[int], Transactions]
    clock: Clock
    dead_letters: DeadLetters
    prove: Callable[[int], Awaitable[None]]
    owner: str
    health: Health
    log: Log


class Stale(TaskerError):
    """The watermark lies beyond the end of the events: the topic was made anew, and must be continued explicitly."""


class Partition:
    """Owns one partition from `run` until `stop`."""

    def __init__(self, number: int, shell: Shell) -> None:
        self.number, self._shell = number, shell
        self._log, self._topics = shell.log, shell.topics
        self._events = TopicPartition(self._topics["task-events"], number)
        self._stopping = asyncio.Event()
        self._check = f"partition-{number}"

    def stop(self) -> None:
        """Stop after the turn that is under way."""
        self._stopping.set()

    async def run(self) -> None:
        """Fence, restore, turn; after a doubt all over again, for as long as the partition is ours."""
        self._shell.health.expect(self._check, every_ms=SILENCE_MS)
        while not self._stopping.is_set():
            try:
                await self._own()
            except (TaskerError, KafkaError) as error:
                metrics.DOUBTS.inc()
                self._shell.health.fail(self._check, str(error))
                self._log.warning("owner thrown away", partition=self.number, reason=f"{type(error).__name__}: {error}")
                await self._until_proven()
        self._shell.health.checks.pop(self._check, None)

    async def _until_proven(self) -> None:
        """Wait until a fresh answer of the group says that the partition is still ours."""
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(RETRY_SECONDS):
                    await self._stopping.wait()
            except TimeoutError:
                pass
            try:
                await self._shell.prove(self.number)
            except (TaskerError, KafkaError) as error:
                self._log.info("not ours, or Kafka is away", partition=self.number, reason=str(error))
            else:
                return

    async def _own(self) -> None:
        began = self._shell.clock.now_ms()
        transactions, reader = self._shell.transactions(self.number), self._shell.reader()
        try:
            await transactions.fence()
            await reader.start()
            stood = await restore(reader, self._topics, self.number, self._log)
            first, end = await reader.bounds(self._events)
            position = stood.position or Position(second=began // 1000, next_offset=first)
            if position.next_offset > end:
                raise Stale(f"next event is {position.next_offset}, but the topic ends at {end}")
            reader.assign(self._events)
            reader.seek(self._events, position.next_offset)
            place = Place(self.number, self._shell.partitions, self._shell.owner)
            scheduler = Scheduler(place, position, stood.tasks, stood.groups)
            took = self._shell.clock.now_ms() - began
            metrics.RESTORE.observe(took / 1000)
            self._log.info(
                "owned", partition=self.number, tasks=len(stood.tasks), behind=end - position.next_offset, ms=took
            )
            await Turns(self._shell, reader, transactions, scheduler, self._events, self._check).until(
                self._stopping, recover_to=end
            )
        finally:
            await asyncio.gather(reader.stop(), transactions.stop())


class Turns:
    """The loop of one owner: wait for the next second or an event, do a turn, commit it."""

    def __init__(
        self,
        shell: Shell,
        reader: Reader,
        transactions: Transactions,
        scheduler: Scheduler,
        events: TopicPartition,
        check: str,
    ) -> None:
        self._shell, self._reader, self._transactions, self._scheduler = shell, reader, transactions, scheduler
        self._events, self._check = events, check
        self._inbox: deque[Incoming] = deque()
        self._committed_ms = 0

    async def until(self, stopping: asyncio.Event, recover_to: int) -> None:
        """Turn after turn. Raises Doubt or KafkaError when this owner must be thrown away.

        Up to the offset `recover_to`, and after a stall up to the end as it is then, events go before ticks.
        """
        clock, scheduler = self._shell.clock, self._scheduler
        recovering, looked = True, clock.now_ms()
        more = scheduler.position.next_offset >= recover_to
        while not stopping.is_set():
            await self._receive(0 if more else self._patience())
            now = clock.now_ms()
            if now - looked > STALL_MS:
                _, recover_to = await self._reader.bounds(self._events)
                recovering = True
                self._shell.log.warning("stalled", partition=self._events.partition, ms=now - looked)
            if recovering and not self._inbox:  # the position also passes what is no record: markers of transactions
                recovering = await self._reader.position(self._events) < recover_to
            idle = now - self._committed_ms >= IDLE_MS
            due = more or idle or scheduler.wants(now // 1000)
            if self._inbox or (due and not recovering):
                more = await self._turn(now, recovering=recovering)
            looked = now

    def _patience(self) -> int:
        """How many milliseconds to wait for an event: to the next second, shorter while gaps are being worked off."""
        to_the_second = 1000 - self._shell.clock.now_ms() % 1000
        return min(to_the_second, CATCH_UP_PAUSE_MS) if self._scheduler.position.gaps else to_the_second

    async def _turn(self, now: int, *, recovering: bool) -> bool:
        scheduler = self._scheduler
        turn = scheduler.turn(now, self._inbox, recovering=recovering)
        await self._transactions.commit(turn)
        for _ in range(turn.events):
            self._inbox.popleft()
        self._committed_ms = self._shell.clock.now_ms()
        metrics.count(turn, self._committed_ms)
        partition = str(self._events.partition)
        metrics.HELD.labels(partition).set(len(scheduler.tasks))
        metrics.WATERMARK.labels(partition).set(scheduler.position.second)
        self._shell.health.ok(self._check)
        return turn.more or bool(self._inbox)

    async def _receive(self, wait_ms: int) -> None:
        """Take what events there are into the inbox, waiting for the first one up to `wait_ms`."""
        room = MAX_EVENTS - len(self._inbox)
        if room <= 0:
            return
        for record in await self._reader.poll(wait_ms, room):
            if record.offset >= self._scheduler.position.next_offset:
                self._inbox.append(await self._read(record))

    async def _read(self, record: Record) -> Incoming:
        try:
            content = parse_event(record.value, record.headers, record.key)
        except Undecodable as error:
            await self._shell.dead_letters.bury(record, str(error))
            self._shell.log.warning("dead letter", partition=record.partition, offset=record.offset, reason=str(error))
            content = None
        return Incoming(record.offset, record.timestamp, content)
