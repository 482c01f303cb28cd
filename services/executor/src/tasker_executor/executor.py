"""The executor as a whole: reads, runs, tells; on a stop it drains before it leaves."""

import asyncio
import os
import socket
from typing import Any
from uuid import uuid4

from tasker_executor import metrics
from tasker_executor.announcements.announcer import Announcing
from tasker_executor.announcements.foreign_handlers import Elsewhere
from tasker_executor.consumer.commits import Commits
from tasker_executor.consumer.consumer import Intake
from tasker_executor.handlers.local_handlers import Registry
from tasker_executor.handlers.plugins import Plugins
from tasker_executor.partition.lanes import LANES, Lane
from tasker_executor.reporting.dead_letters import Burials
from tasker_executor.reporting.reporter import Shell
from tasker_executor.reporting.result_producer import Results
from tasker_executor.reporting.retries import Retries
from tasker_executor.reporting.task_events import Outcomes
from tasker_executor.scheduling.runner import Runner
from tasker_executor.settings import ExecutorSettings
from tasker_runtime.clock import Clock
from tasker_runtime.handler_registry_reader import HandlerRegistryReader
from tasker_runtime.health import Health
from tasker_runtime.kafka.group_consumer import GroupConsumer
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log

LEAVING_SECONDS = 4.0
"""The bound of the last commit and of leaving the group."""
ENDING_SECONDS = 1.0
"""So long those who were told to end may take for it."""


class Executor:
    """A member of the executors' group with its handlers."""

    def __init__(
        self,
        settings: ExecutorSettings,
        handlers: Registry,
        clock: Clock,
        health: Health,
        log: Log,
        plugins: Plugins | None = None,
    ) -> None:
        bootstrap, topics = settings.kafka_bootstrap_servers, settings.topics
        lanes: dict[str, Lane] = {topics["due-tasks"]: "live", topics["due-background"]: "background"}
        self._drain_seconds, self._log = settings.drain_seconds, log
        self._results = Results(bootstrap, topics["results"], health, log)
        self._sender = RecordProducer(bootstrap)
        burials = Burials(self._sender, topics["dead-letters"], health, log)
        retries = Retries(self._sender, topics["task-events"], health, log)
        outcomes = Outcomes(self._sender, topics["task-events"], health, log)
        group, known = settings.group("executor"), topics["handlers"]
        followed = HandlerRegistryReader(lambda: PartitionReader(bootstrap), known, health, log)
        self._announcing = Announcing(plugins or Plugins(), group, followed, self._sender, known, health, log)
        worker = f"{socket.gethostname()}-{os.getpid()}"
        elsewhere = Elsewhere(followed, group)
        shell = Shell(handlers, self._results, burials, retries, outcomes, clock, worker, log, elsewhere)
        self._runner = Runner(shell, settings.executor_concurrency, settings.executor_per_host)
        self._intake = Intake(
            lambda assigned, revoked: GroupConsumer(bootstrap, group, list(lanes), assigned=assigned, revoked=revoked),
            lanes,
            Commits(uuid4().hex[:12], health, log),
            self._runner,
            clock,
            health,
            log,
        )

    async def run(self, stopping: asyncio.Event) -> None:
        """Read and run until the event is set, then drain and leave. Raises an error that nobody foresaw."""
        self._measure()
        stop_reading, drained, broken = asyncio.Event(), asyncio.Event(), self._runner.broken
        announcing = asyncio.create_task(self._announcing.run())
        intake = asyncio.create_task(self._read(stop_reading, drained))
        results = asyncio.create_task(self._results.run())
        stop = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({intake, results, announcing, stop, broken}, return_when=asyncio.FIRST_COMPLETED)
            stop_reading.set()
            self._runner.slots.close()
            if stopping.is_set():
                await self._drain()
            drained.set()
            await asyncio.wait({intake}, timeout=LEAVING_SECONDS)
        finally:
            self._intake.abandon()
            ending: list[asyncio.Future[Any]] = [stop, intake, results, announcing, broken]
            for one in ending:
                one.cancel()
            ended = await asyncio.gather(*ending, return_exceptions=True)
            await self._rest()
            await self._sender.stop()
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _read(self, stop_reading: asyncio.Event, drained: asyncio.Event) -> None:
        """Read once it is known whose the handlers are: another group's runs would be given up here otherwise."""
        ready, over = asyncio.create_task(self._announcing.ready.wait()), asyncio.create_task(drained.wait())
        try:
            await asyncio.wait({ready, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
            over.cancel()
        await self._intake.run(stop_reading, drained)

    async def _drain(self) -> None:
        """Let what is under way end and its results arrive, within the bound."""
        now = asyncio.get_running_loop().time()
        running = set(self._runner.tasks)
        self._log.info("draining", runs=len(running), results=len(self._results))
        try:
            async with asyncio.timeout_at(now + self._drain_seconds * 0.8):
                while running := set(self._runner.tasks):
                    await asyncio.wait(running)
        except TimeoutError:
            self._log.warning("left to the next owner", runs=len(running))
        self._intake.abandon()
        try:
            async with asyncio.timeout_at(now + self._drain_seconds * 0.9):
                await self._results.flushed()
        except TimeoutError:
            self._log.warning("results not written", waiting=len(self._results))

    async def _rest(self) -> None:
        """Wait a little for attempts that were cancelled. A handler may not hear that; nobody waits for it then."""
        if self._runner.tasks:
            _, deaf = await asyncio.wait(set(self._runner.tasks), timeout=ENDING_SECONDS)
            if deaf:
                self._log.warning("handlers go on though they were cancelled", runs=len(deaf))

    def _measure(self) -> None:
        slots = self._runner.slots
        for lane in LANES:
            metrics.IN_FLIGHT.labels(lane).set_function(lambda lane=lane: slots.busy[lane])
            metrics.WAITING.labels(lane).set_function(lambda lane=lane: slots.waiting(lane))
        metrics.QUEUED.set_function(lambda: self._runner.queued)
        metrics.UNACKNOWLEDGED.set_function(lambda: len(self._results))
