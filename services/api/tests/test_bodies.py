"""Bad input: a clear 4xx problem that names the field, before anything is published."""

import json
from typing import Any

import httpx
import pytest

from tasker_api.commands.task_body import merge_patch
from tasker_api.testing.running_api import RunningApi

EVERY = {"every": "PT5S"}
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"schedule": {"cron": "61 * * * *"}}, "/schedule/cron"),
        ({"schedule": {"cron": "0 0 30 2 *"}}, "/schedule/cron"),
        ({"schedule": {"cron": "* * * * *", "timezone": "Mars/Base"}}, "/schedule/timezone"),
        ({"schedule": {"at": "2026-12-24T18:00:00"}}, "/schedule/at"),
        ({"schedule": {"at": "2026-02-30T18:00:00Z"}}, "/schedule/at"),
        ({"schedule": {"every": "PT0.5S"}}, "/schedule/every"),
        ({"schedule": EVERY | {"spread": "P2D"}}, "/schedule/spread"),
        ({"schedule": EVERY, "handler": "curl", "payload": "nowhere"}, "/payload"),
        ({"schedule": EVERY, "payload": "x" * 70_000}, "/payload"),
        ({"schedule": EVERY, "colour": "red"}, "/colour"),
        ({"schedule": EVERY, "version": 3}, "/version"),
        ({"schedule": EVERY, "retry": {"max_attempts": 300}}, "/retry/max_attempts"),
        ({"schedule": EVERY, "overlap": "never"}, "/overlap"),
        ({"schedule": EVERY, "max_consecutive_failures": 0}, "/max_consecutive_failures"),
        ({"schedule": EVERY, "pause": {"note": "why"}}, "/pause"),
        ({"schedule": EVERY, "timeout": "P1M"}, "/timeout"),
        ({"schedule": EVERY, "id": "no spaces"}, "/id"),
        ({"schedule": EVERY, "id": 7}, "/id"),
        ({"schedule": EVERY, "tags": ["x"] * 3 + list(map(str, range(60)))}, "/tags"),
        ({}, "/schedule"),
    ],
)
async def test_each_wrong_field_is_named(lone_client: httpx.AsyncClient, body: dict[str, Any], pointer: str) -> None:
    answer = await lone_client.post("/tasks", json=body)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), problem
    assert [error["pointer"] for error in problem["errors"]] == [pointer], problem
    assert all(error["message"] for error in problem["errors"])


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b'{"id": ', JSON, 400),
        (b"[1]", JSON, 400),
        (b'"text"', JSON, 400),
        (b"\xff\xfe", JSON, 400),
        (b"[" * 5000 + b"]" * 5000, JSON, 400),
        (b'{"id": "a"}', {"content-type": "text/plain"}, 415),
        (b'{"id": "a"}', {}, 415),
        (b"id=a", {"content-type": "application/x-www-form-urlencoded"}, 415),
        (json.dumps({"payload": "x" * 600_000}).encode(), JSON, 413),
    ],
)
async def test_what_is_no_json_object_is_refused(
    lone_client: httpx.AsyncClient, content: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await lone_client.post("/tasks", content=content, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


async def test_wrong_headers_and_paths_are_named(lone_client: httpx.AsyncClient) -> None:
    body = {"schedule": EVERY}
    assert (await lone_client.put("/tasks/a", json=body, headers={"If-Match": "yesterday"})).status_code == 400
    assert (await lone_client.put("/tasks/a", json=body | {"id": "b"})).json()["errors"][0]["pointer"] == "/id"
    assert (await lone_client.post("/tasks", json=body, headers={"Idempotency-Key": "x" * 300})).status_code == 400
    assert (await lone_client.post("/tasks/a/trigger", json={"payload": 1, "extra": 2})).status_code == 422
    assert (await lone_client.post("/tasks/a/trigger", json={"payload": "x" * 70_000})).status_code == 422
    assert (await lone_client.post("/tasks/a/pause", json={"note": 7})).json()["errors"][0]["pointer"] == "/note"
    for path in ("/nothing", "/tasks/a/nothing"):
        answer = await lone_client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (await lone_client.patch("/runs", json={})).status_code == 405


async def test_only_this_machine_s_own_pages_may_call(alone: RunningApi) -> None:
    async def status(**headers: str) -> int:
        async with alone.client(**headers) as client:
            return (await client.get("/openapi.json")).status_code

    assert await status() == await status(origin="http://localhost:3000") == await status(host="[::1]:3000") == 200
    assert await status(host="evil.example") == await status(host="[") == await status(host="") == 421
    assert await status(origin="http://evil.example") == await status(origin="null") == 403
    assert await status(origin="http://localhost:4000") == 403


async def test_a_client_that_goes_away_is_no_error(alone: RunningApi) -> None:
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/tasks", "query_string": b"", "headers": headers}
    sent: list[Any] = []

    async def disconnect() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await alone.app(scope, disconnect, send)
    assert sent[0]["status"] == 400


def test_a_merge_patch_follows_rfc_7396() -> None:
    assert merge_patch({"a": "b", "c": {"d": "e", "f": "g"}}, {"a": "z", "c": {"f": None}}) == {
        "a": "z",
        "c": {"d": "e"},
    }
    assert merge_patch({"a": [1]}, {"a": {"b": None, "c": 1}}) == {"a": {"c": 1}}
    assert merge_patch({"a": 1}, ["c"]) == ["c"]
