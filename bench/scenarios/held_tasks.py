"""What holding many tasks costs the ticker: CPU a tick, memory a task, and a cold start to the first on-time fire."""

import asyncio
import signal
from collections import Counter
from datetime import timedelta

import psutil

from bench.measurement.due_observer import DueObserver, observe_due
from bench.measurement.stages import Stages
from bench.measurement.task_events import send_events, soon, until
from bench.measurement.ticker_gauges import wait_until_held
from bench.scenarios.emission import puts
from tasker_devstack.isolated_system import System
from tasker_runtime.clock import SystemClock

SIZES = (10_000, 100_000, 1_000_000)
RATE, SECONDS = 100, 20
CLOCK = SystemClock()


async def held(system: System, scale: int) -> Stages:
    """10,000, 100,000 and 1,000,000 tasks held with 100 due a second: lateness, CPU, memory, cold start."""
    found: Stages = {}
    before = 0
    busy = [f"busy-{n:03d}" for n in range(RATE)]
    await send_events(system, puts(busy, {"cron": "* * * * * *"}))
    bare = psutil.Process(system.pid("ticker")).memory_info().rss
    for size in (size // scale for size in SIZES):
        yearly = (f"held-{n:08d}" for n in range(before, size))
        events = (
            {"type": "put", "task": {"id": name, "schedule": {"cron": f"{n % 60} {n // 60 % 24} 29 2 *"}}}
            for n, name in enumerate(yearly)
        )
        await send_events(system, events)
        await wait_until_held(system, size + RATE)
        before = size
        late, cpu = await _steady(system)
        memory = psutil.Process(system.pid("ticker")).memory_info().rss
        found[f"{size:,} held, nominal → committed reader"] = late
        print(f"\n{size:,} held: {cpu:.1f} ms of CPU a second, {(memory - bare) / size:,.0f} bytes a task", flush=True)
        first, whole = await _cold_start(system, size)
        print(
            f"{size:,} held: cold start after kill -9, first on-time fire {first:.1f} s, all {whole:.1f} s", flush=True
        )
    return found


async def _steady(system: System) -> tuple[list[float], float]:
    """Lateness over some seconds, and milliseconds of CPU a second meanwhile."""
    ticker = psutil.Process(system.pid("ticker"))
    async with observe_due(system.kafka, system.topic_prefix) as observer:
        async with asyncio.timeout(900):  # until all that was sent is taken in and the second is kept again
            while not (recent := _recent(observer.lateness(CLOCK.now_ms() - 3000, CLOCK.now_ms() - 1000))):
                await asyncio.sleep(1)
        assert recent
        began = soon(2)
        await until(began)
        first = ticker.cpu_times()
        await until(began + timedelta(seconds=SECONDS))
        last = ticker.cpu_times()
        await asyncio.sleep(1)
        since = int(began.timestamp() * 1000)
        late = observer.lateness(since, since + SECONDS * 1000)
    return late, (last.user + last.system - first.user - first.system) * 1000 / SECONDS


def _recent(late: list[float]) -> bool:
    return len(late) == 2 * RATE and max(late) < 500


async def _cold_start(system: System, size: int) -> tuple[float, float]:
    """Seconds from a kill -9 with a restart to the first run that is at most half a second late, and to the first
    second in which all are."""
    async with observe_due(system.kafka, system.topic_prefix) as observer:
        began = CLOCK.now_ms()
        await system.restart("ticker", signal.SIGKILL)
        await wait_until_held(system, size + RATE)
        async with asyncio.timeout(300):
            while not (whole := _whole_second(observer, began)):
                await asyncio.sleep(0.1)
    on_time = [at for nominal, at in observer.seen.values() if nominal > began and at - nominal < 500]
    await system.wait_ready("ticker")
    return (min(on_time) - began) / 1000, (whole - began) / 1000


def _whole_second(observer: DueObserver, since_ms: int) -> int:
    """The first second (epoch milliseconds) all of whose runs were on time; 0 when there is none yet."""
    counts = Counter(nominal for nominal, at in observer.seen.values() if nominal > since_ms and at - nominal < 500)
    return min((nominal for nominal, count in counts.items() if count == RATE), default=0)
