"""The execution log of a system, as a user reads it."""

import asyncio
from datetime import datetime
from typing import Any

import httpx

from tasker_devstack.system import System

STAGES = ("emitted_at", "received_at", "started_at", "finished_at", "logged_at")


class RunLog:
    """Reads runs over REST."""

    def __init__(self, system: System) -> None:
        self._client = httpx.AsyncClient(base_url=f"{system.api_url}/api/v1", timeout=30)

    async def close(self) -> None:
        """Disconnect."""
        await self._client.aclose()

    async def runs(self, since: datetime, count: int, seconds: float) -> list[dict[str, Any]]:
        """All runs effective from `since` on, once there are `count` final ones. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                found = await self._all(since)
                if sum(run["finished_at"] is not None for run in found) >= count:
                    return found
                await asyncio.sleep(0.5)

    async def _all(self, since: datetime) -> list[dict[str, Any]]:
        found, cursor = list[dict[str, Any]](), None
        while True:
            params = {"from": since.isoformat(), "limit": "200"} | ({"cursor": cursor} if cursor else {})
            answer = await self._client.get("/runs", params=params)
            answer.raise_for_status()
            page = answer.json()
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found


def stage_delays(runs: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Milliseconds from the nominal time to each stage, of every run."""
    found: dict[str, list[float]] = {}
    for stage in STAGES:
        name = f"nominal → {stage.removesuffix('_at')}"
        found[name] = [_ms(run["nominal_at"], run[stage]) for run in runs if run[stage] is not None]
    return found


def _ms(first: str, then: str) -> float:
    return (datetime.fromisoformat(then) - datetime.fromisoformat(first)).total_seconds() * 1000
