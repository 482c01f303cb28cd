"""Calls that are answered with 202 and report their end later, on the whole system, whoever dies meanwhile."""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest_asyncio
from aiohttp import ClientSession, web

from tasker_core.time.instant import parse_ms
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually

SOME_DAY = {"at": "2099-01-01T00:00:00Z"}
Json = dict[str, Any]


@dataclass
class PatientTarget:
    """A server that answers 202 and keeps where to report, by run and attempt; `hasty` reports before it answers."""

    callbacks: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    hasty: bool = False
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        url = request.headers["Tasker-Callback-Url"]
        self.callbacks.setdefault(request.headers["Idempotency-Key"], []).append(url)
        if self.hasty:
            async with ClientSession() as session, session.post(url) as response:
                assert response.status in (200, 202), await response.text()
        return web.Response(status=202)


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[PatientTarget]:
    found = PatientTarget()
    app = web.Application()
    app.router.add_route("*", "/", found.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield found
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def client(system: System) -> AsyncIterator[httpx.AsyncClient]:
    async with system.client(20) as opened:
        yield opened


async def triggered(
    client: httpx.AsyncClient, target: PatientTarget, task_id: str, wait: str = "PT1H", **more: Any
) -> str:
    """The id of a run of a new task."""
    payload = {"url": target.url, "callback": {"timeout": wait}}
    task = {"id": task_id, "schedule": SOME_DAY, "handler": "http", "payload": payload} | more
    made = await client.post("/tasks", json=task)
    assert made.status_code == 201, made.text
    return (await client.post(f"/tasks/{task_id}/trigger")).json()["run_id"]


async def logged(client: httpx.AsyncClient, run_id: str, state: str, attempt: int = 1) -> Json:
    """The run, once it shows a state in an attempt."""

    async def look() -> Json | None:
        answer = await client.get(f"/runs/{run_id}")
        found: Json = answer.json() if answer.status_code == 200 else {}
        return found if (found.get("state"), found.get("attempt")) == (state, attempt) else None

    return await eventually(look, f"{run_id} is {state} in attempt {attempt}", 60)


async def test_a_report_ends_the_run_though_executor_and_ticker_are_killed_while_it_waits(
    system: System, client: httpx.AsyncClient, target: PatientTarget
) -> None:
    run_id = await triggered(client, target, "patient")
    waiting = await logged(client, run_id, "waiting")
    assert (waiting["finished_at"], waiting["retry_at"]) == (None, None)
    assert parse_ms(waiting["waiting_until"]) - parse_ms(waiting["started_at"]) in range(3_599_000, 3_602_000)
    await system.restart("executor", signal.SIGKILL)
    await system.restart("ticker", signal.SIGKILL)
    await system.restart("log-sink", signal.SIGKILL)
    await system.wait_ready()
    url, *_ = target.callbacks[run_id]  # the call is made again where the executor died just before its commit
    answer = await client.post(url, json={"result": {"rows": 7}})
    assert (answer.status_code, answer.json()["run_id"]) == (200, run_id), answer.text
    run = await logged(client, run_id, "succeeded")
    assert (run["result"], run["waiting_until"], run["attempts"]) == ({"rows": 7}, None, [])
    assert run["started_at"] == waiting["started_at"]
    assert run["received_at"] == waiting["received_at"]
    assert run["emitted_at"] <= run["started_at"] < run["finished_at"] <= run["logged_at"]

    again, other = await client.post(url, json={"result": {"rows": 7}}), await client.post(url)
    assert (again.status_code, again.json(), other.status_code) == (200, answer.json(), 409)
    assert (await client.post(url[:-1])).status_code == 404
    entry = (await client.get(f"/journal/report-{run_id}-1")).json()
    assert (entry["actor"], entry["channel"], entry["verdict"]) == ("callback", "rest", "accepted")


async def test_a_target_may_report_before_it_answers(client: httpx.AsyncClient, target: PatientTarget) -> None:
    target.hasty = True
    run_id = await triggered(client, target, "hasty")
    assert (await logged(client, run_id, "succeeded"))["started_at"] is not None


async def test_a_reported_failure_is_tried_again_and_each_attempt_waits_for_its_own_report(
    client: httpx.AsyncClient, target: PatientTarget
) -> None:
    retry = {"max_attempts": 2, "initial": "PT1S", "jitter": 0}
    run_id = await triggered(client, target, "twice", retry=retry, max_consecutive_failures=1)
    await logged(client, run_id, "waiting")
    failed = {"outcome": "failed", "error": {"message": "disk full"}}
    assert (await client.post(target.callbacks[run_id][0], json=failed)).status_code == 200
    waiting = await logged(client, run_id, "waiting", 2)
    assert [one["error"] for one in waiting["attempts"]] == [{"kind": "reported", "message": "disk full"}]
    first, second = target.callbacks[run_id]
    assert (await client.post(first)).status_code == 409
    assert (await client.post(second, json=failed)).status_code == 200
    run = await logged(client, run_id, "failed", 2)
    assert ([one["attempt"] for one in run["attempts"]], run["error"]["message"]) == ([1], "disk full")

    async def paused() -> bool:
        return (await client.get("/tasks/twice")).json()["state"] == "paused"

    await eventually(paused, "the failure counts")


async def test_without_a_report_the_attempt_fails_in_time(
    system: System, client: httpx.AsyncClient, target: PatientTarget
) -> None:
    run_id = await triggered(client, target, "forgotten", "PT3S")
    waiting = await logged(client, run_id, "waiting")
    await system.restart("ticker", signal.SIGKILL)
    run = await logged(client, run_id, "failed")
    assert (run["error"]["kind"], run["finished_at"]) == ("timeout", waiting["waiting_until"])
    late = await client.post(target.callbacks[run_id][0])
    assert (late.status_code, "timeout" in late.json()["detail"]) == (410, True)


async def test_a_cancel_and_a_delete_end_what_waits(client: httpx.AsyncClient, target: PatientTarget) -> None:
    cancelled = await triggered(client, target, "cancelled")
    deleted = await triggered(client, target, "deleted")
    started = {run: (await logged(client, run, "waiting"))["started_at"] for run in (cancelled, deleted)}
    assert (await client.post(f"/runs/{cancelled}/cancel")).status_code == 200
    assert (await client.delete("/tasks/deleted")).status_code == 204
    for run_id, kind in ((cancelled, "cancelled"), (deleted, "deleted")):
        run = await logged(client, run_id, "cancelled")
        assert (run["error"]["kind"], run["started_at"]) == (kind, started[run_id])
        assert "waited for its callback" in run["error"]["message"]
        assert (await client.post(target.callbacks[run_id][0])).status_code == 410


async def test_what_waits_holds_no_slot_and_ends_exactly_once(
    system: System, client: httpx.AsyncClient, target: PatientTarget
) -> None:
    """More runs than an executor has slots wait, and all are reported, each twice and at once."""
    first = await triggered(client, target, "many")
    answers = await asyncio.gather(*(client.post("/tasks/many/trigger") for _ in range(249)))
    runs = [first, *(answer.json()["run_id"] for answer in answers)]

    async def all_called() -> bool:
        return all(run in target.callbacks for run in runs)

    await eventually(all_called, "250 runs wait, with 200 slots", 60)
    reports = [client.post(target.callbacks[run][0], json={"result": run}) for run in runs for _ in range(2)]
    statuses = {answer.status_code for answer in await asyncio.gather(*reports)}
    assert statuses <= {200, 202}
    for run in runs:
        assert (await logged(client, run, "succeeded"))["result"] == run
    ends = [b'"type":"reported"' in (record.value or b"") for record in await system.records("due-tasks")]
    assert sum(ends) >= 250
    finished = [record.value or b"" for record in await system.records("results")]
    for run in runs:
        assert sum(run.encode() in value and b'"run.finished"' in value for value in finished) == 1
