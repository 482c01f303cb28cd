"""What changes, live."""

from collections.abc import AsyncIterator, Iterable
from typing import Final

import httpx

from tasker.rest.aio.pause import Pause
from tasker.rest.aio.requests import PREFIX, AsyncRequests
from tasker.rest.problems import ClientError, NotReachable, TaskerProblem
from tasker.rest.query import query
from tasker.rest.request_policy import BUSY, RequestPolicy
from tasker.rest.server_sent_events import EventParser, ServerSentEvent

_TIMEOUT: Final = httpx.Timeout(10.0, read=45.0)
"""The stream says something every 15 seconds; when it is silent for three times that, the connection is dead."""


class AsyncChanges:
    """`client.changes`."""

    def __init__(self, http: httpx.AsyncClient, requests: AsyncRequests, policy: RequestPolicy, pause: Pause) -> None:
        self._http, self._requests, self._policy, self._pause = http, requests, policy, pause

    async def follow(
        self, *, kind: str | Iterable[str] | None = None, task_id: str | Iterable[str] | None = None
    ) -> AsyncIterator[ServerSentEvent]:
        """Hints at what to read again, as it changes; without an end, and reconnected without a loss.

        Events are `open` (read all that you show, unless its data say `resumed`), `changes` (read what they name) and
        `reset` (read all anew). Raises NotReachable or TaskerProblem when Tasker stays away.
        """
        position: str | None = None
        failures = 0
        parameters = query({"kind": kind, "task_id": task_id})
        while True:
            error: ClientError = NotReachable(f"{self._requests.url} has ended the stream")
            parser = EventParser(position)
            headers = {} if position is None else {"Last-Event-ID": position}
            try:
                async with self._http.stream(
                    "GET", f"{PREFIX}/stream", params=parameters, headers=headers, timeout=_TIMEOUT
                ) as response:
                    if not response.is_success:
                        await response.aread()
                    self._requests.checked(response)
                    async for line in response.aiter_lines():
                        event: ServerSentEvent | None = parser.feed(line)
                        position = parser.position
                        if event is not None:
                            failures = 0
                            yield event
            except TaskerProblem as problem:
                if problem.status not in BUSY:
                    raise
                error = problem
            except httpx.TransportError as trouble:
                error = NotReachable(f"no answer from {self._requests.url}: {trouble or type(trouble).__name__}")
            failures += 1
            seconds = self._policy.pause(failures)
            if seconds is None:
                raise error
            await self._pause(seconds)
