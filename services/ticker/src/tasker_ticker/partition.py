"""One owned partition: fence, restore, turn; on any doubt its owner is thrown away and starts again at the fence."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tasker_core.errors import FieldError, TaskerError
from tasker_core.events.forwarding import AppendPosition, forwarded_headers, origin_of
from tasker_core.events.task_event import Rejection, TaskEvent, Undecodable, parse_event
from tasker_core.record import Record
from tasker_core.topics import Topics, partition_of
from tasker_runtime.clock import Clock
from tasker_runtime.dead_letters import DeadLetterProducer
from tasker_runtime.handler_registry_reader import BuiltInValidator, HandlerValidator
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log
from tasker_ticker import metrics
from tasker_ticker.kafka.restore import Recollection, restore
from tasker_ticker.kafka.transaction import ClockAhead, Transactions
from tasker_ticker.lead_time import Load
from tasker_ticker.loop import Turns
from tasker_ticker.scheduling.memory.watermark import Position
from tasker_ticker.scheduling.scheduler import Incoming, Place, Scheduler
from tasker_ticker.scheduling.state import State

SILENCE_MS = 30_000
RETRY_SECONDS = 0.5
CLOCK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Shell:
    """What every partition of a process shares. `prove(p)` raises when partition p is no longer this member's.

    `background_rate`: runs a second of one partition in the background lane. `restoring`: only so many partitions are
    restored at a time, so that the first ones fire before the last ones are read. `handlers` knows what can run.
    """

    topics: Topics
    partitions: int
    reader: Callable[[], PartitionReader]
    transactions: Callable[[int], Transactions]
    clock: Clock
    sender: RecordProducer
    dead_letters: DeadLetterProducer
    prove: Callable[[int], Awaitable[None]]
    owner: str
    background_rate: int
    load: Load
    restoring: asyncio.Semaphore
    health: Health
    log: Log
    handlers: HandlerValidator = field(default_factory=BuiltInValidator)


class Stale(TaskerError):
    """The watermark lies beyond the end of the events: the topic was made anew, and must be continued explicitly."""


class Partition:
    """Owns one partition from `run` until `stop`. `known` is what was read ahead of its memory."""

    def __init__(self, number: int, shell: Shell, known: Recollection | None = None) -> None:
        self.number, self._shell, self._known = number, shell, known
        self._log, self._topics = shell.log, shell.topics
        self._events = TopicPartition(self._topics["task-events"], number)
        self._stopping = asyncio.Event()
        self._check = f"partition-{number}"
        self._turns: Turns | None = None

    def stop(self) -> None:
        """Stop after the turn that is under way."""
        self._stopping.set()
        if self._turns is not None:
            self._turns.hurry()

    async def run(self) -> None:
        """Fence, restore, turn; after a doubt all over again, for as long as the partition is ours."""
        self._shell.health.expect(self._check, every_ms=SILENCE_MS)
        while not self._stopping.is_set():
            try:
                await self._own()
            except (TaskerError, KafkaError) as error:
                metrics.DOUBTS.labels(type(error).__name__).inc()
                self._shell.health.fail(self._check, str(error))
                self._log.warning("owner thrown away", partition=self.number, reason=f"{type(error).__name__}: {error}")
                await self._until_proven(CLOCK_SECONDS if isinstance(error, ClockAhead) else RETRY_SECONDS)
        self._shell.health.checks.pop(self._check, None)
        metrics.forget(self.number)

    async def _until_proven(self, pause: float) -> None:
        """Wait until a fresh answer of the group says that the partition is still ours."""
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(pause):
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
        shell = self._shell
        began = shell.clock.now_ms()
        transactions, reader = shell.transactions(self.number), shell.reader()
        try:
            async with shell.restoring:
                if self._stopping.is_set():
                    return
                await transactions.fence()
                await reader.start()
                known, self._known = self._known, None
                stood = await restore(reader, self._topics, self.number, self._log, known)
                gc.freeze()  # what is held now stays: the collector need not look through a million tasks
            first, end = await reader.bounds(self._events)
            position = stood.position or Position(second=shell.clock.now_ms() // 1000, next_offset=first)
            if position.next_offset > end:
                raise Stale(f"next event is {position.next_offset}, but the topic ends at {end}")
            reader.assign(self._events)
            reader.seek(self._events, position.next_offset)
            place = Place(self.number, shell.partitions, shell.owner, shell.handlers.errors)
            scheduler = Scheduler(place, State(position, stood.memory), shell.background_rate)
            took = shell.clock.now_ms() - began
            metrics.RESTORE.observe(took / 1000)
            held, behind = len(stood.memory.tasks), end - position.next_offset
            self._log.info("owned", partition=self.number, tasks=held, behind=behind, ms=took)
            await shell.handlers.refresh()  # within its bound: what is due does not wait for long
            self._turns = Turns(
                scheduler, reader, transactions, self._incoming, shell.load, shell.clock, shell.health, self._log
            )
            await self._turns.until(self._stopping, self._events, recover_to=end)
        finally:
            self._turns = None
            shell.load.due(self.number, 0)
            await asyncio.gather(reader.stop(), transactions.stop())

    async def _incoming(self, record: Record) -> Incoming:
        """An event as it was read; what can't be used is in the dead letters, what lives elsewhere is sent there."""
        first = origin_of(record.headers)
        appended = first or AppendPosition(record.timestamp, record.partition, record.offset)
        try:
            content = await self._content(record)
        except Undecodable as error:
            await self._shell.dead_letters.publish(record, str(error))
            self._log.warning("dead letter", partition=record.partition, offset=record.offset, reason=str(error))
            return Incoming(record.offset, appended, None)
        task_id = content.origin.task_id
        home = partition_of(task_id, self._shell.partitions)
        if home != self.number:
            headers, key = forwarded_headers(record.headers, appended), record.key or task_id.encode()
            await self._shell.sender.send(record.topic, record.value, key=key, partition=home, headers=headers)
        return Incoming(record.offset, appended, content, forwarded=first is not None)

    async def _content(self, record: Record) -> TaskEvent | Rejection:
        """What an event wants. Raises Undecodable.

        Before one is rejected for its handler or payload, what is announced by now is read: whoever announces a handler
        and then sends a task for it is never told that there is no such handler.
        """
        handlers = self._shell.handlers
        content = parse_event(record.value, record.headers, record.key, handlers.errors)
        doubtful = isinstance(content, Rejection) and any(_about_the_handler(error) for error in content.errors)
        if doubtful and await handlers.refresh():
            return parse_event(record.value, record.headers, record.key, handlers.errors)
        return content


def _about_the_handler(error: FieldError) -> bool:
    return error.pointer == "/handler" or error.pointer.startswith("/payload")
