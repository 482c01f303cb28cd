"""The execution log of a system, as a user reads it."""

import asyncio
from datetime import datetime
from typing import Any

from tasker_devstack.isolated_system import System
from tasker_devstack.rest_pages import all_items

STAGES = ("emitted_at", "received_at", "started_at", "finished_at", "logged_at")


class RunLog:
    """Reads runs over REST."""

    def __init__(self, system: System) -> None:
        self._client = system.client(30)

    async def close(self) -> None:
        """Disconnect."""
        await self._client.aclose()

    async def runs(self, since: datetime, count: int, seconds: float) -> list[dict[str, Any]]:
        """All runs effective from `since` on, once there are `count` final ones. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                found = await all_items(self._client, "/runs", **{"from": since.isoformat(), "limit": 200})
                if sum(run["finished_at"] is not None for run in found) >= count:
                    return found
                await asyncio.sleep(0.5)


def stage_delays(runs: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Milliseconds from the nominal time to each stage, of every run."""
    found: dict[str, list[float]] = {}
    for stage in STAGES:
        name = f"nominal → {stage.removesuffix('_at')}"
        found[name] = [_ms(run["nominal_at"], run[stage]) for run in runs if run[stage] is not None]
    return found


def _ms(first: str, then: str) -> float:
    return (datetime.fromisoformat(then) - datetime.fromisoformat(first)).total_seconds() * 1000
