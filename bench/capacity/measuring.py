"""Measures what one of each costs, on a whole Tasker with embedded backends."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import psutil

from bench.capacity.unit_costs import PROCESSES, UnitCosts
from bench.machine import describe_machine
from bench.measurement.cpu import CpuMeter
from bench.measurement.task_events import send_events, soon, until
from bench.measurement.ticker_gauges import wait_until_held
from bench.scenarios.emission import SECONDLY, puts
from bench.soak.sampling import MB, Sampler
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka, fetch_jars
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import free_port
from tasker_runtime.clock import monotonic_ms, utc_now
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo
from tasker_runtime.topic_setup import create_topics

WARM_SECONDS: Final = 30
SETTLED_SECONDS: Final = 300
OF_RUNS: Final = ("due-tasks", "results")
OF_TASKS: Final = ("ticker-state",)
TASK_COLLECTIONS: Final = ("tasks", "revisions", "journal")
YEARLY: Final = {"cron": "0 0 29 2 *"}


async def measure_costs(folder: Path, rate: int, tasks: int, seconds: int) -> UnitCosts:
    """Rest, `rate` runs a second for some seconds, then `tasks` tasks.

    Raises DevstackError, KafkaError, PyMongoError, TimeoutError.
    """
    async with _system(folder) as system:
        mongo = Mongo(MongoConnection(system.mongodb_url), 10)
        try:
            return await _measure(system, mongo, Sampler(system, mongo, folder), rate, tasks, seconds)
        finally:
            mongo.close()


async def _measure(system: System, mongo: Mongo, sampler: Sampler, rate: int, tasks: int, seconds: int) -> UnitCosts:
    await asyncio.sleep(WARM_SECONDS)  # what a start still has to do
    rest = await _percent(seconds)
    names = [f"due-{n:06d}" for n in range(rate)]
    await send_events(system, puts(names, SECONDLY))
    await wait_until_held(system, rate)
    await asyncio.sleep(WARM_SECONDS)
    before = await sampler.look()
    busy = await _percent(seconds)
    after = await sampler.look()
    runs = after["documents/runs"] - before["documents/runs"]
    run_us = {name: max(0.0, busy[name] - rest[name]) / 100 * 1e6 / rate for name in PROCESSES}
    run_kafka = sum(_grown(before, after, f"topic/{name}") for name in OF_RUNS) / runs
    run_mongodb = (after["data/runs"] + after["indexes/runs"]) * MB / after["documents/runs"]
    await send_events(system, ({"type": "delete", "task_id": name} for name in names))
    await _until_documents(mongo, "tasks", {"deleted": False}, 0)
    held_before, memory = await sampler.look(), _ticker_memory(system)
    meter, began = CpuMeter(), monotonic_ms()
    await send_events(system, puts((f"held-{n:08d}" for n in range(tasks)), YEARLY))
    await wait_until_held(system, tasks)
    await _until_documents(mongo, "tasks", {"deleted": False}, tasks)
    spent, lasted = meter.spent(), (monotonic_ms() - began) / 1000
    held = await sampler.look()
    task_us = {name: max(0.0, spent[name] - rest[name] / 100 * lasted) * 1e6 / tasks for name in PROCESSES}
    grown = _ticker_memory(system) - memory
    restore_us = await _restore_us(system, tasks)
    collections = [f"{kind}/{name}" for kind in ("data", "indexes") for name in TASK_COLLECTIONS]
    return UnitCosts(
        f"{describe_machine()}, {utc_now():%Y-%m-%d}",
        rate,
        tasks,
        run_us,
        task_us,
        rest,
        run_kafka,
        run_mongodb,
        grown / tasks,
        sum(_grown(held_before, held, f"topic/{name}") for name in OF_TASKS) / tasks,
        sum(_grown(held_before, held, name) for name in collections) / tasks,
        restore_us,
    )


async def _percent(seconds: int) -> dict[str, float]:
    """Per cent of a core, by process."""
    meter, ends = CpuMeter(), soon(seconds)
    began = utc_now()
    await until(ends)
    lasted = (utc_now() - began) / timedelta(seconds=1)
    spent = meter.spent()
    return {name: spent[name] / lasted * 100 for name in PROCESSES}


async def _restore_us(system: System, tasks: int) -> float:
    """CPU of a new ticker until it holds all of them, for each."""
    await system.restart("ticker", signal.SIGKILL)
    await wait_until_held(system, tasks)
    times = psutil.Process(system.pid("ticker")).cpu_times()
    return (times.user + times.system) * 1e6 / tasks


async def _until_documents(mongo: Mongo, name: str, matching: Mapping[str, object], count: int) -> None:
    async def are_there() -> bool:
        return await mongo.database[name].count_documents(matching) == count

    await eventually(are_there, f"{count:,} {name}", SETTLED_SECONDS)


def _grown(before: Mapping[str, float], after: Mapping[str, float], name: str) -> float:
    """Bytes."""
    return (after.get(name, 0.0) - before.get(name, 0.0)) * MB


def _ticker_memory(system: System) -> int:
    return psutil.Process(system.pid("ticker")).memory_info().rss


@asynccontextmanager
async def _system(folder: Path) -> AsyncGenerator[System]:
    await fetch_jars()
    broker = EmbeddedKafka(folder / "kafka", free_port())
    database = EmbeddedMongodb(folder / "mongodb", free_port())
    try:
        await asyncio.gather(broker.start(), database.start())
        system = System(broker.bootstrap, database.url("capacity"))
        await create_topics(system.connection, system.topic_prefix, system.partitions)
        try:
            await system.start()
            yield system
        finally:
            await system.stop()
    finally:
        await asyncio.gather(broker.stop(), database.stop())
