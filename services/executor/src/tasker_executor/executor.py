"""The executor as a whole: consumes, runs, reports; on a stop it drains before it leaves."""

import asyncio
import os
import socket
from typing import Any
from uuid import uuid4

from tasker_executor import metrics
from tasker_executor.announcements.announcer import Announcer
from tasker_executor.announcements.foreign_handlers import ForeignHandlers
from tasker_executor.consumer.commits import OffsetCommitter
from tasker_executor.consumer.consumer import DueConsumer
from tasker_executor.handlers.handler_installation import InstalledHandlers
from tasker_executor.partition.asyncio_tasks import AsyncioTasks
from tasker_executor.partition.priority_lanes import LANES, Lane
from tasker_executor.partition.result_bytes import ResultBytes
from tasker_executor.reporting.bounded_sender import BoundedSender
from tasker_executor.reporting.dead_letters import DeadLetterReporter
from tasker_executor.reporting.reporter import Reporter
from tasker_executor.reporting.result_producer import ResultProducer
from tasker_executor.reporting.task_event_publisher import TaskEventPublisher
from tasker_executor.run_spans import RunSpans
from tasker_executor.scheduling.runner import Runner, RunnerDependencies
from tasker_executor.settings import ExecutorSettings
from tasker_runtime.clock import Clock
from tasker_runtime.handler_registry_reader import HandlerRegistryReader
from tasker_runtime.health import Health
from tasker_runtime.kafka.group.group_consumer import GroupConsumer
from tasker_runtime.kafka.group.predecessor import remove_predecessor
from tasker_runtime.kafka.lost_records import LossNotes
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log

FLUSH_SECONDS = 2.0
"""How much longer than runs may go on the last results may take to be acknowledged."""
LEAVE_SECONDS = 4.0
"""The bound of the last commit and of leaving the group."""
WAIT_SECONDS = 5.0
CANCEL_SECONDS = 1.0
"""The bound for attempts that were cancelled to end."""


