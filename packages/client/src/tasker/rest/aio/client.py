"""`tasker.AsyncClient`."""

import os
import ssl
from types import TracebackType
from typing import Final, Self

import httpx

from tasker.rest.aio.calendars import AsyncCalendars
from tasker.rest.aio.change_sets import AsyncChangeSets
from tasker.rest.aio.changes import AsyncChanges
from tasker.rest.aio.dead_letters import AsyncDeadLetters
from tasker.rest.aio.exports import AsyncExports
from tasker.rest.aio.imports import AsyncImports
from tasker.rest.aio.pause import Pause, pause
from tasker.rest.aio.requests import AsyncRequests
from tasker.rest.aio.runs import AsyncRuns
from tasker.rest.aio.schedules import AsyncSchedules
from tasker.rest.aio.system import AsyncSystemQueries
from tasker.rest.aio.tasks import AsyncTasks
from tasker.rest.request_policy import RequestPolicy

DEFAULT_URL: Final = "http://localhost:3000"
_STANDARD: Final = RequestPolicy()


class AsyncClient:
    """A Tasker, by its REST API: `with` it, or close it.

    `url` and `key`: where it is, and the API key; TASKER_URL and TASKER_API_KEY of the environment when they are
    not given (an empty key is none). `actor`: who does it, for the history; with a key, behind the key's name.
    `timeout`: seconds for one try of one request. `policy` says how often and how long is tried.
    `verify`: whose certificates count for https.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        actor: str | None = None,
        timeout: float = 15.0,
        policy: RequestPolicy = _STANDARD,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
        pause: Pause = pause,
    ) -> None:
        key = os.environ.get("TASKER_API_KEY") if key is None else key
        headers = ({"Authorization": f"Bearer {key}"} if key else {}) | ({"Tasker-Actor": actor} if actor else {})
        self._http = httpx.AsyncClient(
            base_url=url or os.environ.get("TASKER_URL") or DEFAULT_URL,
            headers=httpx.Headers(headers, encoding="utf-8"),
            timeout=timeout,
            verify=verify,
            transport=transport,
        )
        requests = AsyncRequests(self._http, policy, pause)
        self.url = requests.url
        self.tasks = AsyncTasks(requests)
        self.runs = AsyncRuns(requests)
        self.schedules = AsyncSchedules(requests)
        self.calendars = AsyncCalendars(requests)
        self.dead_letters = AsyncDeadLetters(requests)
        self.change_sets = AsyncChangeSets(requests, pause)
        self.imports = AsyncImports(self._http, requests)
        self.exports = AsyncExports(self._http, requests)
        self.system = AsyncSystemQueries(requests)
        self.changes = AsyncChanges(self._http, requests, policy, pause)

    async def __aenter__(self) -> Self:
        """The client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close its connections."""
        await self._http.aclose()
