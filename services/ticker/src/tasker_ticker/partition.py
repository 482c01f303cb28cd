"""One owned partition: fence, restore, run the loop; after any error its owner is discarded and begins anew."""

import asyncio
import gc
from importlib.metadata import version
from typing import Any, Final

from tasker_core.errors import TaskerError
from tasker_runtime.clock import is_set_within
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_ticker import metrics
from tasker_ticker.kafka.failed_events import FailedEvents
from tasker_ticker.kafka.restore import RestoredPartition, StateSnapshot, restore
from tasker_ticker.kafka.transaction import ClockAhead
from tasker_ticker.loop import SchedulingLoop
from tasker_ticker.partition_context import PartitionContext
from tasker_ticker.scheduling.events.event_dispatch import EventFailed
from tasker_ticker.scheduling.memory.watermark import WatermarkPosition
from tasker_ticker.scheduling.scheduler import Scheduler
from tasker_ticker.scheduling.scheduler_inputs import SchedulerConfig
from tasker_ticker.scheduling.state import PartitionState

TURN_SECONDS: Final = 0.01
"""So long a restore goes on with what it has at hand before others get their turn: a commit of a restored partition
takes a dozen turns of each restore that goes on beside it."""
SILENCE_MS = 120_000
"""Longer than the bounds of a fence and of connecting together: while Kafka does not answer, an owner lives."""
FORESEEN: Final = (TaskerError, KafkaError)
RETRY_SECONDS, UNFORESEEN_RETRY_SECONDS = 0.5, 5.0


LOST_REMEDY: Final = (
    "What they wanted was not done, and their senders were not answered: who waits for an answer must send again"
)


