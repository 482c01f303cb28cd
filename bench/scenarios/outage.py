"""An outage of an hour: what is due now keeps its second while what was due meanwhile is worked off or recorded.

Nobody waits for the hour: the tasks are taken in by a ticker whose clock is an hour behind, and then it is stopped.
"""

import asyncio
from collections import Counter

from prometheus_client import generate_latest

from bench.measurement.due_observer import observe_due
from bench.measurement.stages import Stages
from bench.measurement.task_events import send_events, soon, until
from bench.measurement.ticker_gauges import BACKGROUND_GAPS, HELD_TASKS, gauge_total, read_gauge, wait_until_held
from bench.scenarios.emission import SECONDLY, puts
from tasker_devstack.isolated_system import System
from tasker_runtime.clock import SystemClock
from tasker_ticker.testing.ticker_harness import SkewedClock, TickerHarness

HOUR_MS = 3_600_000
MINUTELY, SECONDLY_TASKS = 100_000, 100
CLOCK = SystemClock()


async def outage(system: System, scale: int) -> Stages:
    """100,000 minutely tasks and 100 secondly ones after an hour without a ticker: the live lane meanwhile."""
    minutely = [f"minutely-{n:06d}" for n in range(MINUTELY // scale)]
    secondly = [f"secondly-{n:03d}" for n in range(SECONDLY_TASKS)]
    await system.stop()
    async with TickerHarness(system.kafka, system.topic_prefix).running_ticker(clock=SkewedClock(-HOUR_MS)):
        await send_events(system, puts(secondly, SECONDLY))
        await send_events(system, puts(minutely, {"cron": "* * * * *"}))
        async with asyncio.timeout(600):
            while gauge_total(generate_latest().decode(), HELD_TASKS) < len(minutely) + len(secondly):
                await asyncio.sleep(0.2)
    async with observe_due(system.kafka, system.topic_prefix, "due-tasks") as live:
        async with observe_due(system.kafka, system.topic_prefix, "due-background") as background:
            await until(soon(60).replace(second=20))
            began = CLOCK.now_ms()
            await system.start("ticker")
            await wait_until_held(system, len(minutely) + len(secondly))
            recovered = CLOCK.now_ms()
            async with asyncio.timeout(900):
                while gaps := await read_gauge(system, BACKGROUND_GAPS):
                    await asyncio.sleep(0.2)
            caught_up = CLOCK.now_ms()
            await until(soon(65).replace(second=10))
            ended = CLOCK.now_ms() - 3_000
        first = -(-recovered // 1000) * 1000
        late_runs = len(background.seen)
        assert not gaps
    print(
        f"\nrestored after {(recovered - began) / 1000:.1f} s, the hour worked off after "
        f"{(caught_up - recovered) / 1000:.1f} s more: {late_runs:,} late runs, the rest recorded as missed",
        flush=True,
    )
    end = ended // 1000 * 1000
    count = Counter(nominal for nominal, _ in live.seen.values() if first <= nominal < end)
    expected = {s: SECONDLY_TASKS + (0 if s % 60_000 else len(minutely)) for s in range(first, end, 1000)}
    if count != expected or live.repeats or background.repeats:
        wrong = {s: count[s] for s in count.keys() | expected.keys() if count[s] != expected.get(s)}
        raise ValueError(f"seconds with a wrong number of runs: {wrong}; {live.repeats + background.repeats} twice")
    return {
        "each second, while the hour is worked off": live.lateness(first, caught_up),
        "each second, and the minute, afterwards": live.lateness(caught_up, end),
    }
