"""Canaries are kept as the setting says, and somebody outside hears that all is well, or nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from tasker_api.problems import Problem
from tasker_api.publishing.verdict import VerdictPending
from tasker_api.self_check.canary_keeper import CanaryKeeper
from tasker_api.self_check.dead_man_ping import DeadManPing
from tasker_api.system.canary_tasks import canary_ids, canary_task
from tasker_api.system.database_look import DatabaseLook
from tasker_api.system.facts import Canary
from tasker_api.system.finding import Finding, State
from tasker_api.system.system_monitor import SystemMonitor, SystemReport
from tasker_api.testing.document_writer import NOON
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi
from tasker_devstack.processes.ports import free_port
from tasker_runtime.clock import SystemClock
from tasker_runtime.metrics.definitions import REGISTRY
from tasker_runtime.testing import RecordedLog

IDS = canary_ids(2)
NO_MONITOR = cast("SystemMonitor", None)


def keeper(api: RunningApi, seconds: int | None) -> CanaryKeeper:
    return CanaryKeeper(api.mongo, api.publisher, NO_MONITOR, 2, seconds, SystemClock(), RecordedLog())


async def kept(api: RunningApi, ticker: FakeTicker, seconds: int | None) -> dict[str, dict[str, Any]]:
    """The events by which canaries are kept, by their tasks; each is accepted. Kafka may be slow: it is asked again."""
    before, keeping = len(ticker.events), asyncio.create_task(until_kept(keeper(api, seconds)))
    while not keeping.done():
        deciding = asyncio.create_task(ticker.decide(verdict="accepted"))
        await asyncio.wait({deciding, keeping}, return_when=asyncio.FIRST_COMPLETED)
        deciding.cancel()
        await asyncio.gather(deciding, return_exceptions=True)
    keeping.result()
    events = ticker.events[before:]
    return {event["task"]["id"] if "task" in event else event["task_id"]: event for event in events}


async def until_kept(canaries: CanaryKeeper) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(Problem, VerdictPending):
                await canaries.keep()
                return


async def test_what_is_missing_or_changed_is_made_and_what_is_right_is_left(
    api: RunningApi, ticker: FakeTicker
) -> None:
    right = canary_task(IDS[0], 0, 60)
    await api.documents.task(IDS[0], name=right["name"], description=right["description"], tags=right["tags"])
    await api.documents.task("of-a-user", tags=["tasker-canary"])
    events = await kept(api, ticker, 60)
    assert events.keys() == {IDS[1]}
    made = events[IDS[1]]
    assert (made["type"], made["task"]["schedule"]) == ("put", {"every": "PT60S"})
    await api.documents.database["tasks"].update_one({"_id": IDS[0]}, {"$set": {"state": "paused"}})
    await api.documents.task(
        IDS[1], name=made["task"]["name"], description=made["task"]["description"], tags=right["tags"]
    )
    events = await kept(api, ticker, 60)
    assert events.keys() == {IDS[0]}
    assert events[IDS[0]]["task"]["paused"] is False
    events = await kept(api, ticker, 30)
    assert {task_id: event["task"]["schedule"]["every"] for task_id, event in events.items()} == dict.fromkeys(
        IDS, "PT30S"
    )
    removed = await kept(api, ticker, None)
    assert {task_id: event["type"] for task_id, event in removed.items()} == dict.fromkeys(IDS, "delete")


async def test_the_newest_run_of_each_counts(api: RunningApi) -> None:
    for minutes in (3, 1, 2):
        due = NOON + timedelta(minutes=minutes)
        logged = due + timedelta(seconds=minutes)
        await api.documents.run(f"r{minutes}", task_id=IDS[1], effective_at=due, logged_at=logged)
    due = NOON + timedelta(minutes=9)
    await api.documents.run("r9", task_id=IDS[1], effective_at=due, finished_at=None, state="running")
    await api.documents.task(IDS[1], updated_at=NOON)
    found = await DatabaseLook(api.mongo, "x.watermarks", 2, with_canaries=True).look()
    assert found.canaries == {1: Canary(NOON + timedelta(minutes=3), 3.0, succeeded=True)}
    assert found.canaries_since == NOON


async def test_lists_of_tasks_leave_them_out_unless_asked_for(kafka: str, topics: str, database: str) -> None:
    api = RunningApi(kafka, topics, database, partitions=2, canary_seconds=60)
    await api.documents.indexes()
    await api.documents.task(IDS[0], tags=["tasker-canary"])
    await api.documents.task("a")
    async with api.client() as client:

        async def listed(**query: str) -> list[str]:
            return [one["id"] for one in (await client.get("/tasks", params=query)).json()["items"]]

        assert await listed() == ["a"]
        assert await listed(sort="-id", q="a") == ["a"]
        assert await listed(tag="tasker-canary") == [IDS[0]]
        assert (await client.get(f"/tasks/{IDS[0]}")).status_code == 200
    await api.close()


class Outside:
    """Whoever is to hear the sign of life; `status` is what he answers."""

    def __init__(self) -> None:
        self.heard, self.status, self.port = 0, 200, free_port()
        app = web.Application()
        app.router.add_get("/ping/secret", self._ping)
        self.runner = web.AppRunner(app)

    async def _ping(self, _: web.Request) -> web.Response:
        self.heard += 1
        return web.Response(status=self.status)


class Judged:
    """A SystemMonitor whose state is given."""

    def __init__(self) -> None:
        self.state: State = "green"

    async def report(self) -> SystemReport:
        findings = [Finding("red", "ticker", "No ticker is running: no task fires.", "")] if self.state == "red" else []
        return SystemReport(cast("Any", None), findings, self.state)


@pytest_asyncio.fixture(loop_scope="session")
async def outside() -> AsyncIterator[Outside]:
    found = Outside()
    await found.runner.setup()
    await web.TCPSite(found.runner, "127.0.0.1", found.port).start()
    yield found
    await found.runner.cleanup()


def pings(outcome: str) -> float:
    return REGISTRY.get_sample_value("tasker_dead_man_pings_total", {"outcome": outcome}) or 0


async def test_a_sign_of_life_comes_while_nothing_is_red(outside: Outside) -> None:
    monitor, log = Judged(), RecordedLog()
    ping = DeadManPing(f"http://127.0.0.1:{outside.port}/ping/secret", cast("SystemMonitor", monitor), log)
    before = {outcome: pings(outcome) for outcome in ("sent", "failed", "withheld")}
    async with aiohttp.ClientSession() as session:
        assert await ping.ping(session) == "sent"
        monitor.state = "yellow"
        assert await ping.ping(session) == "sent"
        monitor.state = "red"
        assert await ping.ping(session) == "withheld"
        assert outside.heard == 2
        monitor.state, outside.status = "green", 500
        assert await ping.ping(session) == "failed"
        await outside.runner.cleanup()
        assert await ping.ping(session) == "failed"
    assert {outcome: pings(outcome) - before[outcome] for outcome in before} == {"sent": 2, "failed": 2, "withheld": 1}
    assert [line["reason"] for line in log.fields_of("dead man's ping")][:2] == [
        "No ticker is running: no task fires.",
        "answered 500",
    ]
    assert "secret" not in str(log.lines)


@pytest.mark.parametrize("url", ["ftp://x/y", "no-url", "https:///x"])
def test_a_url_that_is_none_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(ValueError, match="no URL of http or https") as error:
        RunningApi("127.0.0.1:1", "none", "mongodb://127.0.0.1:1/none", dead_man_url=url)
    assert url not in str(error.value).replace("https://ping.example.com", "")
