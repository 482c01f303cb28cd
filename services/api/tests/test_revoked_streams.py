"""A stream ends with the key by which it was opened."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import httpx
import pytest
import pytest_asyncio

from tasker_api.access.credentials import COOKIE
from tasker_api.testing.issued_keys import IssuedKeys
from tasker_api.testing.running_api import RunningApi
from tasker_api.testing.served_api import ServedApi
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import free_port


@pytest.fixture
def issued(tmp_path: Path) -> IssuedKeys:
    keys = IssuedKeys(tmp_path / "keys.json")
    keys.issue("ann", "viewer")
    keys.issue("bob", "viewer")
    return keys


@pytest_asyncio.fixture(loop_scope="session")
async def served(kafka: str, topics: str, database: str, issued: IssuedKeys) -> AsyncIterator[ServedApi]:
    server = ServedApi(RunningApi(kafka, topics, database, api_keys_file=issued.file), free_port())
    async with httpx.AsyncClient() as client:

        async def look() -> bool:
            try:
                return (await client.get(f"{server.url}/session")).is_success
            except httpx.HTTPError:
                return False

        await eventually(look, "the server")
    yield server
    await server.stop()


async def _end(server: ServedApi, headers: dict[str, str], opened: asyncio.Event) -> float:
    """When the stream ended that is opened by these headers."""
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream("GET", f"{server.url}/stream", headers=headers) as response,
    ):
        assert response.status_code == 200
        async for _ in response.aiter_lines():
            opened.set()
    return monotonic()


async def test_it_ends_within_seconds_after_its_key_is_revoked(served: ServedApi, issued: IssuedKeys) -> None:
    ann, bob = issued.header("ann"), issued.header("bob")
    cookie = {"Cookie": f"{COOKIE}={ann['Authorization'].removeprefix('Bearer ')}"}
    opened = [asyncio.Event() for _ in range(3)]
    streams = [
        asyncio.create_task(_end(served, headers, one)) for headers, one in zip((ann, cookie, bob), opened, strict=True)
    ]
    async with asyncio.timeout(20):
        await asyncio.gather(*(one.wait() for one in opened))
    issued.revoke("ann")
    revoked = monotonic()
    async with asyncio.timeout(20):
        ended = await asyncio.gather(*streams[:2])
    assert max(ended) - revoked < 5
    assert not streams[2].done(), "others go on"
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{served.url}/handlers", headers=ann)).status_code == 401
        assert (await client.get(f"{served.url}/handlers", headers=bob)).status_code == 200
    issued.revoke("bob")
    await streams[2]


async def test_a_key_of_a_megabyte_is_refused_by_the_server(served: ServedApi) -> None:
    async with httpx.AsyncClient() as client:
        headers = {"Authorization": f"Bearer tsk_00000000_{'x' * 1_000_000}"}
        statuses = [400]
        with suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):  # it hangs up while that is sent
            statuses.append((await client.get(f"{served.url}/handlers", headers=headers)).status_code)
        assert set(statuses) <= {400, 401, 431}
        assert (await client.get(f"{served.url}/session")).status_code == 200, "it serves on"
