"""An API on a port of its own, as in production, and a client of its streams."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx

from tasker_api.server.api_server import ApiServer
from tasker_api.testing.running_api import RunningApi

SECONDS = 20


class StreamEvent(NamedTuple):
    """One event; `name` is empty for a heartbeat."""

    id: str
    name: str
    data: dict[str, Any]


class EventStreamClient:
    """Reads the events of one stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response, self.last_id = response, ""
        self._lines = response.aiter_lines()

    async def next(self) -> StreamEvent:
        """The next event or heartbeat. Raises StopAsyncIteration at the end."""
        name, data = "", dict[str, Any]()
        async with asyncio.timeout(SECONDS):
            while True:
                line = await anext(self._lines)
                field, _, value = line.partition(": ")
                if field == "id":
                    self.last_id = value
                elif field == "event":
                    name = value
                elif field == "data":
                    data = json.loads(value)
                elif not line and self.last_id:
                    return StreamEvent(self.last_id, name, data)

    async def changed(self, kind: str) -> dict[str, Any]:
        """What the next event says that tells of a kind of changes."""
        while True:
            event = await self.next()
            if kind in event.data:
                return event.data[kind]


class ServedApi:
    """A running server. `url` is where its API is."""

    def __init__(self, api: RunningApi, port: int) -> None:
        self.api, self.url = api, f"http://127.0.0.1:{port}/api/v1"
        self._port, self._stopping = port, asyncio.Event()
        self._server = ApiServer(api.app, api.loops, api.changes, api.producers, api.topic, api.health)
        self._serving = asyncio.create_task(self._server.run("127.0.0.1", port, SECONDS, self._stopping))

    @asynccontextmanager
    async def stream(self, last_id: str | None = None, **query: Any) -> AsyncGenerator[EventStreamClient]:
        """An open stream, from the event after `last_id` on."""
        headers = {} if last_id is None else {"Last-Event-ID": last_id}
        async with (
            httpx.AsyncClient(timeout=SECONDS) as client,
            client.stream("GET", f"{self.url}/stream", params=query, headers=headers) as response,
        ):
            yield EventStreamClient(response)

    async def stop(self) -> None:
        """Stop as by a signal; harmless to repeat. Raises what ended the server."""
        self._stopping.set()
        await self._serving
        self.api.mongo.close()
