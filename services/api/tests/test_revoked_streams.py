"""A stream ends with the key by which it was opened, and when a task in it is not one of the key's any more."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

import httpx
import pytest
import pytest_asyncio

from tasker_api.access import tag_scope
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
    keys.issue("fin", "viewer", tags=("finance",))
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


async def _end(
    server: ServedApi, headers: dict[str, str], opened: asyncio.Event, task_ids: Sequence[str] = ()
) -> float:
    """When the stream ended that is opened by these headers."""
    query = {"task_id": list(task_ids)}
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream("GET", f"{server.url}/stream", headers=headers, params=query) as response,
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


async def test_it_ends_when_one_of_its_tasks_goes_to_others(
    served: ServedApi, issued: IssuedKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_scope, "LOOK_SECONDS", 0.05)
    documents = served.api.documents
    for task_id in ("a", "b", "c"):
        await documents.task(task_id, tags=["finance"])
    opened = [asyncio.Event() for _ in range(3)]
    asked = [("fin", ("a", "b")), ("fin", ("c",)), ("bob", ("a", "b"))]
    streams = [
        asyncio.create_task(_end(served, issued.header(name), one, task_ids))
        for (name, task_ids), one in zip(asked, opened, strict=True)
    ]
    async with asyncio.timeout(20):
        await asyncio.gather(*(one.wait() for one in opened))
        await documents.database["tasks"].update_one({"_id": "b"}, {"$set": {"tags": ["ops"]}})
        await streams[0]
    assert not any(stream.done() for stream in streams[1:]), "others go on"
    async with httpx.AsyncClient() as client:
        again = await client.get(f"{served.url}/stream?task_id=a&task_id=b", headers=issued.header("fin"))
        assert again.status_code == 404
    issued.revoke("fin")
    issued.revoke("bob")
    async with asyncio.timeout(20):
        await asyncio.gather(*streams[1:])


async def test_a_key_of_a_megabyte_is_refused_by_the_server(served: ServedApi) -> None:
    async with httpx.AsyncClient() as client:
        headers = {"Authorization": f"Bearer tsk_00000000_{'x' * 1_000_000}"}
        statuses = [400]
        with suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):  # it hangs up while that is sent
            statuses.append((await client.get(f"{served.url}/handlers", headers=headers)).status_code)
        assert set(statuses) <= {400, 401, 431}
        assert (await client.get(f"{served.url}/session")).status_code == 200, "it serves on"
