"""The same request again under its Idempotency-Key: the first answer, whatever has become of the task since."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tasker_api.publishing.command import Command
from tasker_api.publishing.recent_keys import RecentKeys
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi

KEY = {"Idempotency-Key": "once"}
HOURLY = {"schedule": {"every": "PT1H"}}
CONFLICT = [{"pointer": "/if_version", "message": "the task is at version 4, not 3"}]


async def deleted(api: RunningApi, task_id: str) -> None:
    """As the log sink leaves a task that is deleted."""
    await api.documents.database["tasks"].update_one({"_id": task_id}, {"$set": {"deleted": True}})


async def test_a_patch_is_applied_once(api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    async def patch(name: str, **headers: str) -> httpx.Response:
        return await client.patch("/tasks/a", json={"name": name}, headers=KEY | headers)

    await api.documents.task("a", version=3)
    first, _ = await asyncio.gather(patch("B"), ticker.decide(version=4))
    await api.documents.database["tasks"].update_one({"_id": "a"}, {"$set": {"version": 4, "name": "B"}})
    again = await patch("B")
    assert (first.status_code, again.status_code, again.json()["name"]) == (200, 200, "B")
    assert (await patch("C")).status_code == 422
    assert (await patch("B", **{"If-Match": '"4"'})).status_code == 422
    await deleted(api, "a")
    assert (await patch("B")).json() == again.json()
    assert len(ticker.events) == 1


async def test_a_patch_that_had_to_be_tried_again_is_applied_once(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    async def patch() -> httpx.Response:
        return await client.patch("/tasks/a", json={"name": "B"}, headers=KEY)

    async def decide() -> None:
        await ticker.decide(verdict="rejected", errors=CONFLICT)
        await ticker.decide(version=5)

    await api.documents.task("a", version=3)
    first, _ = await asyncio.gather(patch(), decide())
    again = await patch()
    assert (first.status_code, again.status_code) == (200, 200)
    assert [event["id"] for event in ticker.events] == ["once", "once/2"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/tasks", HOURLY | {"id": "a"}, 201),
        ("PUT", "/tasks/a", HOURLY, 201),
        ("PATCH", "/tasks/a", {"tags": ["x"]}, 200),
        ("POST", "/tasks/a/pause", {"note": "lunch"}, 200),
        ("POST", "/tasks/a/resume", None, 200),
        ("POST", "/tasks/a/trigger", {"payload": 1}, 200),
        ("POST", "/tasks/a/cancel", None, 200),
        ("POST", "/tasks/a/backfills", {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00Z"}, 200),
        ("DELETE", "/tasks/a", None, 204),
    ],
)
async def test_each_request_has_its_first_answer_after_the_task_was_deleted(
    api: RunningApi,
    client: httpx.AsyncClient,
    ticker: FakeTicker,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    status: int,
) -> None:
    async def ask() -> httpx.Response:
        return await client.request(method, path, json=body, headers=KEY)

    await api.documents.task("a")
    first, _ = await asyncio.gather(ask(), ticker.decide(run_id="r"))
    await deleted(api, "a")
    again = await ask()
    assert (first.status_code, again.status_code) == (status, status), (first.text, again.text)
    if "backfills" not in path:  # the count of a range is computed of the schedule, which is gone
        assert first.content == again.content
    assert len(ticker.events) == 1


async def test_a_run_that_was_cancelled_is_cancelled_again(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.run("r", task_id="a", state="running")
    path = "/runs/r/cancel"
    first, _ = await asyncio.gather(client.post(path, headers=KEY), ticker.decide(version=1))
    await api.documents.database["runs"].update_one({"_id": "r"}, {"$set": {"state": "cancelled"}})
    assert (await client.post(path, headers=KEY)).json() == first.json()
    assert (await client.post(path)).status_code == 409
    assert (await client.post(path, headers={"Idempotency-Key": "another"})).status_code == 409


async def test_a_trigger_whose_payload_would_not_be_taken_any_more(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    async def trigger(key: str) -> httpx.Response:
        return await client.post("/tasks/a/trigger", json={"payload": 5}, headers={"Idempotency-Key": key})

    await api.documents.task("a")
    first, _ = await asyncio.gather(trigger("k"), ticker.decide(run_id="r"))
    now = {"handler": "curl", "payload_json": json.dumps("https://example.org")}
    await api.documents.database["tasks"].update_one({"_id": "a"}, {"$set": now})
    assert (await trigger("k")).json() == first.json()
    assert (await trigger("l")).status_code == 422


async def test_one_key_for_two_tasks_is_refused_also_while_neither_is_decided(
    client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    async def create(task_id: str) -> httpx.Response:
        return await client.post("/tasks", json=HOURLY | {"id": task_id}, headers=KEY)

    one, two, event = await asyncio.gather(create("a"), create("b"), ticker.decide())
    pending, refused = sorted((one, two), key=lambda answer: answer.status_code)
    assert (pending.status_code, refused.status_code) == (202, 422)
    assert pending.json()["task_id"] == event["task"]["id"]
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/header/Idempotency-Key"]
    again, same = await asyncio.gather(create(event["task"]["id"]), ticker.decide())
    assert (again.status_code, same) == (202, event)


async def test_each_actor_has_keys_of_their_own(api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    """Nobody can block, or learn of, another's requests by a key that both may choose."""
    names: list[str] = []
    for actor in ("ann", "bob"):
        body = HOURLY | {"name": actor}
        request = asyncio.create_task(client.post("/tasks", json=body, headers=KEY | {"Tasker-Actor": actor}))
        event = await ticker.decide()
        names.append(event["task"]["id"])
        await api.documents.task(names[-1])
        await api.documents.verdict(names[-1], "once", actor=actor, digest=event["digest"])
        assert (await request).status_code == 201
    assert len(set(names)) == 2
    other = await client.post("/tasks", json=HOURLY | {"id": "c"}, headers=KEY | {"Tasker-Actor": "bob"})
    assert other.status_code == 422, "their own key for another task"


def test_the_newest_keys_are_known() -> None:
    def command(key: str, digest: str) -> Command:
        return Command(event_id=key, task_id="a", type="put", data={}, digest=digest)

    keys = RecentKeys(limit=2)
    assert keys.claim(command("a", "1"))
    assert keys.claim(command("b", "1"))
    assert keys.claim(command("a", "1"))
    assert keys.claim(command("c", "1"))  # b is gone: a was used later
    assert not keys.claim(command("a", "2"))
    assert keys.claim(command("b", "2"))
