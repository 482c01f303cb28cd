"""The ticker alone: from the nominal second to a committed reader, beside the bare floor of the same run."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import psutil

from bench.measurement.due_observer import observe_due
from bench.measurement.stages import Stages
from bench.measurement.task_events import send_events, soon, until
from bench.measurement.ticker_gauges import held_tasks, wait_until_held
from bench.measurement.transactional_ticks import transactional_ticks
from tasker_devstack.isolated_system import System
from tasker_runtime.clock import utc_now

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
            found[name] = await transactional_ticks(system.kafka, system.topic_prefix, rate, seconds, prepared=prepared)
        names = [f"rate-{rate}-{n:05d}" for n in range(rate)]
        async with observe_due(system.kafka, system.topic_prefix) as observer:
            await send_events(system, puts(names, SECONDLY))
            began = soon(5)
            await until(began + timedelta(seconds=seconds + 2))
            since = int(began.timestamp() * 1000)
            late = observer.lateness(since, since + seconds * 1000)
        await send_events(system, ({"type": "delete", "task_id": name} for name in names))
        if len(late) != rate * seconds or observer.repeats:
            raise ValueError(f"{len(late)} of {rate * seconds} fires arrived, {observer.repeats} twice")
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
    ticker, before = psutil.Process(system.pid("ticker")), await held_tasks(system)
    due = soon(20 + count // 2_500)
    async with observe_due(system.kafka, system.topic_prefix) as observer:
        await send_events(system, puts((f"{kind}-{n:07d}" for n in range(count)), schedule(due)))
        await wait_until_held(system, before + count)
        if utc_now() + timedelta(seconds=3) >= due:
            raise TimeoutError("the tasks were not saved before they were due: this machine is too slow for this size")
        await until(due - timedelta(seconds=2))
        began = ticker.cpu_times()
        async with asyncio.timeout(60):
            while len(observer.seen) < count:
                await asyncio.sleep(0.1)
        ended = ticker.cpu_times()
        since = int(due.timestamp() * 1000)
        late = observer.lateness(since, since + 1000)
    if len(late) != count or observer.repeats:
        raise ValueError(f"{len(late)} of {count} fires arrived, {observer.repeats} twice")
    used = ended.user + ended.system - began.user - began.system
    print(f"\n{kind}: {used * 1e6 / count:.1f} µs of ticker CPU a fire", flush=True)
    return late