class PartitionOwner:
    """Owns one partition from `run` until `stop`. `prefetched` is a part of its state that was read ahead."""

    def __init__(self, number: int, context: PartitionContext, prefetched: StateSnapshot | None = None) -> None:
        self.number, self._context, self._prefetched = number, context, prefetched
        self._log = context.log
        self._events = TopicPartition(context.topics["task-events"], number)
        self._stopping = asyncio.Event()
        self._check = f"partition-{number}"
        self._loop: SchedulingLoop | None = None
        self._failed = FailedEvents(context.clients.decoder)
        self._cuts = dict[int, int]()
        """By the base of a watermark that lay beyond the end of the events: that end. The next one has another base."""

    @property
    def is_running(self) -> bool:
        """Whether it has restored its partition, and the loop runs."""
        return self._loop is not None

    def stop(self) -> None:
        """Stop after the batch that is under way."""
        self._stopping.set()
        if self._loop is not None:
            self._loop.stop_receiving()

    async def run(self) -> None:
        """Fence, restore, run the loop; after an error all over again, while the partition is this member's."""
        context = self._context
        context.health.expect(self._check)
        while not self._stopping.is_set():
            try:
                await self._own()
            except Exception as error:  # noqa: BLE001 - whatever it is, the other partitions go on
                self._note_discarded(error)
                if context.copies is not None and _may_lie_in_state(error):
                    await context.copies.give_up(self.number, error)
                await self._until_proven(self._pause_after(error))
        context.health.checks.pop(self._check, None)
        metrics.forget(self.number)

    def _note_discarded(self, error: Exception) -> None:
        metrics.OWNERS_DISCARDED.labels(type(error).__name__).inc()
        self._context.health.fail(self._check, str(error))
        about = {"partition": self.number, "reason": f"{type(error).__name__}: {error}"}
        if isinstance(error, EventFailed):
            self._failed.note(error)
        if _may_lie_in_state(error):
            self._log.error("owner discarded", **about, exc_info=error)
        else:
            self._log.warning("owner discarded", **about)

    def _pause_after(self, error: Exception) -> float:
        if isinstance(error, ClockAhead):
            return self._context.limits.clock_retry_seconds
        return RETRY_SECONDS if isinstance(error, FORESEEN) else UNFORESEEN_RETRY_SECONDS

    async def _until_proven(self, pause: float) -> None:
        """Wait until a fresh answer of the group says that the partition is still this member's."""
        while not self._stopping.is_set():
            await is_set_within(self._stopping, pause)
            try:
                await self._context.prove(self.number)
            except FORESEEN as error:
                self._context.health.fail(self._check, f"not the owner, or Kafka is away: {error}")
                self._log.info("not the owner, or Kafka is away", partition=self.number, reason=str(error))
            else:
                return

    async def _own(self) -> None:
        context = self._context
        began = context.clock.now_ms()
        context.health.expect(self._check, every_ms=SILENCE_MS)
        context.health.fail(self._check, "connecting")
        producer, reader = context.clients.producer(self.number), context.clients.reader()
        beside = set[asyncio.Task[Any]]()
        try:
            # All partitions at once: what the dead owner left open holds up who reads the due runs until it is fenced.
            beside.add(connecting := asyncio.create_task(reader.start()))
            await producer.fence()
            await connecting
            beside.add(refreshing := asyncio.create_task(self._refresh()))
            # No heartbeat is expected of those who wait for their turn: those who have it are watched.
            context.health.expect(self._check)
            context.health.fail(self._check, "waiting for its turn to restore")
            async with context.restoring:
                if self._stopping.is_set():
                    return
                context.health.expect(self._check, every_ms=SILENCE_MS)
                restored = await restore(
                    reader, context.topics, self.number, self._log, await self._snapshot(), self._report_progress
                )
                await refreshing
                first, end = await reader.bounds(self._events)  # last: what comes after it takes effect when it is read
                scheduler = await self._scheduler(restored, first, end)
                gc.freeze()  # what is held now stays: the collector need not look through a million tasks
            reader.assign(self._events)
            reader.seek(self._events, scheduler.state.position.next_offset)
            self._report(scheduler, restored.read, end, context.clock.now_ms() - began)
            self._loop = SchedulingLoop(
                scheduler,
                reader,
                producer,
                self._failed.decode,
                context.lead_time,
                context.clock,
                context.health,
                self._log,
                context.limits,
                context.spans,
                context.lost,
            )
            await self._loop.run(self._stopping, self._events, recover_to=end)
        finally:
            self._loop = None
            context.lead_time.note_due(self.number, 0)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await asyncio.gather(reader.stop(), producer.stop())

    async def _refresh(self) -> None:
        """Read what is announced, within its bounds: what is due does not wait for long."""
        clients = self._context.clients
        await asyncio.gather(clients.handlers.refresh(), clients.calendars.refresh())

    async def _snapshot(self) -> StateSnapshot | None:
        """What was prefetched, once, unless that is long ago; or else the local copy."""
        found, self._prefetched = self._prefetched, None
        if found is not None and found.can_be_read_on(self._context.clock.now_ms()):
            return found
        copies = self._context.copies
        return None if copies is None else await copies.load(self.number)

    async def _scheduler(self, restored: RestoredPartition, first: int, end: int) -> Scheduler:
        """A scheduler for what was restored, whose events are those of the offsets from `first` to `end`."""
        context = self._context
        position = restored.position or WatermarkPosition(second=context.clock.now_ms() // 1000, next_offset=first)
        if context.lost is not None:
            context.lost.look(self._events, position.next_offset, first, end)
        self._go_on_within(position, end)
        config = SchedulerConfig(
            self.number,
            context.partitions,
            context.owner,
            context.clients.handlers.errors,
            context.clients.chains,
            context.clients.calendars,
            context.background_rate,
            version("tasker-ticker"),
            context.public_url,
        )
        state = PartitionState(position, restored.stored, context.limits.scheduling)
        turn = asyncio.get_running_loop().time
        until = turn() + TURN_SECONDS
        for _ in state.schedule_restored():
            if turn() >= until:
                await asyncio.sleep(0)
                until = turn() + TURN_SECONDS
        return Scheduler(config, state)

    def _go_on_within(self, position: WatermarkPosition, end: int) -> None:
        """Where the events end before a watermark, they were cut: go on at that end, with versions that only grow.

        Whatever comes meanwhile: until a batch has said so in the watermark, each attempt goes on there.
        """
        at = min(end, self._cuts.get(position.base, end))
        if position.next_offset > at:
            self._cuts[position.base] = at
            position.base += position.next_offset - at
            position.next_offset = at

    def _report_progress(self, records: int) -> None:
        """A restore lives as long as it reads on, however much there is."""
        self._context.health.fail(self._check, f"restoring: {records} records read")

    def _report(self, scheduler: Scheduler, read: int, end: int, ms: int) -> None:
        metrics.count_restore(self.number, ms / 1000)
        tasks, behind = len(scheduler.state.tasks), end - scheduler.state.position.next_offset
        self._log.info("owned", partition=self.number, tasks=tasks, read=read, behind=behind, ms=ms)


def _may_lie_in_state(error: Exception) -> bool:
    """Whether it is not Kafka that failed, nor anything else that is known to."""
    return isinstance(error, EventFailed) or not isinstance(error, FORESEEN)
