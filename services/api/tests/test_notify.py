"""Who is told of a task, over REST: answered, checked, kept by a patch; and the runs that tell it."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi

WEBHOOK: dict[str, Any] = {"on": ["failed"], "webhook": {"url": "https://hooks.example.com/x", "secret": "secret://k"}}
TOPIC: dict[str, Any] = {"on": ["late", "recovered"], "late": "PT30S", "kafka": {"topic": "alerts"}}


async def test_it_is_shown_and_a_patch_keeps_it_or_replaces_it_whole(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.task("a", version=3, notify_json=json.dumps([WEBHOOK, TOPIC]))
    shown = (await client.get("/tasks/a")).json()["notify"]
    assert [one["on"] for one in shown] == [["failed"], ["late", "recovered"]]
    assert shown[0]["webhook"]["secret"] == "secret://k"
    _, event = await asyncio.gather(client.patch("/tasks/a", json={"name": "B"}), ticker.decide(version=4))
    assert [one.get("late") for one in event["task"]["notify"]] == [None, "PT30S"]
    _, event = await asyncio.gather(client.patch("/tasks/a", json={"notify": [TOPIC]}), ticker.decide(version=5))
    assert len(event["task"]["notify"]) == 1
    _, event = await asyncio.gather(client.patch("/tasks/a", json={"notify": None}), ticker.decide(version=6))
    assert "notify" not in event["task"]


async def test_a_url_that_is_a_secret_is_accepted_and_shown_as_its_reference(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    entry = {"on": ["failed"], "webhook": {"url": "secret://slack-hook"}}
    body = {"id": "a", "schedule": {"every": "PT1H"}, "notify": [entry]}
    _, event = await asyncio.gather(client.post("/tasks", json=body), ticker.decide(version=4))
    assert event["task"]["notify"] == [entry]
    await api.documents.task("b", version=3, notify_json=json.dumps([entry]))
    assert (await client.get("/tasks/b")).json()["notify"][0]["webhook"]["url"] == "secret://slack-hook"


async def test_a_document_of_an_earlier_release_tells_nobody(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("old")
    await api.documents.database["tasks"].update_one({"_id": "old"}, {"$unset": {"notify_json": ""}})
    assert (await client.get("/tasks/old")).json()["notify"] == []


@pytest.mark.parametrize(
    ("entry", "pointer", "words"),
    [
        ({"on": ["failing"], "kafka": {"topic": "t"}}, "/notify/0/on/0", "'failed', 'missed', 'late', 'paused'"),
        ({"on": [], "kafka": {"topic": "t"}}, "/notify/0/on", "at least 1"),
        ({"on": ["failed"], "webhook": {}}, "/notify/0/webhook/url", "required"),
        ({"on": ["failed"]}, "/notify/0", "either a webhook or a kafka topic"),
        (WEBHOOK | {"kafka": {"topic": "t"}}, "/notify/0/kafka", "two entries"),
        (WEBHOOK | {"late": "PT5S"}, "/notify/0/late", '"late" in on'),
        ({"on": ["late"], "kafka": {"topic": "t"}}, "/notify/0/late", "required"),
        (TOPIC | {"late": "PT0.5S"}, "/notify/0/late", "whole number of seconds"),
        (TOPIC | {"late": "P8D"}, "/notify/0/late", "at most P1W"),
        ({"on": ["failed"], "webhook": {"url": "https://x/{{ run_id }}"}}, "/notify/0/webhook/url", "no templates"),
        ({"on": ["failed"], "webhook": {"url": "https://x/", "secret": "s3"}}, "/notify/0/webhook/secret", "reference"),
        (
            {"on": ["failed"], "webhook": {"url": "https://x/secret://k"}},
            "/notify/0/webhook/url",
            "put the whole URL into",
        ),
        ({"on": ["failed"], "webhook": {"url": "secret://"}}, "/notify/0/webhook/url", "like secret://name"),
    ],
)
async def test_what_is_wrong_is_said_at_its_place(
    client: httpx.AsyncClient, entry: dict[str, Any], pointer: str, words: str
) -> None:
    answer = await client.post("/tasks", json={"id": "a", "schedule": {"every": "PT1H"}, "notify": [entry]})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert words in error["message"]


async def test_no_task_is_called_like_a_target_of_alerts(client: httpx.AsyncClient) -> None:
    answer = await client.post("/tasks", json={"id": "tasker-alerts.x", "schedule": {"every": "PT1H"}})
    assert answer.json()["errors"][0]["pointer"] == "/id"


async def test_the_runs_that_tell_are_found_by_their_kind_and_not_run_again(
    api: RunningApi, client: httpx.AsyncClient
) -> None:
    await api.documents.run("a" * 32, task_id="tasker-alerts.x.1", kind="alert")
    await api.documents.run("b" * 32)
    (found,) = (await client.get("/runs", params={"kind": "alert"})).json()["items"]
    assert (found["id"], found["kind"]) == ("a" * 32, "alert")
    for answer in (await client.get("/tasks/tasker-alerts.x.1"), await client.get("/tasks/tasker-alerts.x.1/stats")):
        assert answer.status_code == 404
        assert "is no task, but stands for somebody who is told of tasks" in answer.json()["detail"]
        assert "/api/v1/runs?task_id=tasker-alerts.x.1" in answer.json()["detail"]
    answer = await client.post(f"/runs/{'a' * 32}/rerun", json={})
    assert answer.status_code == 409
    assert "told somebody of tasks" in answer.json()["detail"]
