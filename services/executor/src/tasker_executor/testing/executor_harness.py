"""Executors on a real Kafka, in this process or in their own; emits runs and reads their results."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import msgspec

from tasker_core.kafka_record import Record
from tasker_core.messages.announcements import HandlerAnnounced
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Run, RunFinished, RunStarted, decode_result
from tasker_core.time.instant import rfc3339
from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_executor.executor import Executor
from tasker_executor.handlers.handler_installation import InstalledHandlers
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.handlers.plugins.lingering_threads import LingeringThreads
from tasker_executor.handlers.plugins.loader import LoadedPlugins
from tasker_executor.partition.priority_lanes import Lane
from tasker_executor.settings import ExecutorSettings
from tasker_runtime.clock import SystemClock
from tasker_runtime.handler_registry_reader import HandlerRegistryReader
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log, configure

DEADLINE_SECONDS = 60
SENT_AT_ONCE = 500
"""Each record has ten seconds to be sent: of thousands at once the last ones would wait for longer than that."""
TOPICS: dict[Lane, Any] = {"live": "due-tasks", "background": "due-background"}
CLOCK = SystemClock()


class ExecutorHarness:
    """`results`, `dead_letters` and `events` (for the ticker) hold what was read so far."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self.bootstrap, self.prefix, self.topics = bootstrap, prefix, Topics(prefix)
        self.kafka = KafkaConnection(bootstrap)
        self.results: list[RunStarted | RunFinished] = []
        self.dead_letters: list[Record] = []
        self.events: list[Record] = []
        self.log: Log = configure("executor", "console")
        self._producer, self._reader, self._ids = RecordProducer(self.kafka), PartitionReader(self.kafka), count()
        self._sending = asyncio.Semaphore(SENT_AT_ONCE)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["ExecutorHarness"]:
        """Connected, for the length of a test."""
        await self._reader.start()
        topics = (self.topics["results"], self.topics["dead-letters"], self.topics["task-events"])
        self._reader.assign(*(TopicPartition(topic, p) for topic in topics for p in range(PARTITIONS)))
        try:
            yield self
        finally:
            await self._reader.stop()
            await self._producer.stop()

    async def send(
        self, handler: str = "default", payload: object = None, *, lane: Lane = "live", partition: int = -1, **more: Any
    ) -> Run:
        """Emit a run, of a new task unless `task_id` is given; `partition` is that of the new task (-1: any)."""
        at = rfc3339(CLOCK.now_ms())
        task_id: str = more.pop("task_id", None) or self.task_in(partition)
        fields: dict[str, Any] = {"nominal_at": at, "effective_at": at, "emitted_at": at, "generation": 1, "version": 1}
        raw = msgspec.Raw(msgspec.json.encode(payload))
        fields |= {"run_id": f"run-{next(self._ids)}", "task_name": f"Task {task_id}", "payload": raw} | more
        run = Run(task_id=task_id, handler=handler, **fields)
        await self.send_raw(encode(run), task_id, lane)
        return run

    async def send_raw(self, value: bytes, task_id: str, lane: Lane = "live") -> None:
        """Write any bytes to the partition of a task's runs."""
        number = partition_of(task_id, PARTITIONS)
        async with self._sending:
            await self._producer.send(self.topics[TOPICS[lane]], value, key=task_id.encode(), partition=number)

    async def announce(self, name: str, group: str | None = None) -> None:
        """Announce a handler of a group, or withdraw it."""
        announcement = None if group is None else encode(HandlerAnnounced(name=name, group=group))
        await self._producer.send(self.topics["handlers"], announcement, key=name.encode(), partition=0)

    async def announced(self) -> dict[str, HandlerAnnounced]:
        """The current announcements."""
        registry = HandlerRegistryReader(
            lambda: PartitionReader(self.kafka), self.topics["handlers"], Health(), self.log
        )
        following = asyncio.create_task(registry.run())
        assert await registry.refresh()
        following.cancel()
        await asyncio.wait({following})
        return {name: one.announcement for name, one in registry.handlers().items()}

    def task_in(self, partition: int = -1) -> str:
        """The id of a new task in a partition (-1: in any)."""
        while True:
            task_id = f"task-{next(self._ids)}"
            if partition in (-1, partition_of(task_id, PARTITIONS)):
                return task_id

    async def until(self, condition: Callable[[], object], what: str, seconds: float = DEADLINE_SECONDS) -> None:
        """Read until a condition holds. Raises AssertionError when it does not within the time."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await self.read()
        except TimeoutError:
            raise AssertionError(f"not within {seconds} s: {what}; {self.summary()}") from None

    async def read(self) -> None:
        """Read what is there now, or comes within a moment."""
        for record in await self._reader.poll(50):
            if record.topic == self.topics["dead-letters"]:
                self.dead_letters.append(record)
            elif record.topic == self.topics["task-events"]:
                self.events.append(record)
            else:
                result = decode_result(record.value or b"")
                assert record.key == result.task_id.encode()
                assert record.partition == partition_of(result.task_id, PARTITIONS)
                self.results.append(result)

    async def all_finished(self, runs: list[Run]) -> None:
        """Read until each run has ended."""
        wanted = {run.run_id for run in runs}
        await self.until(lambda: wanted <= self.finished().keys(), f"all of {len(runs)} runs finished")

    def finished(self) -> dict[str, RunFinished]:
        """The first end of each run."""
        return {one.run_id: one for one in reversed(self.results) if isinstance(one, RunFinished)}

    def ends(self) -> Counter[str]:
        """How often each run has ended."""
        return Counter(one.run_id for one in self.results if isinstance(one, RunFinished))

    def summary(self) -> str:
        """What was read, for people."""
        return f"{len(self.results)} results of {len(self.ends())} runs, {len(self.dead_letters)} dead letters"

    @asynccontextmanager
    async def executor(
        self,
        handlers: LocalHandlers,
        plugins: LoadedPlugins | None = None,
        lingering_threads: LingeringThreads | None = None,
        **settings: Any,
    ) -> AsyncGenerator[Health]:
        """An executor in this process; it is stopped gracefully at the end."""
        kafka: dict[str, Any] = {"kafka_bootstrap_servers": self.bootstrap, "topic_prefix": self.prefix}
        health, stopping = Health(), asyncio.Event()
        installed = InstalledHandlers(handlers, plugins or LoadedPlugins(), lingering_threads or LingeringThreads())
        executor = Executor(ExecutorSettings(**kafka, **settings), installed, CLOCK, health, self.log)
        running = asyncio.create_task(executor.run(stopping))
        try:
            await self.until(lambda: running.done() or health.report()[1], "the executor is ready")
            yield health
        finally:
            stopping.set()
            await running

    @asynccontextmanager
    async def process(self, **settings: str) -> AsyncGenerator[Process]:
        """An executor as a process of its own, killed at the end if it still lives."""
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "TASKER_TOPIC_PREFIX": self.prefix,
            "TASKER_EXECUTOR_ALLOW_NETWORKS": "127.0.0.0/8",
        }
        started = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tasker_executor.main", env=os.environ | env | settings, stdout=DEVNULL
        )
        try:
            yield started
        finally:
            if started.returncode is None:
                started.kill()
                await started.wait()


async def ended(started: Process) -> int:
    """The status of a process that ends soon."""
    async with asyncio.timeout(20):
        return await started.wait()
