"""The run itself: backends, a system, load, samples, audits, and their end in that order."""

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.measurement.own_system import own_system
from bench.scenarios.http_calls import http_target
from bench.soak.audits import SETTLED_SECONDS, Audits
from bench.soak.retention import Retention
from bench.soak.sample_file import SampleFile
from bench.soak.sampling import Sampler
from bench.soak.tasks import TaskCounts, TaskProducer
from tasker_devstack.isolated_system import System
from tasker_devstack.paths import SERVICES
from tasker_runtime.clock import SystemClock
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo, PyMongoError


class SoakPlan(NamedTuple):
    """How long, how many runs a second, and where data and samples are kept."""

    seconds: float
    rate: int
    folder: Path

    @property
    def retention(self) -> Retention:
        """An eighth of the time: removed is as much as comes, long before the half that is judged."""
        return Retention(max(90, int(self.seconds / 8)))

    @property
    def sample_seconds(self) -> float:
        """A minute; of a short run so many that there is something to judge."""
        return min(60.0, max(5.0, self.seconds / 30))


async def soak(plan: SoakPlan, file: SampleFile) -> list[str]:
    """Run it; returns what was wrong besides what is noted already.

    Raises DevstackError, KafkaError, PyMongoError, TimeoutError.
    """
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, _stop_once, stopped)
    for one in plan.retention.describe():
        print(f"shortened: {one}" if not one.startswith("not ") else one, flush=True)
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(
            own_system(
                plan.folder,
                "soak",
                lambda one: plan.retention.create_topics(one.connection, one.topic_prefix),
                plan.retention.broker_settings(),
            )
        )
        mongo = Mongo(MongoConnection(system.mongodb_url), 10)
        stack.callback(mongo.close)
        await plan.retention.shorten_documents(mongo)
        url = await stack.enter_async_context(http_target())
        counts = TaskCounts.of_rate(plan.rate)
        print(f"tasks: {counts}", flush=True)
        producer = TaskProducer(system, counts)
        await producer.start()
        stack.push_async_callback(producer.stop)
        begin_ms = SystemClock().now_ms()
        audits = Audits(system, mongo, plan.retention, file, begin_ms)
        await producer.make_standing(url)
        sampler = Sampler(system, mongo, plan.folder)
        work = [asyncio.create_task(one) for one in (producer.make_one_time_tasks(), audits.follow())]
        try:
            await _sample(plan, file, sampler, audits, stopped, work)
        finally:
            for one in work:
                one.cancel()
            ended = await asyncio.gather(*work, return_exceptions=True)
        failed = [f"{type(one).__name__}: {one}" for one in ended if isinstance(one, Exception)]
        print("the load has ended; the last slice is audited", file=sys.stderr, flush=True)
        await producer.end_standing()
        await asyncio.sleep(SETTLED_SECONDS)
        await audits.audit()
        return [*failed, *_died(system)]


async def _sample(
    plan: SoakPlan,
    file: SampleFile,
    sampler: Sampler,
    audits: Audits,
    stopped: asyncio.Event,
    work: list[asyncio.Task[None]],
) -> None:
    """Sample until the time is over, somebody wants the end, or the load can't go on."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    ending = asyncio.create_task(stopped.wait())
    count = 0
    while (now := loop.time() - began) < plan.seconds:
        count += 1
        until = min(plan.seconds, count * plan.sample_seconds)
        ended, _ = await asyncio.wait([ending, *work], timeout=until - now, return_when=asyncio.FIRST_COMPLETED)
        if ended:
            break
        try:
            values = await sampler.look()
        except PyMongoError as error:
            print(f"no sample: MongoDB: {error}", file=sys.stderr, flush=True)
            continue
        at = loop.time() - began
        file.add("sample", at, values)
        print(_progress(plan, at, values, sampler, audits), file=sys.stderr, flush=True)
    ending.cancel()


def _progress(plan: SoakPlan, at: float, values: dict[str, float], sampler: Sampler, audits: Audits) -> str:
    late = ", ".join(f"{name} {values.get(f'{name}/nominal → logged', 0):,.0f}" for name in ("p50", "p99", "max"))
    memory = sum(value for name, value in values.items() if name.startswith("memory/"))
    return (
        f"{at / 60:.1f} of {plan.seconds / 60:.0f} min: {sampler.runs:,} runs logged "
        f"(+{values['runs/logged']:,.0f}), late {late} ms, memory {memory:,.0f} MB, "
        f"Kafka {values['disk/kafka']:,.0f} MB, "
        f"MongoDB {values['disk/mongodb but its oplog']:,.0f} MB; audited to {audits.until}, "
        f"{audits.wrong} not right"
    )


def _stop_once(stopped: asyncio.Event) -> None:
    """The first Ctrl-C ends it with all that is due, the second one at once."""
    asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
    print("\nending; Ctrl-C again ends it at once", file=sys.stderr, flush=True)
    stopped.set()


def _died(system: System) -> list[str]:
    """Nothing starts a service again here: that one ends is no small matter."""
    ended = [service for service in SERVICES if not psutil.pid_exists(system.pid(service))]
    return [f"{service} has ended: {system.log(service)[-500:]}" for service in ended]
