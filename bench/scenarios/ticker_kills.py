"""kill -9 of one of two tickers, again and again: what became of every second, judged from the topics as they are."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable

from bench.measurement.due_observer import DueObserver, observe_due
from bench.measurement.stages import Stages
from bench.measurement.task_events import send_events
from bench.measurement.ticker_gauges import wait_until_held
from bench.scenarios.emission import SECONDLY, puts
from tasker_devstack.isolated_system import System
from tasker_devstack.occurrence_audit import audit, read_records
from tasker_devstack.processes.child_process import ChildProcess
from tasker_runtime.clock import SystemClock

HELD, RATE, KILLS = 100_000, 100, 20
SETTLED_SECONDS, ON_TIME_MS, PATIENCE_SECONDS = 3, 500, 90
CLOCK = SystemClock()


async def kill(system: System, scale: int) -> Stages:
    """Two tickers, 100,000 tasks held, 100 due a second; 20 times one of the two is killed and started again."""
    busy = [f"busy-{n:03d}" for n in range(RATE)]
    await send_events(system, puts(busy, SECONDLY))
    await send_events(system, puts((f"held-{n:07d}" for n in range(HELD // scale)), {"cron": "0 0 29 2 *"}))
    await wait_until_held(system, RATE + HELD // scale)
    second = system.extra_process("ticker")
    await second.start()
    try:
        return await _killed(system, second, busy, max(2, KILLS // scale))
    finally:
        await second.stop()


async def _killed(system: System, second: ChildProcess, busy: list[str], kills: int) -> Stages:
    async def first_again() -> None:
        await system.restart("ticker", signal.SIGKILL)

    async def second_again() -> None:
        await second.kill()
        await second.start()

    victims: list[Callable[[], Awaitable[None]]] = [first_again, second_again]
    worst = list[float]()
    async with observe_due(system.kafka, system.topic_prefix) as observer:
        await _settled(observer)
        began = CLOCK.now_ms() // 1000
        for _ in range(kills):
            await asyncio.sleep(random.random())
            killed_at = CLOCK.now_ms()
            await random.choice(victims)()
            await _settled(observer, killed_at)
            worst.append(max(observer.lateness(killed_at - 1000, CLOCK.now_ms() - 1000)))
            print(f"killed: worst lateness {worst[-1]:,.0f} ms", flush=True)
        last = CLOCK.now_ms() // 1000 - 2
        seen = observer.lateness(began * 1000, last * 1000 + 1)
    found = await read_records(system.kafka, system.topic_prefix, task_ids=set(busy))
    report = audit(found, dict.fromkeys(busy, range(began, last + 1)), whole=False)
    print(
        f"{kills} kills, {len(busy)} tasks, {last - began + 1} seconds: {report.runs:,} runs, {report.missed} missed, "
        f"{len(report.violations)} wrong, worst lateness {report.worst_ms:,} ms by the broker's timestamps"
    )
    if report.violations or report.missed:
        raise ValueError("; ".join(report.violations[:5]) or f"{report.missed} missed")
    return {"worst lateness after each kill": worst, "every run, nominal → committed reader": seen}


async def _settled(observer: DueObserver, since_ms: int = 0) -> None:
    """Wait until all that is due comes on time again, for some seconds on end. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            await asyncio.sleep(0.2)
            now = CLOCK.now_ms()
            first = now - 1000 * (SETTLED_SECONDS + 1)
            first -= first % 1000
            late = observer.lateness(first, first + 1000 * SETTLED_SECONDS)
            # after a kill its consequences come first: the group waits for the killed one's session to end
            if first > since_ms and len(late) == RATE * SETTLED_SECONDS and max(late) < ON_TIME_MS:
                return
