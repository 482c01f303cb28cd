"""A key with tags: what its holder sees and changes, over REST, and what is not there for them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.issued_keys import IssuedKeys
from tasker_api.testing.running_api import RunningApi

SCHEDULE = {"cron": "0 9 * * *"}
Json = dict[str, Any]


@pytest_asyncio.fixture(loop_scope="session")
async def api(kafka: str, topics: str, database: str, tmp_path: Path) -> AsyncIterator[RunningApi]:
    """An API with the key of an operator who is kept to what is tagged finance or tax."""
    issued = IssuedKeys(tmp_path / "keys.json")
    issued.issue("fin", "operator", tags=("finance", "tax"))
    running = RunningApi(kafka, topics, database, api_keys_file=issued.file)
    await running.documents.indexes()
    stream = asyncio.create_task(running.verdicts.run())
    async with asyncio.timeout(20):
        while not running.verdicts.is_open:
            await asyncio.sleep(0.01)
    documents = running.documents
    await documents.task("mine", tags=["finance", "daily"])
    await documents.task("tax", tags=["tax"])
    await documents.task("theirs", tags=["ops"])
    await documents.task("Finance", tags=["Finance"])
    await documents.task("untagged")
    await documents.task("my-gone", tags=["finance"], deleted=True, deleted_version=2)
    yield running
    stream.cancel()
    await asyncio.gather(stream, return_exceptions=True)
    await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def client(api: RunningApi, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client with that key."""
    issued = IssuedKeys(tmp_path / "other.json")
    issued.issue("fin", "operator")
    async with api.client(**issued.header("fin")) as found:
        yield found


async def test_lists_show_theirs_alone_in_every_order_and_with_filters(client: httpx.AsyncClient) -> None:
    for query in ({}, {"sort": "-name"}, {"sort": "next_at"}, {"sort": "failures"}, {"handler": "default"}):
        items = (await client.get("/tasks", params=query)).json()["items"]
        assert {item["id"] for item in items} == {"mine", "tax"}, query
    assert [item["id"] for item in (await client.get("/tasks", params={"tag": "daily"})).json()["items"]] == ["mine"]
    assert (await client.get("/tasks", params={"tag": "ops"})).json()["items"] == []
    assert (await client.get("/tasks", params={"q": "their"})).json()["items"] == []
    page = (await client.get("/tasks", params={"limit": 1})).json()
    rest = (await client.get("/tasks", params={"limit": 5, "cursor": page["next_cursor"]})).json()
    assert [item["id"] for item in [*page["items"], *rest["items"]]] == ["mine", "tax"]


async def test_what_is_not_theirs_is_told_as_what_is_not_there(client: httpx.AsyncClient) -> None:
    for path in ("/tasks/{}", "/tasks/{}/history", "/tasks/{}/runs", "/tasks/{}/occurrences", "/tasks/{}/stats"):
        theirs = await client.get(path.format("theirs"))
        nowhere = await client.get(path.format("nowhere"))
        assert (theirs.status_code, theirs.json()["detail"]) == (404, "the task 'theirs' is not there")
        assert nowhere.status_code == 404
    assert (await client.get("/tasks/mine")).status_code == 200
    assert (await client.get("/tasks/my-gone/runs")).status_code == 200, "of a deleted one its last tags count"


async def test_a_new_task_has_one_of_the_tags(client: httpx.AsyncClient, ticker: FakeTicker, api: RunningApi) -> None:
    wrong: list[Json] = [{}, {"tags": []}, {"tags": ["ops", "Finance"]}]
    for tags in wrong:
        answer = await client.post("/tasks", json={"id": "new", "schedule": SCHEDULE, **tags})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/tags")
        assert "give the task 'finance' or 'tax'" in answer.json()["detail"]
    body = {"id": "new", "schedule": SCHEDULE, "tags": ["ops", "tax"]}
    request = asyncio.create_task(client.post("/tasks", json=body, headers={"Tasker-Actor": "ann"}))
    event = await ticker.decide()
    await api.documents.task("new", tags=["ops", "tax"])
    await api.documents.verdict("new", event["id"], event_type="put", digest=event["digest"])
    assert (await request).status_code == 201
    assert (event["actor"], event["if_version"]) == ("fin: ann", 0)


