"""Many tasks at once: 100,000 imported, paused by one request, and that undone; and single tasks created beside it."""

import asyncio
import json
import sys
from time import monotonic
from typing import Any, Final

import httpx
import psutil

from bench.measurement.cpu import CpuMeter
from bench.measurement.stages import Stages
from tasker_devstack.isolated_system import System

TASKS: Final = 100_000
CREATE_SECONDS: Final = 0.25
LOOK_SECONDS: Final = 0.5
FOLLOW_SECONDS: Final = 1_200
LINES: Final = {"content-type": "application/x-ndjson"}


async def many_tasks(system: System, scale: int) -> Stages:
    """An import of 100,000 tasks (plan, apply), a bulk pause of them and its undo, with single creates beside."""
    count, stages = TASKS // scale, dict[str, list[float]]()
    file = b"".join(_line(number) for number in range(count))
    async with system.client(seconds=600) as client:
        began = monotonic()
        plan = (await client.post("/imports?mode=plan", content=file, headers=LINES)).json()
        _say(f"plan: {count / (monotonic() - began):,.0f} tasks/s, {plan['counts']}")
        apply = f"/imports?mode=apply&plan={plan['plan']}"
        imported = await _measured(system, client, stages, "import", apply, content=file, headers=LINES)
        chosen = {"action": "pause", "filter": {"tag": "bench"}}
        paused = await _measured(system, client, stages, "pause", "/bulk-actions", json=chosen)
        await _measured(system, client, stages, "undo of the pause", f"/change-sets/{paused['id']}/undo")
        if imported["accepted"] != count or paused["accepted"] != count:
            raise ValueError(f"not all tasks were changed: {imported}, {paused}")
    return stages


def _line(number: int) -> bytes:
    schedule = {"cron": f"{number % 60} {number % 24} * * *", "timezone": "Europe/Berlin"}
    task = {"id": f"bench-{number:06}", "schedule": schedule, "tags": ["bench"], "payload": {"number": number}}
    return json.dumps(task).encode() + b"\n"


async def _measured(
    system: System, client: httpx.AsyncClient, stages: dict[str, list[float]], what: str, url: str, **request: Any
) -> dict[str, Any]:
    """Begin a change-set, and follow it to its end while single tasks are created."""
    api, cpu = psutil.Process(system.pid("api")), CpuMeter()
    before, greatest, began = api.memory_info().rss, 0, monotonic()
    creating = asyncio.create_task(_create(client, what))
    try:
        answer = (await client.post(url, **request)).json()
        accepted = monotonic()
        async with asyncio.timeout(FOLLOW_SECONDS):
            while True:
                found = (await client.get(f"/change-sets/{answer['id']}")).json()
                greatest = max(greatest, api.memory_info().rss)
                if found["state"] != "running":
                    break
                await asyncio.sleep(LOOK_SECONDS)
    finally:
        creating.cancel()
    took = monotonic() - accepted
    stages[f"create beside {what}"] = await creating
    _say(
        f"{what}: 202 after {accepted - began:.1f} s, then {found['accepted']:,} tasks in {took:.1f} s: "
        f"{found['accepted'] / took:,.0f}/s; memory of the API {before >> 20} → at most {greatest >> 20} MiB; "
        f"{cpu.each(max(1, found['accepted']))}"
    )
    return found


async def _create(client: httpx.AsyncClient, what: str) -> list[float]:
    took, number = list[float](), 0
    try:
        while True:
            began, number = monotonic(), number + 1
            task = {"id": f"single-{what.replace(' ', '-')}-{number}", "schedule": {"every": "P1D"}}
            answer = await client.post("/tasks", json=task)
            took.append((monotonic() - began) * 1000)
            if answer.status_code != 201:
                _say(f"a create was answered {answer.status_code}")
            await asyncio.sleep(CREATE_SECONDS)
    except asyncio.CancelledError:
        return took


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
