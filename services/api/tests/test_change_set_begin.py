"""Change-sets as they begin: the same request more than once, and while Kafka does not say whether it has taken it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tasker_api.change_sets.change_set_runner import ChangeSetRunner
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi

BODY: dict[str, Any] = {"id": "move", "action": "pause", "filter": {}, "all": True}


async def test_a_request_that_is_taken_twice_is_of_one_owner(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    """Whichever comes first then, its job is the one that runs."""
    async with runner_of(api):
        for _ in range(2):
            answer, _ = await asyncio.gather(client.post("/bulk-actions", json=BODY), ticker.decide())
            assert answer.status_code == 202, answer.text
    first, second = [event["change_set"] for event in ticker.events]
    assert first["owner"] == second["owner"]


async def test_what_kafka_may_have_taken_is_carried_out_when_it_shows(database: str) -> None:
    api = RunningApi("127.0.0.1:1", "none", database)
    async with runner_of(api) as runner, api.client() as client:
        answer = await client.post("/bulk-actions", json=BODY)
        assert answer.status_code == 503, answer.text
        assert runner.is_running("move")
    await api.close()


@asynccontextmanager
async def runner_of(api: RunningApi) -> AsyncGenerator[ChangeSetRunner]:
    """Its change-sets are carried out inside the block."""
    runner: ChangeSetRunner = api.app.state.context.change_set_runner
    running = asyncio.create_task(runner.run())
    yield runner
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
