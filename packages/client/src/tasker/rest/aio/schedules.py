"""Schedules, before they are saved: when they fire, and what another one would change."""

from datetime import datetime
from typing import Any

from tasker.rest.aio.requests import AsyncRequests
from tasker.rest.query import instant_text
from tasker.rest.shapes import DiffInput, Forecast, Preview, ScheduleDiff

AnySchedule = dict[str, Any]


class AsyncSchedules:
    """`client.schedules`."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def preview(
        self,
        schedule: AnySchedule,
        *,
        count: int = 5,
        start: datetime | str | None = None,
        task_id: str | None = None,
        timezone: str | None = None,
    ) -> Preview:
        """When a schedule fires next, in words and in times. `task_id`: for `H` in cron, and the spread."""
        body: dict[str, Any] = {"schedule": schedule, "count": count}
        body |= {"from": instant_text(start)} if start is not None else {}
        body |= {"task_id": task_id} if task_id is not None else {}
        body |= {"timezone": timezone} if timezone is not None else {}
        return await self._requests.compute("/schedules/preview", body)

    async def diff(self, asked: DiffInput) -> ScheduleDiff:
        """Which runs another schedule adds, removes and moves."""
        return await self._requests.compute("/schedules/diff", dict(asked))

    async def forecast(
        self,
        *,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        bucket: str | None = None,
        tag: str | None = None,
        handler: str | None = None,
        q: str | None = None,
    ) -> Forecast:
        """The runs that come, counted in buckets, with the peak and the spread that would flatten it."""
        params = {"from_": start, "to": end, "bucket": bucket, "tag": tag, "handler": handler, "q": q}
        return await self._requests.get("/forecast", **params)
