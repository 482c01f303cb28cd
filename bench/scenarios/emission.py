"""The ticker alone: from the nominal second to a committed reader, beside the bare floor of the same run."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import psutil

from bench.arrivals import following
from bench.events import send, soon, until
from bench.held import held_by, taken_in
from bench.tick_floor import ticks
from tasker_devstack.system import System
from tasker_runtime.clock import utc_now

Stages = dict[str, list[float]]
RATES, SECONDS = (1, 100, 1_000), 30
BURST = 100_000
SECONDLY = {"cron": "* * * * * *"}
ONCE_AND_YEARLY: dict[str, Callable[[datetime], dict[str, Any]]] = {
    "one-time": lambda due: {"at": due.isoformat()},
    "recurring": lambda due: {"cron": f"{due.second} {due.minute} {due.hour} {due.day} {due.month} *"},
}


def puts(names: Iterable[str], schedule: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Events that create tasks."""
    return ({"type": "put", "task": {"id": name, "schedule": schedule}} for name in names)


async def rates(system: System, scale: int) -> Stages:
    """Idle lateness at 1, 100 and 1,000 fires a second: the bare floor sent at the second, prepared, and the ticker."""
    found: Stages = {}
    seconds = max(5, SECONDS // scale)
    for rate in RATES:
        for prepared in (False, True):
            name = f"{rate}/s, floor {'prepared' if prepared else 'sent at the second'}"
            found[name] = await ticks(system.kafka, system.topic_prefix, rate, seconds, prepared=prepared)
        names = [f"rate-{rate}-{n:05d}" for n in range(rate)]
        async with following(system.kafka, system.topic_prefix) as arrivals:
            await send(system, puts(names, SECONDLY))
            began = soon(5)
            await until(began + timedelta(seconds=seconds + 2))
            since = int(began.timestamp() * 1000)
            late = arrivals.lateness(since, since + seconds * 1000)
        await send(system, ({"type": "delete", "task_id": name} for name in names))
        if len(late) != rate * seconds or arrivals.repeats:
            raise ValueError(f"{len(late)} of {rate * seconds} fires arrived, {arrivals.repeats} twice")
        found[f"{rate}/s, ticker"] = late
    return found


async def due_at_once(system: System, scale: int) -> Stages:
    """100,000 due in the same second, one-time and recurring: from that second to each arrival; ticker CPU per fire."""
    count, found = BURST // scale, Stages()
    for kind, schedule in ONCE_AND_YEARLY.items():
        found[f"{kind} → committed reader"] = await _together(system, count, schedule, kind)
    return found


async def _together(
    system: System, count: int, schedule: Callable[[datetime], dict[str, Any]], kind: str
) -> list[float]:
    ticker, before = psutil.Process(system.pid("ticker")), await held_by(system)
    due = soon(20 + count // 2_500)
    async with following(system.kafka, system.topic_prefix) as arrivals:
        await send(system, puts((f"{kind}-{n:07d}" for n in range(count)), schedule(due)))
        await taken_in(system, before + count)
        if utc_now() + timedelta(seconds=3) >= due:
            raise TimeoutError("the tasks were not saved before they were due: this machine is too slow for this size")
        await until(due - timedelta(seconds=2))
        began = ticker.cpu_times()
        async with asyncio.timeout(60):
            while len(arrivals.seen) < count:
                await asyncio.sleep(0.1)
        ended = ticker.cpu_times()
        since = int(due.timestamp() * 1000)
        late = arrivals.lateness(since, since + 1000)
    if len(late) != count or arrivals.repeats:
        raise ValueError(f"{len(late)} of {count} fires arrived, {arrivals.repeats} twice")
    used = ended.user + ended.system - began.user - began.system
    print(f"\n{kind}: {used * 1e6 / count:.1f} µs of ticker CPU a fire", flush=True)
    return late
