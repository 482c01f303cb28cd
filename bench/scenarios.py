"""What is measured: each scenario brings its own tasks, and answers with stage → milliseconds."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bench.floor import round_trips
from bench.log import Log, stages
from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_devstack.system import System
from tasker_runtime.clock import utc_now
from tasker_runtime.kafka import Sender

Stages = dict[str, list[float]]
Scenario = Callable[[System, int], Awaitable[Stages]]
IDLE_SECONDS, IDLE_RATE, BURST = 60, 100, 10_000


async def send(system: System, events: Iterable[dict[str, Any]]) -> None:
    """Produce task events as any Kafka client does, some hundred at a time."""
    sender, topic = Sender(system.kafka), Topics(system.topic_prefix)["task-events"]

    async def one(event: dict[str, Any]) -> None:
        task = event["task"]["id"] if "task" in event else event["task_id"]
        home = partition_of(task, PARTITIONS)
        await sender.send(topic, msgspec.json.encode(event), key=task.encode(), partition=home, seconds=60)

    waiting: list[Awaitable[None]] = []
    for event in events:
        waiting.append(one(event))
        if len(waiting) == 500:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    await sender.stop()


async def floor(system: System, _scale: int) -> Stages:
    """A bare record through the same broker, to compare with."""
    return {"send → read": await round_trips(system.kafka, system.topic_prefix)}


async def idle(system: System, scale: int) -> Stages:
    """100 tasks due every second, for 60 seconds."""
    names, log = [f"idle-{n:04d}" for n in range(IDLE_RATE // scale)], Log(system)
    await send(system, ({"type": "put", "task": {"id": n, "schedule": {"cron": "* * * * * *"}}} for n in names))
    began, length = soon(5), timedelta(seconds=IDLE_SECONDS // scale)
    await until(began + length)
    await send(system, ({"type": "delete", "task_id": name} for name in names))
    count = len(names) * (IDLE_SECONDS // scale)
    runs = [r for r in await log.runs(began, count, 60) if at(r) < began + length]
    await log.close()
    complete(runs, count)
    return stages(runs)


async def burst(system: System, scale: int) -> Stages:
    """10,000 tasks due in the same second."""
    count, due, log = BURST // scale, soon(30 // scale + 10), Log(system)
    schedule = {"at": due.isoformat()}
    await send(system, ({"type": "put", "task": {"id": f"burst-{n:06d}", "schedule": schedule}} for n in range(count)))
    if utc_now() >= due:
        raise TimeoutError("the tasks were not saved before they were due: this machine is too slow for the scenario")
    await until(due)
    runs = await log.runs(due, count, 120)
    await log.close()
    complete(runs, count)
    return stages(runs)


SCENARIOS: dict[str, Scenario] = {"floor": floor, "idle": idle, "burst": burst}


def soon(seconds: int) -> datetime:
    """A whole second, this many seconds from now."""
    return (utc_now() + timedelta(seconds=seconds)).replace(microsecond=0)


def at(run: dict[str, Any]) -> datetime:
    """The nominal time of a run."""
    return datetime.fromisoformat(run["nominal_at"]).astimezone(UTC)


async def until(instant: datetime) -> None:
    """Wait for an instant."""
    await asyncio.sleep(max(0.0, (instant - utc_now()).total_seconds()))


def complete(runs: list[dict[str, Any]], count: int) -> None:
    """A figure of an incomplete run is none. Raises ValueError."""
    ids, bad = {run["id"] for run in runs}, [run for run in runs if run["state"] != "succeeded"]
    if len(ids) != count or len(runs) != count or bad:
        raise ValueError(f"{len(runs)} runs, {len(ids)} distinct, {len(bad)} not succeeded, expected {count}")
