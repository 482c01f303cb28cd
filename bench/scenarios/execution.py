"""The executor: runs a second into the log, a full second logged in time, and on time beside runs that hang."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
from aiohttp import web

from bench.measurement.cpu import CpuMeter
from bench.measurement.due_runs import due_run
from bench.measurement.stages import Stages
from bench.measurement.task_events import send_events, soon, until
from bench.scenarios.emission import ONCE_AND_YEARLY, puts
from tasker_core.ids import run_id
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Policy
from tasker_core.time.instant import rfc3339
from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_devstack.isolated_system import System
from tasker_runtime.clock import SystemClock, utc_now
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.mongo import Mongo

LOAD, AT_ONCE = 100_000, 200_000
HANGING, BESIDE, SECONDS = 50, 100, 30
STEADY = 1_000
STAGES = ("received_at", "started_at", "finished_at", "logged_at")


async def executor(system: System, scale: int) -> Stages:
    """100,000 runs of `default` that lie ready: from the first start to each stage, and runs a second into MongoDB."""
    count = LOAD // scale
    await _prepare(system, count)
    meter = CpuMeter()
    await system.start("executor")
    runs = await _logged(system, count, 300)
    print(f"\n{meter.each(count)}")
    first, last = min(run["started_at"] for run in runs), max(run["logged_at"] for run in runs)
    over = max(run["finished_at"] for run in runs)
    executed = count / (over - first).total_seconds()
    print(f"\n{count:,} runs: {executed:,.0f}/s executed, {count / (last - first).total_seconds():,.0f}/s logged")
    return {f"first start → {stage[:-3]}": [_ms(first, run[stage]) for run in runs] for stage in STAGES[1:]}


async def logged_at_once(system: System, scale: int) -> Stages:
    """200,000 due in the same second, `default`, one-time and recurring: to each stage; all logged within 10 s."""
    count, found = AT_ONCE // scale, Stages()
    for kind, schedule in ONCE_AND_YEARLY.items():
        due = soon(40 + count // 2_000)
        await send_events(system, puts((f"{kind}-{n:07d}" for n in range(count)), schedule(due)))
        if utc_now() + timedelta(seconds=3) >= due:
            raise TimeoutError("the tasks were not saved before they were due: this machine is too slow for this size")
        await until(due - timedelta(seconds=1))
        meter = CpuMeter()
        await until(due + timedelta(seconds=4))
        runs = await _logged(system, count, 120, {"effective_at": due}, others=len(found) // len(STAGES) * count)
        late = sum(_ms(due, run["logged_at"]) > 10_000 for run in runs)
        print(f"\n{kind}: {late:,} of {count:,} due in one second logged later than 10 s; {meter.each(count)}")
        found |= {f"{kind}, nominal → {stage[:-3]}": [_ms(due, run[stage]) for run in runs] for stage in STAGES}
    return found


async def logged_steadily(system: System, scale: int) -> Stages:
    """1,000 tasks due every second, `default`, for half a minute: small batches over all partitions, to each stage."""
    seconds, names = max(5, SECONDS // scale), [f"steady-{n:04d}" for n in range(STEADY)]
    tasks = ({"id": name, "schedule": {"cron": "* * * * * *"}} for name in names)
    await send_events(system, ({"type": "put", "task": task} for task in tasks))
    began = soon(5)
    await until(began)
    meter = CpuMeter()
    await until(began + timedelta(seconds=seconds))
    print(f"\n{meter.each(STEADY * seconds)}")
    await send_events(system, ({"type": "delete", "task_id": name} for name in names))
    wanted = {"nominal_at": {"$gte": began, "$lt": began + timedelta(seconds=seconds)}}
    runs = await _logged(system, len(names) * seconds, 30, wanted)
    return {f"nominal → {stage[:-3]}": [_ms(r["nominal_at"], r[stage]) for r in runs] for stage in STAGES}


async def hanging(system: System, scale: int) -> Stages:
    """100 tasks due every second, half of them `curl`, while 50 other runs hang in their slots: nominal to start."""
    seconds = max(5, SECONDS // scale)
    async with _servers() as (hangs, answers):
        stuck = [f"stuck-{n:02d}" for n in range(HANGING)]
        calls = {"handler": "curl", "payload": hangs, "timeout": "PT10M", "overlap": "skip"}
        await send_events(
            system, ({"type": "put", "task": {"id": n, "schedule": {"every": "PT1H"}} | calls} for n in stuck)
        )
        await send_events(system, ({"type": "trigger", "task_id": name} for name in stuck))
        names = [f"beside-{n:03d}" for n in range(BESIDE)]
        curl = {"handler": "curl", "payload": answers}
        tasks = ({"id": name, "schedule": {"cron": "* * * * * *"}} for name in names)
        await send_events(system, ({"type": "put", "task": t | (curl if n % 2 else {})} for n, t in enumerate(tasks)))
        began = soon(5)
        await until(began + timedelta(seconds=seconds + 3))
        await send_events(system, ({"type": "delete", "task_id": name} for name in names))
        wanted = {"nominal_at": {"$gte": began, "$lt": began + timedelta(seconds=seconds)}, "task_name": {"$in": names}}
        runs = await _logged(system, len(names) * seconds, 30, wanted)
        mongo = Mongo(MongoConnection(system.mongodb_url))
        busy = await mongo.database.runs.count_documents({"state": "running"})
        mongo.client.close()
    if busy != HANGING:
        raise ValueError(f"{busy} runs hung, expected {HANGING}")
    return {
        f"{handler}, nominal → {stage[:-3]}": [_ms(r["nominal_at"], r[stage]) for r in runs if r["handler"] == handler]
        for handler in ("default", "curl")
        for stage in STAGES[1:]
    }


async def _prepare(system: System, count: int) -> None:
    """Runs of `default`, each of a task of its own, in the due topic."""
    sender, topic = RecordProducer(KafkaConnection(system.kafka)), Topics(system.topic_prefix)["due-tasks"]
    at = rfc3339(SystemClock().now_ms())
    waiting = list[Any]()
    for task_id, value in _runs(count, at):
        home = partition_of(task_id, PARTITIONS)
        waiting.append(sender.send(topic, value, key=task_id.encode(), partition=home, seconds=60))
        if len(waiting) == 1_000:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    await sender.stop()


def _runs(count: int, at: str) -> Iterator[tuple[str, bytes]]:
    for n in range(count):
        task_id = f"load-{n:07d}"
        run = due_run(
            run_id(task_id, 1, "scheduled", n), task_id, at, payload=msgspec.Raw(b'{"report":"daily"}'), policy=Policy()
        )
        yield task_id, encode(run)


async def _logged(
    system: System, count: int, seconds: float, wanted: dict[str, Any] | None = None, others: int = 0
) -> list[dict[str, Any]]:
    """The documents of the runs that are wanted, once there are `count` final ones beside `others`.

    Raises TimeoutError, or ValueError when there are more or some did not succeed.
    """
    mongo = Mongo(MongoConnection(system.mongodb_url))
    try:
        collection, wanted = mongo.database.runs, (wanted or {}) | {"finished_at": {"$ne": None}}
        async with asyncio.timeout(seconds):
            # It costs nothing: what is measured goes on.
            while await collection.estimated_document_count() < others + count:
                await asyncio.sleep(0.2)
            while await collection.count_documents(wanted) < count:
                await asyncio.sleep(0.5)
        found = await collection.find(wanted, dict.fromkeys((*STAGES, "nominal_at", "handler", "state"), 1)).to_list(
            None
        )
    finally:
        mongo.client.close()
    bad = sum(run["state"] != "succeeded" for run in found)
    if len(found) != count or bad:
        raise ValueError(f"{len(found)} runs, {bad} not succeeded, expected {count}")
    return found


def _ms(first: datetime, then: datetime) -> float:
    return (then - first).total_seconds() * 1000


@asynccontextmanager
async def _servers() -> AsyncGenerator[tuple[str, str]]:
    """The URLs of a server that never answers, and of one that does at once."""
    over = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await over.wait()
        return web.Response()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="done")

    runners, urls = list[web.AppRunner](), list[str]()
    for handler in (hang, answer):
        app = web.Application()
        app.router.add_get("/", handler)
        runners.append(web.AppRunner(app, access_log=None, shutdown_timeout=0.1))
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        urls.append(f"http://127.0.0.1:{runners[-1].addresses[0][1]}/")
    try:
        yield urls[0], urls[1]
    finally:
        over.set()
        await asyncio.gather(*(runner.cleanup() for runner in runners))
