"""Measures what one of each costs, on a whole Tasker with embedded backends."""

import asyncio
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import psutil

from bench.capacity.unit_costs import PROCESSES, UnitCosts
from bench.machine import describe_machine
from bench.measurement.cpu import CpuMeter
from bench.measurement.own_system import own_system, state_copies
from bench.measurement.task_events import send_events, soon, until
from bench.measurement.ticker_gauges import held_tasks, wait_until_held
from bench.scenarios.emission import puts
from bench.soak.sampling import MB, Sampler
from tasker_core.documents.tasks import TaskField
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_runtime.clock import monotonic_ms, utc_now
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo
from tasker_runtime.topic_setup import create_topics

WARM_SECONDS: Final = 90
HELD_SECONDS: Final = 60
PROJECTED_SECONDS: Final = 600
KEPT: Final = 0.97
"""Of the rate so much must be logged: else what is measured is a backlog."""
OF_RUNS: Final = ("due-tasks", "results")
OF_TASKS: Final = ("ticker-state",)
TASK_COLLECTIONS: Final = ("tasks", "next_times", "revisions", "journal")
YEARLY: Final = {"cron": "0 0 29 2 *"}
PERIOD_SECONDS: Final = 30
"""Every task runs as seldom, so that what it shows of its last run is written for each run: of tasks that run each
second it is written once for several."""


async def measure_costs(folder: Path, rate: int, tasks: int, seconds: int) -> UnitCosts:
    """Rest, `rate` runs a second of PERIOD_SECONDS times as many tasks for some seconds, then `tasks` tasks.

    Raises AssertionError, DevstackError, KafkaError, PyMongoError, TimeoutError, ValueError.
    """
    async with own_system(
        folder, "capacity", lambda one: create_topics(one.connection, one.topic_prefix, one.partitions)
    ) as system:
        mongo = Mongo(MongoConnection(system.mongodb_url), 10)
        try:
            sampler = Sampler(system, mongo, folder)
            return await _measure(system, mongo, sampler, state_copies(folder), rate, tasks, seconds)
        finally:
            mongo.close()


async def _measure(
    system: System, mongo: Mongo, sampler: Sampler, copies: Path, rate: int, tasks: int, seconds: int
) -> UnitCosts:
    await asyncio.sleep(WARM_SECONDS)  # what a start still has to do
    rest = await _percent(seconds)
    await send_events(system, _in_turn(rate))
    await wait_until_held(system, rate * PERIOD_SECONDS)
    await _until_projected(mongo, rate * PERIOD_SECONDS)
    await asyncio.sleep(WARM_SECONDS)
    before, began = await sampler.look(), monotonic_ms()
    busy = await _percent(seconds)
    after = await sampler.look()
    runs = after["documents/runs"] - before["documents/runs"]
    if (per_s := runs * 1000 / (monotonic_ms() - began)) < KEPT * rate:
        raise ValueError(f"{per_s:,.0f} of {rate:,} runs a second were logged: give a lower --rate")
    run_us = {name: max(0.0, busy[name] - rest[name]) / 100 * 1e6 / per_s for name in PROCESSES}
    run_kafka = sum(_grown(before, after, f"topic/{name}") for name in OF_RUNS) / runs
    run_mongodb = await _disk_bytes(mongo, ("runs",)) / after["documents/runs"]
    await send_events(system, ({"type": "delete", "task_id": event["task"]["id"]} for event in _in_turn(rate)))
    await eventually(lambda: _holds_none(system), "no task is held", HELD_SECONDS)
    await _until_projected(mongo, rate * PERIOD_SECONDS, {"deleted": True})
    bare = await _restarted_ticker(system, copies, 0)
    held_before, known = await sampler.look(), await _disk_bytes(mongo, TASK_COLLECTIONS)
    meter, began = CpuMeter(), monotonic_ms()
    await send_events(system, puts((f"held-{n:08d}" for n in range(tasks)), YEARLY))
    await wait_until_held(system, tasks)
    await _until_projected(mongo, rate * PERIOD_SECONDS + tasks)
    spent, lasted = meter.spent(), (monotonic_ms() - began) / 1000
    held = await sampler.look()
    task_us = {name: max(0.0, spent[name] - rest[name] / 100 * lasted) * 1e6 / tasks for name in PROCESSES}
    full = await _restarted_ticker(system, copies, tasks)
    return UnitCosts(
        f"{describe_machine()}, {utc_now():%Y-%m-%d}",
        rate,
        tasks,
        run_us,
        task_us,
        rest,
        run_kafka,
        run_mongodb,
        (full.memory - bare.memory) / tasks,
        sum(_grown(held_before, held, f"topic/{name}") for name in OF_TASKS) / tasks,
        (await _disk_bytes(mongo, TASK_COLLECTIONS) - known) / tasks,
        (full.cpu_seconds - bare.cpu_seconds) * 1e6 / tasks,
    )


def _in_turn(rate: int) -> Iterator[dict[str, Any]]:
    """Events that create tasks of which `rate` are due in each second."""
    for second in range(PERIOD_SECONDS):
        schedule = {"every": f"PT{PERIOD_SECONDS}S", "anchor": f"2026-01-01T00:00:{second:02d}Z"}
        yield from puts((f"due-{second:02d}-{n:06d}" for n in range(rate)), schedule)


async def _percent(seconds: int) -> dict[str, float]:
    """Per cent of a core, by process."""
    meter, ends = CpuMeter(), soon(seconds)
    began = utc_now()
    await until(ends)
    lasted = (utc_now() - began) / timedelta(seconds=1)
    spent = meter.spent()
    return {name: spent[name] / lasted * 100 for name in PROCESSES}


class _Restarted(NamedTuple):
    """What a new ticker has used once it holds all that there is."""

    memory: int
    cpu_seconds: float


async def _restarted_ticker(system: System, copies: Path, tasks: int) -> _Restarted:
    """As one that takes over from another machine: without local copies of the state."""
    await system.stop("ticker")
    shutil.rmtree(copies, ignore_errors=True)
    await system.start("ticker")
    await wait_until_held(system, tasks)
    process = psutil.Process(system.pid("ticker"))
    times = process.cpu_times()
    return _Restarted(process.memory_info().rss, times.user + times.system)


async def _holds_none(system: System) -> bool:
    return await held_tasks(system) == 0


async def _until_projected(mongo: Mongo, count: int, which: Mapping[TaskField, Any] | None = None) -> None:
    async def are_there() -> bool:
        return await mongo.database["tasks"].count_documents(which or {}) >= count

    await eventually(are_there, f"{count:,} tasks in the log", PROJECTED_SECONDS)


async def _disk_bytes(mongo: Mongo, collections: Sequence[str]) -> float:
    """Of documents, as they are packed, and of their indexes, without what is free in their files; all that was written
    is on the disk."""
    await mongo.client.admin.command("fsync")
    used = 0.0
    for name in collections:
        found: dict[str, Any] = await mongo.database.command("collStats", name)
        for file in (found["wiredTiger"], *found["indexDetails"].values()):
            blocks: dict[str, float] = file["block-manager"]
            used += blocks["file size in bytes"] - blocks["file bytes available for reuse"]
    return used


def _grown(before: Mapping[str, float], after: Mapping[str, float], name: str) -> float:
    """Bytes."""
    return (after.get(name, 0.0) - before.get(name, 0.0)) * MB