async def test_an_edit_takes_no_task_out_of_the_scope_and_none_of_others_into_it(client: httpx.AsyncClient) -> None:
    for answer in (
        await client.put("/tasks/mine", json={"schedule": SCHEDULE, "tags": ["ops"]}),
        await client.patch("/tasks/mine", json={"tags": ["ops"]}, headers={"Content-Type": "application/json"}),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/tags")
    taken = await client.put("/tasks/theirs", json={"schedule": SCHEDULE, "tags": ["finance"]})
    assert taken.status_code == 403
    assert "choose another one" in taken.json()["detail"]
    exists = await client.patch("/tasks/theirs", json={"tags": ["finance"]})
    assert exists.status_code == 404


async def test_the_id_of_a_deleted_task_of_others_is_not_to_be_had(client: httpx.AsyncClient, api: RunningApi) -> None:
    """Its history and its runs would be, too."""
    await api.documents.task("their-gone", tags=["ops"], deleted=True, deleted_version=2)
    body = {"id": "their-gone", "schedule": SCHEDULE, "tags": ["finance"]}
    for answer in (await client.put("/tasks/their-gone", json=body), await client.post("/tasks", json=body)):
        assert answer.status_code == 403
        assert "choose another one" in answer.json()["detail"]
    lines = [body, body | {"id": "my-gone"}]
    planned = await client.post("/imports", params={"mode": "plan"}, json={"tasks": lines})
    assert [(one["task_id"], one["action"]) for one in planned.json()["items"]] == [
        ("their-gone", "invalid"), ("my-gone", "create")
    ]  # fmt: skip


async def test_a_task_starts_none_that_is_still_to_be_made(client: httpx.AsyncClient) -> None:
    """Somebody else may make it."""
    body: Json = {"id": "first", "schedule": SCHEDULE, "tags": ["finance"], "then": [{"task": "unmade"}]}
    answer = await client.post("/tasks", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/then/0/task"]
    made = {"id": "unmade", "schedule": SCHEDULE, "tags": ["finance"]}
    for tasks, expected in (
        ([made, body], ["create", "create"]),
        ([body, made], ["invalid", "create"]),
        ([made | {"tags": ["ops"]}, body], ["invalid", "invalid"]),
    ):
        planned = await client.post("/imports", params={"mode": "plan"}, json={"tasks": tasks})
        assert [one["action"] for one in planned.json()["items"]] == expected


async def test_an_edit_holds_only_of_the_task_that_was_looked_at(
    client: httpx.AsyncClient, ticker: FakeTicker, api: RunningApi
) -> None:
    """Else another's edit in between could have taken it out of the scope, or made one under that id."""
    for task_id, version in (("mine", 1), ("unmade", 0)):
        body = {"schedule": SCHEDULE, "tags": ["finance"]}
        headers = {"Idempotency-Key": f"key-of-{task_id}"}
        request = asyncio.create_task(client.put(f"/tasks/{task_id}", json=body, headers=headers))
        event = await ticker.decide()
        assert event["if_version"] == version
        if task_id == "unmade":
            await api.documents.task("unmade", tags=["finance"])
        await api.documents.verdict(task_id, event["id"], event_type="put", digest=event["digest"])
        assert (await request).is_success
        repeated = await client.put(f"/tasks/{task_id}", json=body, headers=headers)
        assert repeated.is_success, "the same request, though the task is there now"


async def test_a_task_starts_none_of_others(client: httpx.AsyncClient) -> None:
    body = {"schedule": SCHEDULE, "tags": ["finance"], "then": [{"task": "tax"}, {"task": "theirs"}]}
    answer = await client.put("/tasks/mine", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/then/1/task"]


async def test_runs_are_asked_for_by_task(client: httpx.AsyncClient, api: RunningApi) -> None:
    await api.documents.run("r1", task_id="mine")
    await api.documents.run("r2", task_id="theirs")
    refused = await client.get("/runs")
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["pointer"] == "/query/task_id"
    assert [run["id"] for run in (await client.get("/runs?task_id=mine")).json()["items"]] == ["r1"]
    assert (await client.get("/runs?task_id=theirs")).status_code == 404
    assert (await client.get("/runs/r1")).status_code == 200
    hidden, missing = await client.get("/runs/r2"), await client.get("/runs/r3")
    assert hidden.json()["detail"].replace("r2", "r3") == missing.json()["detail"]
    hidden, missing = await client.post("/runs/r2/cancel"), await client.post("/runs/r3/cancel")
    assert hidden.json()["detail"].replace("r2", "r3") == missing.json()["detail"]
    for path in ("/runs/r2/cancel", "/runs/r2/rerun", "/runs/unlogged/cancel?task_id=theirs"):
        assert (await client.post(path)).status_code == 404, path


async def test_what_adds_up_over_all_says_by_which_parameter_to_ask(client: httpx.AsyncClient) -> None:
    for path, parameter in (("/forecast", "tag"), ("/stats/promise", "task"), ("/stream", "task_id")):
        refused = await client.get(path)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, f"/query/{parameter}")
        assert f"by the parameter `{parameter}`" in refused.json()["detail"]
    assert (await client.get("/forecast?tag=finance")).status_code == 200
    assert (await client.get("/stream?task_id=mine&task_id=theirs")).status_code == 404
    whole = await client.get("/calendars/holidays/tasks")
    assert whole.status_code == 403
    assert "takes a key without tags" in whole.json()["detail"]


async def test_the_journal_shows_what_is_theirs_and_what_they_asked_for(
    client: httpx.AsyncClient, api: RunningApi
) -> None:
    await api.documents.verdict("mine", "e1")
    await api.documents.verdict("theirs", "e2")
    await api.documents.verdict("never-made", "e3", verdict="rejected", actor="fin: ann")
    await api.documents.verdict("never-made", "e4", verdict="rejected", actor="finley")
    found = {event: (await client.get(f"/journal/{event}")).status_code for event in ("e1", "e2", "e3", "e4")}
    assert found == {"e1": 200, "e2": 404, "e3": 200, "e4": 404}


async def test_a_standing_schedule_of_others_is_not_compared(client: httpx.AsyncClient) -> None:
    body = {"before": {"task_id": "theirs"}, "after": SCHEDULE}
    assert (await client.post("/schedules/diff", json=body)).status_code == 404
    assert (await client.post("/schedules/diff", json=body | {"before": {"task_id": "mine"}})).status_code == 200
