"""Change-sets as they begin: the same request more than once, and while Kafka does not say whether it has taken it."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, cast

import httpx

from tasker_api.api_context import ApiContext
from tasker_api.change_sets.change_set_runner import ChangeSetRunner
from tasker_api.queries.change_sets import ChangeSetQueries
from tasker_api.testing.deaf_producer import deaf_to, named_key
from tasker_api.testing.document_writer import NOON
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi
from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_runtime.mongo import Mongo, PyMongoError

FILE = json.dumps([{"id": "a", "schedule": {"every": "PT1H"}}])
CRONTAB = "0 3 * * * curl https://example.com/report\n"
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


async def test_what_is_repeated_under_the_key_that_is_named_is_begun_once(
    api: RunningApi, client: httpx.AsyncClient
) -> None:
    body: dict[str, Any] = {"action": "trigger", "filter": {}, "all": True}
    async with runner_of(api):
        with deaf_to(api, 1) as producer:
            lost = await client.post("/bulk-actions", json=body)
            assert lost.status_code == 503, lost.text
            headers = {"Idempotency-Key": named_key(lost.json()["detail"])}
            again = await client.post("/bulk-actions", json=body, headers=headers)
    assert again.status_code == 202, again.text
    first, second = [event["change_set"] for event in producer.sent]
    assert first["id"] == second["id"] == again.json()["id"]
    assert first["owner"] == second["owner"], "of two jobs that both know it, one carries it out"


class AwayOnceBegun(ChangeSetQueries):
    """The database goes away in the moment in which a change-set has begun, for all but its job."""

    def __init__(self, mongo: Mongo, runner: ChangeSetRunner) -> None:
        super().__init__(mongo)
        self._runner = runner

    async def find(self, change_set: str) -> ChangeSetDocument | None:
        """As ChangeSetQueries says."""
        if self._runner.is_running(change_set):
            raise PyMongoError("a new primary is being elected")
        return await super().find(change_set)


async def test_an_import_goes_on_though_the_answer_about_its_beginning_failed(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    asked = partial(client.post, "/imports", content=FILE, headers={"content-type": "application/json"})
    plan = (await asked(params={"mode": "plan"})).json()["plan"]
    async with runner_of(api) as runner:
        context: ApiContext = api.app.state.context
        api.app.state.context = replace(context, change_sets=AwayOnceBegun(api.mongo, runner))
        query = {"mode": "apply", "plan": plan, "id": "move"}
        answer, begun = await asyncio.gather(asked(params=query), ticker.decide())
        assert answer.status_code == 503, answer.text
        await api.documents.database["change_sets"].insert_one(shown_as(begun))
        while (event := await ticker.decide())["type"] == "change-set":
            pass
        assert (event["type"], event["task"]["id"]) == ("put", "a")


async def test_how_a_crontab_is_read_is_part_of_what_is_asked_for(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    """Under the same id with another time zone it is another request, not the one that was interrupted."""
    asked = partial(client.post, "/imports", content=CRONTAB, headers={"content-type": "text/x-crontab"})
    options = {"timezone": "UTC", "prefix": "nightly-", "tag": ["ops"]}
    plan = (await asked(params={"mode": "plan", **options})).json()["plan"]
    query: dict[str, Any] = {"mode": "apply", "plan": plan, "id": "move", **options}
    others: list[dict[str, Any]] = [
        {"timezone": "Europe/Berlin"}, {"prefix": ""}, {"tag": []}, {"handler": "curl"}, {"form": "user"},
    ]  # fmt: skip
    async with runner_of(api):
        answer, begun = await asyncio.gather(asked(params=query), ticker.decide(version=1))
        assert answer.status_code == 202, answer.text
        await api.documents.database["change_sets"].insert_one(shown_as(begun, state="done", counts={}))
        assert (await asked(params=query)).status_code == 202
        for other in others:
            assert (await asked(params=query | other)).status_code == 422, other


def shown_as(begun: Any, **more: Any) -> ChangeSetDocument:
    """How the log shows an import that began with an event."""
    found: ChangeSetDocument = {
        "_id": begun["change_set"]["id"], "first_version": 1, "actor": None, "channel": "import", "note": None,
        "created_at": NOON, "updated_at": NOON, "state": "running", "state_version": 0, "versions": {},
        "kind": "import", "action": "import", "owner": begun["change_set"]["owner"], "logged_at": NOON,
    }  # fmt: skip
    return cast("ChangeSetDocument", found | more)


@asynccontextmanager
async def runner_of(api: RunningApi) -> AsyncGenerator[ChangeSetRunner]:
    """Its change-sets are carried out inside the block."""
    runner: ChangeSetRunner = api.app.state.context.change_set_runner
    running = asyncio.create_task(runner.run())
    try:
        yield runner
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
