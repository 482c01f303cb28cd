"""Calendars: days that schedules leave out, or keep to."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

from tasker.rest.aio.requests import AsyncRequests
from tasker.rest.paths import path_of
from tasker.rest.shapes import (
    Calendar,
    CalendarDiff,
    CalendarDiffInput,
    CalendarInput,
    CalendarItem,
    CalendarRevision,
    CalendarTask,
)


class AsyncCalendars:
    """`client.calendars`."""

    def __init__(self, requests: AsyncRequests) -> None:
        self._requests = requests

    def list(self, *, limit: int | None = None) -> AsyncIterator[CalendarItem]:
        """All calendars, by their names."""
        return self._requests.pages("/calendars", limit)

    async def get(self, name: str) -> Calendar:
        """One calendar with its days."""
        return await self._requests.get(path_of("calendars", name))

    async def put(
        self, name: str, calendar: CalendarInput, *, if_version: int | None = None, key: str | None = None
    ) -> Calendar:
        """Make a calendar, or replace the whole of it; the tasks that use it follow."""
        body = cast("Mapping[str, Any]", calendar)
        return await self._requests.change("PUT", path_of("calendars", name), body, key=key, if_version=if_version)

    async def delete(self, name: str, *, if_version: int | None = None, key: str | None = None) -> None:
        """Delete a calendar. Tasks that use it keep its days; no other task can use it."""
        await self._requests.change("DELETE", path_of("calendars", name), key=key, if_version=if_version)

    async def diff(self, name: str, asked: CalendarDiffInput) -> CalendarDiff:
        """Which runs of which tasks another calendar of this name would change."""
        return await self._requests.compute(path_of("calendars", name, "diff"), cast("Mapping[str, Any]", asked))

    def history(self, name: str, *, limit: int | None = None) -> AsyncIterator[CalendarRevision]:
        """Who changed it, newest first."""
        return self._requests.pages(path_of("calendars", name, "history"), limit)

    def tasks(self, name: str, *, limit: int | None = None) -> AsyncIterator[CalendarTask]:
        """The tasks that use it."""
        return self._requests.pages(path_of("calendars", name, "tasks"), limit)
