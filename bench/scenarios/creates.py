"""Tasks created over REST, many a second, while as many runs are executed and logged."""

import asyncio
from collections.abc import Iterator
from itertools import count
from time import monotonic
from typing import Final

import aiohttp
import psutil

from bench.measurement.cpu import CpuMeter
from bench.measurement.stages import Stages
from bench.measurement.task_events import send_events
from tasker_devstack.isolated_system import System

RATE: Final = 1_000
"""Creates a second, and runs a second beside them."""
SECONDS: Final = 600
RISING: Final = (100, 200, 300, 400, 500)
RISING_SECONDS: Final = 120
WARM_UP_SECONDS: Final = 10
MEMORY_SECONDS: Final = 30.0
AT_ONCE: Final = 1_000
"""So many requests may be open: at this rate those of a second. What is due later waits, and that is counted."""
MIB: Final = 1 << 20


class Creates:
    """Sends creates at a steady rate, whatever the answers do, and counts from when each was due."""

    def __init__(self, url: str) -> None:
        self._url, self._numbers, self._open = url, count(), asyncio.Semaphore(AT_ONCE)
        self.milliseconds, self.statuses = list[float](), dict[int, int]()

    async def run(self, rate: int, seconds: float) -> None:
        """Create `rate` tasks a second."""
        connector = aiohttp.TCPConnector(limit=AT_ONCE)
        async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
            began, due = monotonic(), 0.0
            while due < seconds:
                await asyncio.sleep(max(0.0, began + due - monotonic()))
                group.create_task(self._create(session, began + due))
                due += 1 / rate

    async def _create(self, session: aiohttp.ClientSession, due: float) -> None:
        task = {"id": f"created-{next(self._numbers):07d}", "schedule": {"manual": True}, "payload": {"n": 1}}
        async with self._open, session.post(f"{self._url}/api/v1/tasks", json=task) as answer:
            await answer.read()
            self.milliseconds.append((monotonic() - due) * 1000)
            self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1


async def creates(system: System, scale: int) -> Stages:
    """1,000 creates a second over REST, beside 1,000 runs a second, for 10 minutes (a tenth: 1 minute)."""
    await _runs_beside(system)
    sender, cpu = Creates(system.api_url), CpuMeter()
    memory = asyncio.create_task(_memory(system))
    try:
        await sender.run(RATE, SECONDS // scale)
    finally:
        memory.cancel()
        await asyncio.gather(memory, return_exceptions=True)
    print(f"answers: {sender.statuses}; {cpu.each(len(sender.milliseconds))}", flush=True)
    return {"due → created": sender.milliseconds}


async def create_rates(system: System, scale: int) -> Stages:
    """Creates over REST at rising rates, each for 2 minutes (a tenth: 12 seconds), beside 1,000 runs a second."""
    await _runs_beside(system)
    sender, stages = Creates(system.api_url), dict[str, list[float]]()
    await sender.run(RISING[0], WARM_UP_SECONDS)
    for rate in RISING:
        sender.milliseconds, sender.statuses = list[float](), dict[int, int]()
        cpu = CpuMeter()
        await sender.run(rate, RISING_SECONDS // scale)
        print(f"{rate} a second: {sender.statuses}; {cpu.each(len(sender.milliseconds))}", flush=True)
        stages[f"due → created, {rate} a second"] = sender.milliseconds
    return stages


async def _runs_beside(system: System) -> None:
    every = {"every": "PT10S", "spread": "PT10S"}
    running = ({"id": f"runs-{n:05d}", "schedule": every} for n in range(RATE * 10))
    await send_events(system, ({"type": "put", "task": task} for task in running))


async def _memory(system: System) -> None:
    """Print the memory of each service, again and again."""
    while True:
        await asyncio.sleep(MEMORY_SECONDS)
        print("MiB: " + ", ".join(f"{name} {size:.0f}" for name, size in _sizes(system)), flush=True)


def _sizes(system: System) -> Iterator[tuple[str, float]]:
    for service in system.metrics_ports:
        yield service, psutil.Process(system.pid(service)).memory_info().rss / MIB
