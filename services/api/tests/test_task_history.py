"""The versions of a task, and the way back to one."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tasker_api.testing.document_writer import NOON
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi

Json = dict[str, Any]
DAILY = {"cron": "0 9 * * *", "timezone": "UTC", "gap": "shift", "fold": "first"}
FIRST = {"id": "a", "name": "A", "schedule": DAILY, "payload": {"to": ["x"], "n": 1}, "timeout": "PT1M"}
SECOND = FIRST | {"schedule": DAILY | {"cron": "30 9 * * *"}, "payload": {"to": ["x"], "n": 2}, "tags": ["t"]}


async def history(api: RunningApi) -> None:
    """Created, edited, paused, resumed, paused by failures, deleted."""
    made: list[tuple[int, str, Json | None, Json]] = [
        (3, "put", FIRST, {"actor": "ann", "channel": "ui"}),
        (5, "put", SECOND, {"channel": "rest"}),
        (7, "pause", SECOND | {"paused": True}, {"actor": "bob", "channel": "kafka", "note": "holidays"}),
        (8, "resume", SECOND, {}),
        (9, "outcome", SECOND | {"paused": True}, {"actor": "tasker", "note": "paused after 5 failures in a row"}),
        (11, "delete", None, {"channel": "ui"}),
    ]
    for number, (version, event_type, task, more) in enumerate(made):
        at = NOON + timedelta(hours=number)
        await api.documents.revision(
            "a",
            version,
            generation=3,
            event_type=event_type,
            effective_from=at,
            superseded_at=at + timedelta(hours=1) if version < 11 else None,
            task_json=None if task is None else json.dumps(task),
            paused=bool(task and task.get("paused")),
            **more,
        )


async def test_each_version_says_what_who_and_the_difference(api: RunningApi, client: httpx.AsyncClient) -> None:
    await history(api)
    answer = await client.get("/tasks/a/history")
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    assert [(one["version"], one["kind"]) for one in items] == [
        (11, "deleted"),
        (9, "paused_by_failures"),
        (8, "resumed"),
        (7, "paused"),
        (5, "edited"),
        (3, "created"),
    ]
    assert [one["text"] for one in items] == [
        "Deleted through the web UI.",
        "Paused by failures in a row: paused after 5 failures in a row.",
        "Resumed through the REST API.",
        "Paused by bob through Kafka: holidays.",
        "Edited through the REST API (tags, schedule, payload).",
        "Created by ann through the web UI.",
    ]
    edited = {change["pointer"]: (change["before"], change["after"]) for change in items[4]["changes"]}
    assert edited == {
        "/schedule/cron": ("0 9 * * *", "30 9 * * *"),
        "/payload/n": (1, 2),
        "/tags": ([], ["t"]),
    }
    assert [change["pointer"] for change in items[3]["changes"]] == ["/paused"]
    assert items[5]["changes"] == items[0]["changes"] == []
    assert items[4]["effective_from"] == "2026-01-01T13:00:00.000Z"
    assert items[4]["until"] == "2026-01-01T14:00:00.000Z"
    assert items[0]["until"] is None


async def test_pages_follow_one_another_whole(api: RunningApi, client: httpx.AsyncClient) -> None:
    await history(api)
    for version in (21, 22, 23):  # within one second
        await api.documents.revision("a", version, effective_from=NOON + timedelta(days=1))
    whole = (await client.get("/tasks/a/history")).json()["items"]
    found: list[Json] = []
    cursor: str | None = None
    while True:
        page = (
            await client.get("/tasks/a/history", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        ).json()
        found += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert found == whole
    assert [one["version"] for one in whole][:4] == [23, 22, 21, 11]


async def test_what_is_not_known_any_more_says_so(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.revision("a", 5, generation=3, event_type="unknown", channel=None, source="snapshot")
    await api.documents.revision("b", 5, generation=3)
    (unknown,) = (await client.get("/tasks/a/history")).json()["items"]
    assert (unknown["kind"], unknown["changes"], unknown["channel"]) == ("unknown", None, None)
    assert "not known any more" in unknown["text"]
    (edited,) = (await client.get("/tasks/b/history")).json()["items"]
    assert edited["changes"] is None
    assert "the version before is gone" in edited["text"]


async def test_a_version_is_shown_whole(api: RunningApi, client: httpx.AsyncClient) -> None:
    await history(api)
    found = (await client.get("/tasks/a/history/5")).json()
    assert found["task"]["schedule"]["cron"] == "30 9 * * *"
    assert (found["task"]["overlap"], found["task"]["misfire"]["policy"]) == ("allow", "latest")
    assert len(found["changes"]) == 3
    assert (await client.get("/tasks/a/history/11")).json()["task"] is None
    answer = await client.get("/tasks/a/history/6")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "there is no version 6 of the task 'a', or it is not kept any more",
    )


async def test_a_task_that_never_was_has_no_history(api: RunningApi, client: httpx.AsyncClient) -> None:
    assert (await client.get("/tasks/none/history")).status_code == 404
    await api.documents.task("a")
    assert (await client.get("/tasks/a/history")).json() == {"items": [], "next_cursor": None}
    assert (await client.get("/tasks/a/history", params={"cursor": "x"})).status_code == 422


async def test_a_version_is_put_back(api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    await history(api)
    await api.documents.task("a", version=12, generation=3)
    asking = client.post("/tasks/a/revert", json={"version": 3, "note": "too early"}, headers={"If-Match": '"9"'})
    answer, event = await asyncio.gather(asking, ticker.decide(version=12, generation=3))
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"12"'), answer.text
    assert (event["type"], event["if_version"], event["note"]) == ("put", 9, "reverted to version 3: too early")
    assert event["task"]["schedule"] == DAILY
    assert event["task"]["payload"] == FIRST["payload"]
    assert "paused" not in event["task"]


async def test_a_deleted_task_is_made_anew(api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    await history(api)
    await api.documents.task("a", version=9, generation=3, deleted=True, deleted_version=11)

    async def made() -> Json:
        event = await ticker.decide()
        await api.documents.database["tasks"].replace_one({"_id": "a"}, {"_id": "a", "deleted": True})
        await api.documents.database["tasks"].delete_one({"_id": "a"})
        await api.documents.task("a", version=20, generation=20)
        await api.documents.verdict(
            "a", event["id"], version=20, generation=20, event_type="put", digest=event["digest"]
        )
        return event

    asking = client.post("/tasks/a/revert", json={"version": 7}, headers={"Idempotency-Key": "k"})
    answer, event = await asyncio.gather(asking, made())
    assert (answer.status_code, answer.headers["Location"]) == (201, "/api/v1/tasks/a"), answer.text
    assert (event["if_version"], event["task"]["paused"]) == (0, True)
    again = await client.post("/tasks/a/revert", json={"version": 7}, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.headers["ETag"]) == (201, '"20"')
    other = await client.post("/tasks/a/revert", json={"version": 5}, headers={"Idempotency-Key": "k"})
    assert other.status_code == 422
    assert "another content" in other.json()["detail"]


@pytest.mark.parametrize(
    ("version", "status", "words"),
    [
        (6, 404, "no version 6 of this task, or it is not kept any more"),
        (11, 404, "version 11 is the end of the task; take one before it"),
        (31, 422, "version 31 can't be put back as it was: /schedule/at: lies in the past"),
        (32, 422, "/payload"),
    ],
)
async def test_what_can_not_be_put_back_says_why(
    api: RunningApi, client: httpx.AsyncClient, version: int, status: int, words: str
) -> None:
    await history(api)
    once = {"at": "2026-01-02T12:00:00Z"}
    await api.documents.revision("a", 31, task_json=json.dumps(FIRST | {"schedule": once}))
    curl = {"handler": "curl", "payload": {"url": "no url"}}
    await api.documents.revision("a", 32, task_json=json.dumps(FIRST | curl))
    answer = await client.post("/tasks/a/revert", json={"version": version})
    assert answer.status_code == status, answer.text
    assert words in answer.json()["detail"]


async def test_what_never_was_can_not_be_put_back(client: httpx.AsyncClient) -> None:
    answer = await client.post("/tasks/none/revert", json={"version": 1})
    assert answer.status_code == 404
    assert answer.json()["detail"] == "there is no task 'none', nor a history of one that was deleted"


async def test_a_handler_that_is_gone_is_told_by_the_ticker(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.revision("a", 5, task_json=json.dumps(FIRST | {"handler": "gone"}))
    await api.documents.task("a", version=6)
    error = {"pointer": "/handler", "message": "'gone' is not announced"}
    asking = client.post("/tasks/a/revert", json={"version": 5})
    answer, _ = await asyncio.gather(asking, ticker.decide(verdict="rejected", errors=[error]))
    assert answer.status_code == 422
    assert answer.json()["detail"] == (
        "version 5 can't be put back as it was: /handler: 'gone' is not announced (pointers are into the task); "
        "read it at /api/v1/tasks/a/history/5, change that, and PUT it"
    )
    assert answer.json()["errors"] == [error]


async def test_who_asks_may_say_who_it_is(client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    headers = {"Tasker-Actor": "ann", "Tasker-Channel": "ui"}
    asking = client.post("/tasks/a/pause", headers=headers)
    _, event = await asyncio.gather(asking, ticker.decide(verdict="rejected", errors=[]))
    assert (event["actor"], event["channel"]) == ("ann", "ui")
    refused = await client.post("/tasks/a/pause", headers={"Tasker-Actor": "x" * 201})
    assert refused.status_code == 400
