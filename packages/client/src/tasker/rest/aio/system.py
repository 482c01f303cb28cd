"""The state of the system, and what it has decided."""

from datetime import datetime
from typing import Literal

from tasker.rest.aio.requests import AsyncRequests
from tasker.rest.paths import path_of
from tasker.rest.shapes import HandlerList, JournalEntry, KeyList, Promise, SessionInfo, SystemInfo, TaskCounts


class AsyncSystemQueries:
    """`client.system`."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    async def state(self) -> SystemInfo:
        """What is red and why, and where everything stands."""
        return await self._requests.get("/system")

    async def whoami(self) -> SessionInfo:
        """Who makes these requests, and by which role; also without a key."""
        return await self._requests.get("/session")

    async def keys(self) -> KeyList:
        """Whose keys there are and what they may do, without the keys."""
        return await self._requests.get("/keys")

    async def task_counts(self) -> TaskCounts:
        """How many tasks are active, paused, failing, late and so on: up to 10,000 of each."""
        return await self._requests.get("/stats/tasks")

    async def handlers(self) -> HandlerList:
        """What can run, with the schemas of the payloads."""
        return await self._requests.get("/handlers")

    async def journal_entry(self, event_id: str, *, task_id: str | None = None) -> JournalEntry:
        """The verdict on an event; 404 while there is none."""
        return await self._requests.get(path_of("journal", event_id), task_id=task_id)

    async def promise(
        self,
        *,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        task: str | None = None,
        handler: str | None = None,
        partition: int | None = None,
        bucket: Literal["minute", "hour", "day"] | None = None,
    ) -> Promise:
        """How much of what was due was executed and logged within 10 seconds."""
        return await self._requests.get(
            "/stats/promise", from_=start, to=end, task=task, handler=handler, partition=partition, bucket=bucket
        )
