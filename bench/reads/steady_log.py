"""Runs that are being logged meanwhile: their reports, so many a second, to a real log sink."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from aiokafka import AIOKafkaProducer

from bench.population.fill import Population
from bench.population.runs import reported_run
from bench.population.tasks import MadeTask, next_nominal, task_of
from tasker_core.messages.base import encode
from tasker_core.time.instant import rfc3339, rfc3339_second
from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_devstack.isolated_system import System
from tasker_runtime.clock import SystemClock

CLOCK = SystemClock()
MADE_BEFORE = 20_000
"""So many tasks are worked out before; their runs come in turn."""


class SteadyLog:
    """Sends reports; `sent` counts them."""

    def __init__(self, system: System, population: Population, rate: int) -> None:
        self._topic, self._rate = Topics(system.topic_prefix)["results"], rate
        self._producer: Any = AIOKafkaProducer(bootstrap_servers=system.kafka, linger_ms=20, max_batch_size=256 * 1024)
        random, self.sent = Random(7), 0
        numbers = random.sample(range(population.tasks), min(population.tasks, MADE_BEFORE))
        made = (task_of(number, population.now) for number in numbers)
        self._tasks = [task for task in made if not (task.is_over or task.accepted.paused)]

    async def run(self) -> None:
        """Until cancelled, ten times a second."""
        await self._producer.start()
        began = CLOCK.now_ms()
        try:
            while True:
                now = CLOCK.now_ms()
                due = (now - began) * self._rate // 1000
                for number in range(self.sent, due):
                    task = self._tasks[number % len(self._tasks)]
                    key, home = task.accepted.id, partition_of(task.accepted.id, PARTITIONS)
                    await self._producer.send(self._topic, _report(task, now), key=key.encode(), partition=home)
                self.sent = due
                await asyncio.sleep(0.1)
        finally:
            await self._producer.stop()


def _report(task: MadeTask, now_ms: int) -> bytes:
    second, following = now_ms // 1000, next_nominal(task.schedule, now_ms // 1000)
    run = reported_run(task, second)
    at = {"emitted_at": rfc3339(now_ms), "received_at": rfc3339(now_ms), "finished_at": rfc3339(now_ms)}
    report: dict[str, Any] = {name: getattr(run, name) for name in run.__struct_fields__} | at
    if report["started_at"] is not None:
        report["started_at"] = rfc3339(now_ms)
    report["next_at"] = None if following is None else rfc3339_second(following)
    return encode(type(run)(**report))


@asynccontextmanager
async def steady_log(system: System, population: Population, rate: int) -> AsyncGenerator[SteadyLog]:
    """Reports are sent within the context, `rate` a second."""
    log = SteadyLog(system, population, rate)
    sending = asyncio.create_task(log.run())
    try:
        yield log
    finally:
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending
