"""Failed runs in a whole system: their next attempts survive the death of whoever holds them, and end in the log."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest_asyncio
from aiohttp import web

from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually

SOME_DAY = {"at": "2099-01-01T00:00:00Z"}


@dataclass
class Moody:
    """A server that answers 503 until it is `well`; the first call hangs until `opened`. Counts calls by run."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)
    calls: Counter[str] = field(default_factory=Counter[str])
    well: bool = False
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        first = not self.calls
        self.calls[request.headers["Idempotency-Key"]] += 1
        if first:
            await self.opened.wait()
        return web.Response(status=200 if self.well else 503)


@pytest_asyncio.fixture(loop_scope="session")
async def moody() -> AsyncIterator[Moody]:
    found = Moody()
    app = web.Application()
    app.router.add_get("/", found.answer)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield found
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def tasker(kafka: str, database: str) -> AsyncIterator[System]:
    """A whole Tasker without its web UI."""
    found = System(kafka, database)
    async with found.running():
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def client(tasker: System) -> AsyncIterator[httpx.AsyncClient]:
    async with tasker.client(20) as opened:
        yield opened


async def triggered(client: httpx.AsyncClient, task: dict[str, Any]) -> str:
    """The id of a run of a new task."""
    assert (await client.post("/tasks", json={"schedule": SOME_DAY, "handler": "curl"} | task)).status_code == 201
    answer = await client.post(f"/tasks/{task['id']}/trigger")
    return answer.json()["run_id"]


async def logged(client: httpx.AsyncClient, run_id: str, state: str) -> dict[str, Any]:
    """The run once it is in a state."""

    async def look() -> dict[str, Any] | None:
        answer = await client.get(f"/runs/{run_id}")
        return answer.json() if answer.status_code == 200 and answer.json()["state"] == state else None

    return await eventually(look, f"{run_id} is {state}", 60)


async def test_the_next_attempt_survives_kill_9_of_the_executor_and_of_the_ticker(
    tasker: System, client: httpx.AsyncClient, moody: Moody
) -> None:
    retry = {"max_attempts": 50, "initial": "PT2S", "factor": 1, "jitter": 0}
    run_id = await triggered(client, {"id": "moody", "payload": moody.url, "retry": retry})

    async def called(times: int) -> bool:
        return moody.calls[run_id] >= times

    await eventually(lambda: called(1), "the first attempt is under way")
    await tasker.restart("executor", signal.SIGKILL)  # in the middle of an attempt
    await eventually(lambda: called(2), "the first attempt is repeated", 40)
    await logged(client, run_id, "retrying")
    await tasker.restart("executor", signal.SIGKILL)  # while the next attempt is to come
    await tasker.restart("ticker", signal.SIGKILL)
    await eventually(lambda: called(4), "further attempts", 60)
    moody.well = True
    run = await logged(client, run_id, "succeeded")
    attempts = [attempt["attempt"] for attempt in run["attempts"]]
    assert sorted(set(attempts)) == list(range(1, run["attempt"]))
    assert {attempt["error"]["kind"] for attempt in run["attempts"]} == {"http_status"}
    # one call was in flight at the first kill; the second one may have hit another
    assert 1 <= moody.calls[run_id] - run["attempt"] <= 2
    assert len(moody.calls) == 1


async def test_a_run_that_waits_for_its_next_attempt_can_be_cancelled_and_a_last_failure_is_final(
    client: httpx.AsyncClient, moody: Moody
) -> None:
    moody.opened.set()
    later = {"max_attempts": 2, "initial": "PT1H"}
    waits = await triggered(client, {"id": "waits", "payload": moody.url, "retry": later})
    once_more = {"max_attempts": 2, "initial": "PT1S"}
    fails = await triggered(client, {"id": "fails", "payload": moody.url, "retry": once_more})
    waiting = await logged(client, waits, "retrying")
    assert (waiting["attempt"], waiting["error"]["kind"]) == (1, "http_status")
    answer = await client.post(f"/runs/{waits}/cancel")
    assert answer.status_code in (200, 202), answer.text
    await logged(client, waits, "cancelled")
    failed = await logged(client, fails, "failed")
    assert (failed["attempt"], [one["attempt"] for one in failed["attempts"]]) == (2, [1])
    assert moody.calls == {waits: 1, fails: 2}
