"""One of two tickers is gone for good: how late the other one is, with copies of what that one owned, and without."""

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measurement.due_observer import DueObserver, observe_due
from bench.measurement.stages import Stages
from bench.measurement.task_events import send_events
from bench.measurement.ticker_gauges import COPIED, held_tasks, read_series, wait_until_held
from bench.scenarios.emission import SECONDLY, puts
from tasker_core.topics import PARTITIONS
from tasker_devstack.isolated_system import System
from tasker_runtime.clock import SystemClock

HELD, RATE = 500_000, 100
YEARLY = {"cron": "0 0 29 2 *"}
ON_TIME_MS, PATIENCE_SECONDS, COPIED_SECONDS = 500, 120, 600
CLOCK = SystemClock()


async def takeover(system: System, scale: int) -> Stages:
    """Two tickers with disks of their own, 500,000 tasks held, 100 due a second; one is killed and stays away."""
    count = RATE + HELD // scale
    await send_events(system, puts((f"busy-{n:03d}" for n in range(RATE)), SECONDLY))
    await send_events(system, puts((f"held-{n:07d}" for n in range(HELD // scale)), YEARLY))
    await wait_until_held(system, count)
    found: Stages = {}
    for copied in (True, False):
        late = await _taken_over(system, count, copied=copied)
        name = "with copies" if copied else "without"
        found[f"{name}, nominal → committed reader, since the kill"] = late
        print(f"{name}: worst lateness {max(late):,.0f} ms", flush=True)
    return found


async def _taken_over(system: System, count: int, *, copied: bool) -> list[float]:
    """The lateness of what is due from the kill on, until all is on time again."""
    with TemporaryDirectory(prefix="tasker-state-") as folder:
        other = system.extra_process("ticker", {"TASKER_TICKER_STATE_DIR": folder})
        await other.start()
        try:
            async with observe_due(system.kafka, system.topic_prefix) as observer, asyncio.timeout(COPIED_SECONDS):
                await _until_shared_and_copied(system, count)
                await _settled(observer)
                if not copied:
                    shutil.rmtree(Path(system.settings["TASKER_TICKER_STATE_DIR"]))
                killed_at = CLOCK.now_ms()
                await other.kill()
                await wait_until_held(system, count)
                await _settled(observer, killed_at)
                return observer.lateness(killed_at - 1000, CLOCK.now_ms() - 2000)
        finally:
            await other.kill()


async def _until_shared_and_copied(system: System, count: int) -> None:
    """Wait until the one that will survive has half of the tasks, and a copy of all that was there then."""
    while not 0 < await held_tasks(system) < 2 * count // 3:
        await asyncio.sleep(0.2)
    since = CLOCK.now_ms() / 1000
    await send_events(system, puts((f"busy-{n:03d}" for n in range(RATE)), SECONDLY))  # so that each is copied anew
    while len(copies := await read_series(system, COPIED)) < PARTITIONS or min(copies) < since:
        await asyncio.sleep(0.5)


async def _settled(observer: DueObserver, since_ms: int = 0) -> None:
    """Wait until all that is due has come on time for three seconds. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            await asyncio.sleep(0.2)
            first = (CLOCK.now_ms() - 4_000) // 1000 * 1000
            late = observer.lateness(first, first + 3_000)
            if first > since_ms and len(late) == 3 * RATE and max(late) < ON_TIME_MS:
                return
