"""What is due meanwhile: cron, intervals, calls, failing ones with retries, and one-time tasks made on the way."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random
from typing import Any, Final

import httpx

from tasker_devstack.isolated_system import System
from tasker_devstack.paths import ROOT
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port, until_listening
from tasker_runtime.clock import utc_now

STEADY: Final = "steady-"
"""Tasks whose id begins so are due every second, and end at once."""
SHARES: Final = {"cron": 0.55, "interval": 0.25, "call": 0.12, "failing": 0.05, "once": 0.02}
"""Of what is due in a second; a failing one is due every other second, and its retries are two more runs."""
AT_ONCE: Final = 20
REQUEST_SECONDS: Final = 8.0
TAKEN: Final = (200, 201, 202)


class Load:
    """Makes the tasks, `rate` due a second. `taken`: the one-time tasks that the API has accepted, with its status."""

    def __init__(self, system: System, seed: int, rate: int) -> None:
        self._system, self._chance = system, Random(seed)
        self._counts = {kind: max(1, round(rate * share)) for kind, share in SHARES.items()}
        self.steady_rate = sum(self._counts[kind] for kind in ("cron", "interval", "call"))
        self._target_port = free_port()
        self.taken = dict[str, int]()
        self.refused = list[str]()
        self.repeats = 0

    @asynccontextmanager
    async def on(self) -> AsyncGenerator[None]:
        """All standing tasks are made; one-time tasks are made until the end of the block."""
        target = ChildProcess(
            "target", [sys.executable, str(ROOT / "bench" / "measurement" / "http_target.py"), str(self._target_port)]
        )
        await target.start()
        try:
            await until_listening(self._target_port, 10, target)
            async with self._system.client(REQUEST_SECONDS) as client:
                tasks = self._standing()
                for at in range(0, len(tasks), AT_ONCE):
                    made = await asyncio.gather(*(client.post("/tasks", json=one) for one in tasks[at : at + AT_ONCE]))
                    for answer in made:
                        answer.raise_for_status()
            creating = asyncio.create_task(self._create())
            try:
                yield
            finally:
                creating.cancel()
                await asyncio.wait([creating])
        finally:
            await target.kill()

    async def unknown(self) -> list[str]:
        """The ids of tasks that were accepted, and that the API does not know."""
        found = list[str]()
        async with self._system.client(REQUEST_SECONDS) as client:
            for task_id in self.taken:
                if (await client.get(f"/tasks/{task_id}")).status_code != 200:
                    found.append(task_id)
        return found

    def _standing(self) -> list[dict[str, Any]]:
        secondly, url = {"cron": "* * * * * *"}, f"http://{HOST}:{self._target_port}/"
        retry = {"max_attempts": 3, "initial": "PT1S", "factor": 1}
        failing = {"schedule": {"every": "PT2S"}, "handler": "curl", "payload": f"http://{HOST}:1/", "retry": retry}
        steady: dict[str, dict[str, Any]] = {
            "cron": {"schedule": secondly},
            "interval": {"schedule": {"every": "PT1S"}},
            "call": {"schedule": secondly, "handler": "curl", "payload": url},
        }
        return [
            *({"id": f"{STEADY}{kind}-{n:03d}"} | task for kind, task in steady.items() for n in self._numbers(kind)),
            *({"id": f"failing-{n:03d}"} | failing for n in self._numbers("failing")),
        ]

    def _numbers(self, kind: str) -> range:
        return range(self._counts[kind])

    async def _create(self) -> None:
        """One-time tasks, until cancelled; each is asked for until it is taken, always under the same key."""
        async with self._system.client(REQUEST_SECONDS) as client, asyncio.TaskGroup() as requests:
            number = 0
            while True:
                requests.create_task(self._create_one(client, f"once-{number:06d}"))
                number += 1
                await asyncio.sleep(1 / self._counts["once"])

    async def _create_one(self, client: httpx.AsyncClient, task_id: str) -> None:
        at = (utc_now() + timedelta(seconds=self._chance.uniform(2, 20))).replace(microsecond=0)
        task = {"id": task_id, "schedule": {"at": at.isoformat()}}
        while True:
            try:
                answer = await client.post("/tasks", json=task, headers={"Idempotency-Key": task_id})
            except httpx.TransportError:
                self.repeats += 1
            else:
                if answer.status_code in TAKEN:
                    self.taken[task_id] = answer.status_code
                    return
                if answer.status_code < 500 and answer.status_code != 429:
                    self.refused.append(f"{task_id}: {answer.status_code} {answer.text[:200]}")
                    return
                self.repeats += 1
            await asyncio.sleep(0.5)