class Executor:
    """A member of the executors' group with its handlers."""

    def __init__(
        self,
        settings: ExecutorSettings,
        handlers: InstalledHandlers,
        clock: Clock,
        health: Health,
        log: Log,
        spans: RunSpans | None = None,
    ) -> None:
        kafka, topics = settings.kafka, settings.topics
        lanes: dict[str, Lane] = {topics["due-tasks"]: "live", topics["due-background"]: "background"}
        self._kafka, self._group = kafka, settings.group("executor")
        group, worker = self._group, f"{socket.gethostname()}-{os.getpid()}"
        self._drain_seconds, self._clock, self._log = settings.drain_seconds, clock, log
        self._concurrency = settings.executor_concurrency
        self._producer, self._tasks = RecordProducer(kafka), AsyncioTasks()
        self._unsent = ResultBytes()
        self._results = ResultProducer(kafka, topics["results"], health, log, self._unsent)
        sender = BoundedSender(self._producer)
        dead_letters = DeadLetterReporter(sender, topics["dead-letters"], health, log)
        task_events = TaskEventPublisher(sender, topics["task-events"], health, log, spans)
        registry = HandlerRegistryReader(lambda: PartitionReader(kafka), topics["handlers"], health, log)
        self._announcer = Announcer(handlers.plugins, group, registry, self._producer, topics["handlers"], health, log)
        reporter = Reporter(
            self._results,
            dead_letters,
            task_events,
            self._tasks.spawn,
            handlers.local,
            clock,
            worker,
            log,
            spans,
            self._unsent,
        )
        dependencies = RunnerDependencies(
            handlers=handlers.local,
            lingering_threads=handlers.lingering_threads,
            reporter=reporter,
            tasks=self._tasks,
            clock=clock,
            log=log,
            foreign_handlers=ForeignHandlers(registry, group),
            unsent=self._unsent,
        )
        self._runner = Runner(dependencies, settings.executor_concurrency, settings.executor_per_host)
        self._consumer = DueConsumer(
            lambda assigned, revoked: GroupConsumer(kafka, group, list(lanes), assigned=assigned, revoked=revoked),
            lanes,
            OffsetCommitter(uuid4().hex[:12], LossNotes(clock.now_ms), health, log),
            self._runner,
            clock,
            health,
            log,
        )

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume and run until the event is set, then drain and leave. Raises an unexpected error."""
        self._register_gauges()
        stop_reading, drained, failed = asyncio.Event(), asyncio.Event(), self._tasks.failed
        announcer = asyncio.create_task(self._announcer.run())
        consumer = asyncio.create_task(self._consume(stop_reading, drained))
        results = asyncio.create_task(self._results.run())
        stop = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({consumer, results, announcer, stop, failed}, return_when=asyncio.FIRST_COMPLETED)
            stop_reading.set()
            self._runner.slots.close()
            if stopping.is_set():
                await self._drain()
            drained.set()
            await asyncio.wait({consumer}, timeout=LEAVE_SECONDS)
        finally:
            self._consumer.abandon()
            parts: list[asyncio.Future[Any]] = [stop, consumer, results, announcer, failed]
            for part in parts:
                part.cancel()
            ended = await asyncio.gather(*parts, return_exceptions=True)
            await self._wait_for_cancelled()
            await self._producer.stop()
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _consume(self, stop_reading: asyncio.Event, drained: asyncio.Event) -> None:
        """Consume once the announcements are read: runs of another group would fail here otherwise."""
        await remove_predecessor(self._kafka, self._group, self._log)
        ready, over = asyncio.create_task(self._announcer.ready.wait()), asyncio.create_task(drained.wait())
        try:
            while not (ready.done() or over.done()):
                self._consumer.wait_for("the announced handlers, which are not read yet")
                await asyncio.wait({ready, over}, timeout=WAIT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
            over.cancel()
        await self._consumer.run(stop_reading, drained)

    async def _drain(self) -> None:
        """Let running attempts end, within the drain time, and then their results be acknowledged."""
        end = asyncio.get_running_loop().time() + self._drain_seconds
        running = set(self._tasks.running)
        self._log.info("draining", runs=len(running), results=len(self._results))
        try:
            async with asyncio.timeout_at(end):
                while running := set(self._tasks.running):
                    await asyncio.wait(running)
        except TimeoutError:
            self._log.warning("left to the next owner", runs=len(running))
        self._consumer.abandon()
        try:
            async with asyncio.timeout_at(end + FLUSH_SECONDS):
                await self._results.flush()
        except TimeoutError:
            self._log.warning("results not written", waiting=len(self._results))

    async def _wait_for_cancelled(self) -> None:
        """Wait a little for attempts that were cancelled. A handler may ignore that; nobody waits for it then."""
        if self._tasks.running:
            _, ignoring = await asyncio.wait(set(self._tasks.running), timeout=CANCEL_SECONDS)
            if ignoring:
                self._log.warning("handlers go on though they were cancelled", runs=len(ignoring))

    def _backlog_age(self, lane: Lane) -> float:
        """For how many seconds the oldest run has waited, to be read or to start."""
        oldest = min((job.record.timestamp for job in self._runner.slots.first_waiting(lane)), default=None)
        waiting = 0.0 if oldest is None else (self._clock.now_ms() - oldest) / 1000
        return max(0.0, waiting, self._consumer.lag_probe.unread_seconds[lane])

    def _register_gauges(self) -> None:
        slots = self._runner.slots
        for lane in LANES:
            metrics.IN_FLIGHT.labels(lane).set_function(lambda lane=lane: slots.busy[lane])
            metrics.WAITING.labels(lane).set_function(lambda lane=lane: slots.waiting(lane))
            metrics.BACKLOG_AGE.labels(lane).set_function(lambda lane=lane: self._backlog_age(lane))
        metrics.SLOTS.set(self._concurrency)
        metrics.QUEUED.set_function(lambda: self._runner.queue_length)
        metrics.UNACKNOWLEDGED.set_function(lambda: len(self._results))
        metrics.UNACKNOWLEDGED_BYTES.set_function(lambda: self._unsent.size)
