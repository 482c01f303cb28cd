"""Tasks as a file."""

from collections.abc import AsyncIterator, Iterable
from typing import Literal

import httpx

from tasker.rest.aio.requests import PREFIX, AsyncRequests
from tasker.rest.problems import NotReachable
from tasker.rest.query import query


class AsyncExports:
    """`client.exports`."""

    def __init__(self, http: httpx.AsyncClient, requests: AsyncRequests) -> None:
        self._http, self._requests = http, requests

    async def content(
        self,
        file_format: Literal["json", "ndjson", "yaml", "crontab"] = "json",
        *,
        q: str | Iterable[str] | None = None,
        tag: str | Iterable[str] | None = None,
        handler: str | None = None,
        state: Literal["active", "paused", "finished"] | None = None,
        last_outcome: Literal["succeeded", "failed", "cancelled", "skipped", "none"] | None = None,
        min_failures: int | None = None,
        paused_by: str | None = None,
    ) -> AsyncIterator[bytes]:
        """The tasks that all of it is true of, piece by piece as they come, in a form that an import takes back.

        Raises NotReachable when it breaks off: what came is not whole then.
        """
        parameters = query(
            {
                "format": file_format,
                "q": q,
                "tag": tag,
                "handler": handler,
                "state": state,
                "last_outcome": last_outcome,
                "min_failures": min_failures,
                "paused_by": paused_by,
            }
        )
        try:
            async with self._http.stream("GET", f"{PREFIX}/exports", params=parameters) as response:
                if not response.is_success:
                    await response.aread()
                self._requests.checked(response)
                async for piece in response.aiter_bytes():
                    yield piece
        except httpx.TransportError as trouble:
            raise NotReachable(f"{self._requests.url} has broken off: {trouble or type(trouble).__name__}") from None
