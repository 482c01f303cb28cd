"""Pages of tasks and runs: every item once, in order, whatever the order and the page size."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tasker_api.testing.document_writer import NOON
from tasker_api.testing.running_api import RunningApi
from tasker_devstack.rest_pages import pages

Json = dict[str, Any]


async def walk(client: httpx.AsyncClient, path: str, limit: int, **params: str) -> list[Json]:
    """All items, page by page."""
    found = list[Json]()
    async for page in pages(client, path, limit=limit, **params):
        assert 0 < len(page) <= limit
        found += page
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
async def test_tasks_come_once_and_in_order(api: RunningApi, client: httpx.AsyncClient, limit: int) -> None:
    for n in range(8):
        coming = None if n % 3 == 0 else NOON + timedelta(seconds=n // 2)
        updated = NOON + timedelta(milliseconds=n // 2)
        await api.documents.task(f"t{n}", name=f"Name {n // 3}", next_at=coming, updated_at=updated)
    await api.documents.task("deleted", deleted=True)
    for sort in ("name", "updated_at", "next_at"):
        for way in ("", "-"):
            found = await walk(client, "/tasks", limit, sort=way + sort)
            some = [item for item in found if item[sort] is not None]
            assert [(i[sort], i["id"]) for i in some] == sorted([(i[sort], i["id"]) for i in some], reverse=way == "-")
            assert found[: len(some)] == some, "those without a value come last"
            assert sorted(item["id"] for item in found) == [f"t{n}" for n in range(8)]


async def test_tasks_are_found_by_what_they_are(api: RunningApi, client: httpx.AsyncClient) -> None:
    last = {
        "run_id": "r1",
        "state": "failed",
        "nominal_at": NOON,
        "effective_at": NOON,
        "finished_at": NOON,
        "version": 1,
    }
    await api.documents.task("daily.report", name="Daily", tags=["finance", "eu"], handler="curl", state="paused")
    await api.documents.task("hourly", name="100% (hourly)", last_run=last)
    await api.documents.task("order-4213.csvExport", name="Café", tags=["order 42"])

    async def ids(**params: str | list[str]) -> list[str]:
        return [item["id"] for item in (await client.get("/tasks", params=params)).json()["items"]]

    assert await ids(tag="eu") == await ids(handler="curl") == await ids(state="paused") == ["daily.report"]
    assert await ids(q="DAILY") == await ids(q="rep fin") == await ids(q="daily.r") == ["daily.report"]
    assert await ids(q="10 (h") == await ids(q="hourly") == ["hourly"]
    assert await ids(q="our") == await ids(q="0%") == await ids(q="csv-order") == []
    for text in ("order-42", "ORDER-42", "cafe", "Caf\u00e9", "export", "42 order", "order-4213.csvExport"):
        assert await ids(q=text) == ["order-4213.csvExport"], text
    assert await ids(q="hour", tag="eu") == []
    assert (
        await ids(tag=["eu", "finance"]) == await ids(tag=" eu ") == await ids(q=["dail", "report"]) == ["daily.report"]
    )
    assert await ids(tag=["eu", "asia"]) == await ids(q=["daily", "hourly"]) == []
    item = (await client.get("/tasks", params={"q": "hourly"})).json()["items"][0]
    assert item["last_run"]["id"] == "r1"
    assert item["schedule_description"] == "Every 5 minutes, UTC"
    assert "payload" not in item


@pytest.mark.parametrize("limit", [1, 3, 200])
async def test_runs_come_once_newest_first(api: RunningApi, client: httpx.AsyncClient, limit: int) -> None:
    for n in range(9):
        await api.documents.run(f"r{n}", effective_at=NOON + timedelta(milliseconds=n // 2), task_id="ab"[n % 2])
    found = await walk(client, "/runs", limit)
    keys = [(item["effective_at"], item["id"]) for item in found]
    assert keys == sorted(keys, reverse=True)
    assert len({item["id"] for item in found}) == 9
    assert {item["id"] for item in await walk(client, "/tasks/b/runs", limit)} == {"r1", "r3", "r5", "r7"}
    since = {
        "from": (NOON + timedelta(milliseconds=1)).isoformat(),
        "to": (NOON + timedelta(milliseconds=3)).isoformat(),
    }
    assert {item["id"] for item in await walk(client, "/runs", limit, **since)} == {"r2", "r3", "r4", "r5"}


async def test_a_run_is_shown_whole(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.run(
        "r", state="failed", error={"kind": "timeout", "message": "m"}, payload_json="123456789012345678901"
    )
    run = (await client.get("/runs/r")).json()
    assert (run["payload"], run["result"], run["error"]["kind"]) == (123456789012345678901, True, "timeout")
    assert run["nominal_at"] == "2026-01-01T12:00:00.000Z"
    assert (await client.get("/runs/unknown")).status_code == 404


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/tasks?limit=0", "/query/limit"),
        ("/tasks?limit=201", "/query/limit"),
        ("/tasks?sort=colour", "/query/sort"),
        ("/tasks?state=asleep", "/query/state"),
        ("/tasks?cursor=nonsense", "/query/cursor"),
        ("/tasks?cursor=WyJuYW1lIix7IiRndCI6MX0sIngiXQ", "/query/cursor"),
        ("/runs?cursor=WyJydW5zIl0", "/query/cursor"),
        ("/runs?from=yesterday", "/query/from"),
        ("/runs?from=2026-01-01T00:00:00", "/query/from"),
        ("/tasks/no%20spaces", "/path/task_id"),
    ],
)
async def test_wrong_parameters_are_named(client: httpx.AsyncClient, path: str, pointer: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_cursor_belongs_to_its_order(api: RunningApi, client: httpx.AsyncClient) -> None:
    for n in range(2):
        await api.documents.task(f"t{n}")
    cursor = (await client.get("/tasks", params={"limit": 1})).json()["next_cursor"]
    assert (await client.get("/tasks", params={"limit": 1, "cursor": cursor})).status_code == 200
    assert (await client.get("/tasks", params={"sort": "-name", "cursor": cursor})).status_code == 422
