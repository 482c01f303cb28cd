"""Files that are received at once are bounded: they lie in /tmp, which is."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import httpx

from tasker_api.file_uploads import MAX_AT_ONCE
from tasker_api.testing.running_api import RunningApi
from tasker_api.testing.served_api import ServedApi
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import free_port

HEADERS = {"content-type": "application/json"}


class SlowFile:
    """A file whose end comes when a test wants."""

    def __init__(self) -> None:
        self.begun, self.end = asyncio.Event(), asyncio.Event()

    async def content(self) -> AsyncGenerator[bytes]:
        """The file, bit by bit."""
        yield b"["
        self.begun.set()
        await self.end.wait()
        yield b"]"


async def sending(client: httpx.AsyncClient, files: Sequence[SlowFile]) -> list[asyncio.Task[httpx.Response]]:
    """Requests with files that have come in part."""
    requests = [
        asyncio.create_task(client.post("/imports?mode=plan", content=file.content(), headers=HEADERS))
        for file in files
    ]
    async with asyncio.timeout(20):
        await asyncio.gather(*(file.begun.wait() for file in files))
    return requests


async def planned(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await client.post("/imports?mode=plan", content=b"[]", headers=HEADERS | headers)


async def test_more_are_refused_until_one_is_through(client: httpx.AsyncClient) -> None:
    files = [SlowFile() for _ in range(MAX_AT_ONCE)]
    requests = await sending(client, files)
    for headers in ({}, {"accept": "application/x-ndjson"}):
        refused = await planned(client, **headers)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert f"{MAX_AT_ONCE} files are being read here" in refused.json()["detail"]
    apply = await client.post("/imports?mode=apply&plan=x", content=b"[]", headers=HEADERS)
    assert apply.status_code == 503
    assert (await client.get("/tasks")).status_code == 200
    files[0].end.set()
    assert (await requests[0]).status_code == 200
    assert (await planned(client)).status_code == 200
    for file in files:
        file.end.set()
    assert [(await request).status_code for request in requests] == [200] * MAX_AT_ONCE


async def test_whoever_goes_away_or_is_refused_holds_up_nobody(api: RunningApi, client: httpx.AsyncClient) -> None:
    for _ in range(MAX_AT_ONCE + 1):
        wrong = await client.post("/imports?mode=apply&plan=x", content=b"{", headers=HEADERS)
        assert wrong.status_code in (409, 422)
        lines = await planned(client, accept="application/x-ndjson")
        assert lines.status_code == 200
    requests = await sending(client, [SlowFile() for _ in range(MAX_AT_ONCE)])
    for request in requests:
        request.cancel()
    await asyncio.gather(*requests, return_exceptions=True)
    assert (await planned(client)).status_code == 200
    assert api.app.state.context.uploads.free == MAX_AT_ONCE


async def test_whoever_goes_away_amid_a_plan_holds_up_nobody(kafka: str, topics: str, database: str) -> None:
    server = ServedApi(api := RunningApi(kafka, topics, database), free_port())
    uploads, file = api.app.state.context.uploads, b"{}\n" * 100_000

    async def is_served() -> bool:
        try:
            return (await client.get(f"{server.url}/session")).is_success
        except httpx.HTTPError:
            return False

    async def is_free() -> bool:
        return uploads.free == MAX_AT_ONCE

    lines = {"content-type": "application/x-ndjson", "accept": "application/x-ndjson"}
    async with httpx.AsyncClient(timeout=20) as client:
        await eventually(is_served, "the server")
        async with client.stream("POST", f"{server.url}/imports?mode=plan", content=file, headers=lines) as answer:
            assert answer.status_code == 200
            assert uploads.free == MAX_AT_ONCE - 1
        await eventually(is_free, "the end of the plan")
    await server.stop()
