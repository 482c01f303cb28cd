"""How many tasks a ticker holds, as its own metrics say."""

import asyncio

import httpx

from tasker_devstack.ports import HOST
from tasker_devstack.system import System

SECONDS = 900


async def held_by(system: System) -> int:
    """The tasks held in all partitions; none while the ticker does not answer."""
    try:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            text = (await client.get(f"http://{HOST}:{system.metrics_ports['ticker']}/metrics")).text
    except httpx.TransportError:
        return 0
    lines = (line for line in text.splitlines() if line.startswith("tasker_ticker_held_tasks{"))
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines)


async def taken_in(system: System, count: int) -> None:
    """Wait until so many tasks are held: all that was sent is taken in."""
    async with asyncio.timeout(SECONDS):
        while (held := await held_by(system)) < count:
            await asyncio.sleep(0.2)
    if held > count:
        raise ValueError(f"{held} tasks are held, not {count}")
