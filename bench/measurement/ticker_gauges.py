"""Gauges of the ticker, by its own metrics."""

import asyncio

import httpx

from tasker_devstack.isolated_system import System
from tasker_devstack.processes.ports import HOST

HELD_TASKS, BACKGROUND_GAPS = "tasker_ticker_held_tasks", "tasker_ticker_background_gaps"
COPIED = "tasker_ticker_state_copied_timestamp_seconds"
SECONDS = 900


def gauge_total(exposed: str, metric: str) -> int:
    """A gauge over all partitions, in the text that is exposed to Prometheus."""
    return sum(map(int, gauge_series(exposed, metric)))


def gauge_series(exposed: str, metric: str) -> list[float]:
    """A gauge of each partition that has it."""
    return [float(line.rsplit(" ", 1)[1]) for line in exposed.splitlines() if line.startswith(metric + "{")]


async def read_gauge(system: System, metric: str) -> int:
    """A gauge of the ticker over all partitions; 0 while it does not answer."""
    return sum(map(int, await read_series(system, metric)))


async def read_series(system: System, metric: str) -> list[float]:
    """A gauge of the ticker of each partition; none while it does not answer."""
    try:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            answer = await client.get(f"http://{HOST}:{system.metrics_ports['ticker']}/metrics")
    except httpx.TransportError:
        return []
    return gauge_series(answer.text, metric)


async def held_tasks(system: System) -> int:
    """The tasks held in all partitions."""
    return await read_gauge(system, HELD_TASKS)


async def wait_until_held(system: System, count: int) -> None:
    """Wait until so many tasks are held: all that was sent is applied."""
    async with asyncio.timeout(SECONDS):
        while (held := await held_tasks(system)) < count:
            await asyncio.sleep(0.2)
    if held > count:
        raise ValueError(f"{held} tasks are held, not {count}")
