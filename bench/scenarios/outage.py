"""An outage of an hour: what is due now keeps its second while what was due meanwhile is worked off or recorded.

Nobody waits for the hour: the tasks are taken in by a ticker whose clock is an hour behind, and then it is stopped.
"""

import asyncio
from collections import Counter

from prometheus_client import generate_latest

from bench.arrivals import following
from bench.emission import SECONDLY, Stages, puts
from bench.events import send, soon, until
from bench.held import GAPS, HELD, taken_in, told, total
from tasker_devstack.system import System
from tasker_runtime.clock import SystemClock
from tasker_ticker.trial import SetClock, Trial

HOUR_MS = 3_600_000
MINUTELY, SECONDLY_TASKS = 100_000, 100
CLOCK = SystemClock()


async def outage(system: System, scale: int) -> Stages:
    """100,000 minutely tasks and 100 secondly ones after an hour without a ticker: the live lane meanwhile."""
    minutely = [f"minutely-{n:06d}" for n in range(MINUTELY // scale)]
    secondly = [f"secondly-{n:03d}" for n in range(SECONDLY_TASKS)]
    await system.stop()
    async with Trial(system.kafka, system.topic_prefix).ticking(clock=SetClock(-HOUR_MS)):
        await send(system, puts(secondly, SECONDLY))
        await send(system, puts(minutely, {"cron": "* * * * *"}))
        async with asyncio.timeout(600):
            while total(generate_latest().decode(), HELD) < len(minutely) + len(secondly):
                await asyncio.sleep(0.2)
    async with following(system.kafka, system.topic_prefix, "due-tasks") as live:
        async with following(system.kafka, system.topic_prefix, "due-background") as background:
            await until(soon(60).replace(second=20))
            began = CLOCK.now_ms()
            await system.start("ticker")
            await taken_in(system, len(minutely) + len(secondly))
            recovered = CLOCK.now_ms()
            async with asyncio.timeout(900):
                while gaps := await told(system, GAPS):
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
