"""Writes: the event that is published, and the answer that its verdict gives."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi

TASK = {"id": "a", "schedule": {"cron": "*/5 * * * *"}}
Json = dict[str, Any]


async def test_created_means_that_a_read_sees_it(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.task("a", version=7, generation=7)
    answer, event = await asyncio.gather(client.post("/tasks", json=TASK), ticker.decide(version=7, generation=7))
    assert answer.status_code == 201, answer.text
    assert (answer.headers["ETag"], answer.headers["Location"]) == ('"7"', "/api/v1/tasks/a")
    assert answer.json()["id"] == "a"
    assert (event["type"], event["if_version"], event["channel"]) == ("put", 0, "rest")


async def test_an_id_is_minted_where_none_is_given(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    body = {"schedule": {"every": "PT1H"}}
    answer, event = await asyncio.gather(
        client.post("/tasks", json=body, headers={"Tasker-Channel": "ui"}), ticker.decide(verdict="rejected", errors=[])
    )
    assert answer.status_code == 422
    assert (len(event["task"]["id"]), event["channel"]) == (26, "ui")


IF_VERSION = {"pointer": "/if_version", "message": "the task is at version 3, not 2"}


@pytest.mark.parametrize(
    ("method", "path", "body", "errors", "status"),
    [
        ("POST", "/tasks", TASK, [IF_VERSION], 409),
        ("PUT", "/tasks/a", TASK, [IF_VERSION], 412),
        ("DELETE", "/tasks/a", None, [{"pointer": "/task_id", "message": "no such task"}], 404),
        ("POST", "/tasks/a/pause", {"note": "n"}, [{"pointer": "/task_id", "message": "no such task"}], 404),
        ("POST", "/tasks/a/trigger", {"payload": 1}, [{"pointer": "/payload", "message": "m"}], 422),
    ],
)
async def test_a_rejection_is_a_problem(
    client: httpx.AsyncClient,
    ticker: FakeTicker,
    method: str,
    path: str,
    body: Json | None,
    errors: list[Json],
    status: int,
) -> None:
    asking = client.request(method, path, json=body, headers={"If-Match": '"2"'})
    answer, _ = await asyncio.gather(asking, ticker.decide(verdict="rejected", errors=errors))
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_suggestion_is_passed_on(client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    suggestion = {"pointer": "/schedule", "value": {"cron": "0 9 * * *"}}
    error = {"pointer": "/schedule/cron", "message": "m"}
    document = error | {"suggestion_json": json.dumps(suggestion)}
    answer, event = await asyncio.gather(
        client.post("/tasks", json=TASK), ticker.decide(verdict="rejected", errors=[document])
    )
    assert answer.json()["errors"] == [error | {"suggestion": suggestion}]
    entry = (await client.get(f"/journal/{event['id']}")).json()
    assert entry["errors"] == [error | {"suggestion": suggestion}]


async def test_no_verdict_in_time_is_answered_with_the_place_to_look(
    client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    answer, event = await asyncio.gather(client.delete("/tasks/a", headers={"If-Match": '"2"'}), ticker.decide())
    assert answer.status_code == 202
    assert event["if_version"] == 2
    assert answer.headers["Location"] == answer.json()["journal"] == f"/api/v1/journal/{event['id']}"
    assert (await client.get(f"/journal/{event['id']}")).status_code == 404


@pytest.mark.parametrize("key", ["deploy?7", "a#b", "50%41", "once/only", "a/../b", "a b"])
async def test_the_place_to_look_is_that_of_the_very_key(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker, key: str
) -> None:
    pausing = client.post("/tasks/a/pause", headers={"Idempotency-Key": key})
    answer, event = await asyncio.gather(pausing, ticker.decide())
    assert (answer.status_code, event["id"]) == (202, key)
    await api.documents.verdict("a", key, event_type="pause")
    entry = await client.get(answer.headers["Location"].removeprefix("/api/v1"))
    assert (entry.status_code, entry.json()["event_id"]) == (200, key)


async def test_a_repeat_with_the_same_key_gets_the_first_answer(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    async def trigger(payload: int) -> httpx.Response:
        key = {"Idempotency-Key": "once/only"}
        return await client.post("/tasks/a/trigger", json={"payload": payload}, headers=key)

    first, event = await asyncio.gather(trigger(1), ticker.decide(run_id="r1"))
    again, other = await trigger(1), await trigger(2)
    assert event["id"] == "once/only"
    assert first.json() == again.json() == {"event_id": "once/only", "task_id": "a", "run_id": "r1"}
    assert other.status_code == 422
    assert (await client.get("/journal/once/only", params={"task_id": "a"})).json()["run_id"] == "r1"

    body, key = {"schedule": {"every": "PT1H"}}, {"Idempotency-Key": "new"}
    _, one = await asyncio.gather(client.post("/tasks", json=body, headers=key), ticker.decide())
    _, two = await asyncio.gather(client.post("/tasks", json=body, headers=key), ticker.decide())
    assert one["task"]["id"] == two["task"]["id"]


async def test_a_patch_keeps_what_it_leaves_out(api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    await api.documents.task("a", version=3, description="d", tags=["x"], payload_json='{"k":1,"l":2}')
    patch = {"name": None, "payload": {"k": None, "m": [3]}, "timeout": 5}
    _, event = await asyncio.gather(client.patch("/tasks/a", json=patch), ticker.decide(version=4))
    assert event["if_version"] == 3
    assert event["task"]["payload"] == {"l": 2, "m": [3]}
    assert (event["task"]["description"], event["task"]["tags"]) == ("d", ["x"])
    assert "name" not in event["task"]
    assert (await client.patch("/tasks/unknown", json=patch)).status_code == 404


async def test_a_patch_keeps_how_runs_are_carried_out(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    retry = '{"max_attempts":3,"initial":"PT1S","factor":2.0,"max":"PT1H","jitter":0.1,"max_age":"P1D"}'
    await api.documents.task("a", version=3, retry_json=retry, overlap="skip", misfire_json='{"policy":"none"}')
    shown = (await client.get("/tasks/a")).json()
    assert (shown["retry"]["max_attempts"], shown["retry"]["initial"], shown["overlap"]) == (3, "PT1S", "skip")
    _, event = await asyncio.gather(
        client.patch("/tasks/a", json={"name": "B", "retry": {"max_attempts": 5}}), ticker.decide(version=4)
    )
    task = event["task"]
    assert (task["retry"]["max_attempts"], task["retry"]["initial"], task["overlap"]) == (5, "PT1S", "skip")
    assert task["misfire"]["policy"] == "none"
    _, event = await asyncio.gather(
        client.patch("/tasks/a", json={"retry": None, "overlap": None}), ticker.decide(version=5)
    )
    assert "retry" not in event["task"]
    assert "overlap" not in event["task"]


async def test_a_task_shows_and_keeps_after_how_many_failures_it_pauses_itself(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.task("b")
    plain = (await client.get("/tasks/b")).json()
    assert (plain["max_consecutive_failures"], plain["pause"]) == (None, None)
    why = {"at": "2026-01-01T12:00:00.000Z", "by": "tasker", "note": "paused after 5 failures in a row"}
    await api.documents.task("a", version=3, max_consecutive_failures=5, state="paused", pause_json=json.dumps(why))
    shown = (await client.get("/tasks/a")).json()
    assert (shown["max_consecutive_failures"], shown["paused"], shown["pause"]) == (5, True, why)
    (listed,) = (await client.get("/tasks", params={"state": "paused"})).json()["items"]
    assert listed["max_consecutive_failures"] == 5
    _, event = await asyncio.gather(client.patch("/tasks/a", json={"name": "B"}), ticker.decide(version=4))
    assert event["task"]["max_consecutive_failures"] == 5
    assert "pause" not in event["task"]
    limit = {"max_consecutive_failures": None}
    _, event = await asyncio.gather(client.patch("/tasks/a", json=limit), ticker.decide(version=5))
    assert "max_consecutive_failures" not in event["task"]


async def test_a_task_stored_by_an_earlier_release_has_the_defaults(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("a")
    later = ("retry_json", "overlap", "misfire_json", "max_consecutive_failures", "pause_json")
    await api.documents.database["tasks"].update_one({"_id": "a"}, {"$unset": dict.fromkeys(later, 1)})
    shown = (await client.get("/tasks/a")).json()
    assert (shown["retry"]["max_attempts"], shown["overlap"], shown["misfire"]["policy"]) == (1, "allow", "latest")
    assert (shown["max_consecutive_failures"], shown["pause"]) == (None, None)


async def test_kafka_away_is_answered_within_five_seconds(
    kafka: str, topics: str, database: str, api: RunningApi
) -> None:
    away = RunningApi("127.0.0.1:1", topics, database)
    async with asyncio.timeout(5), away.client() as client:
        answer = await client.post("/tasks", json=TASK, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 503
    assert "`Idempotency-Key: k` is safe" in answer.json()["detail"]
    await away.close()


async def test_mongodb_away_takes_writes_and_refuses_reads(kafka: str, topics: str) -> None:
    away = RunningApi(kafka, topics, "mongodb://127.0.0.1:1/tasker")
    async with away.client() as client:
        async with asyncio.timeout(5):
            assert (await client.post("/tasks", json=TASK)).status_code == 202
        for asking in (client.get("/tasks"), client.get("/runs/r"), client.patch("/tasks/a", json={})):
            async with asyncio.timeout(3):
                answer = await asking
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    await away.close()
