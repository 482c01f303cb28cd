"""What was missed, of all tasks: newest first, page by page, by reason, task and time, each from an index."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tasker_api.testing.document_writer import NOON
from tasker_api.testing.running_api import RunningApi
from tasker_devstack.rest_pages import pages

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("limit", [1, 2, 200])
async def test_they_come_once_newest_first_with_why(api: RunningApi, client: httpx.AsyncClient, limit: int) -> None:
    await api.documents.task("a", name="Alpha")
    await api.documents.missed("a", NOON, NOON + 2 * MINUTE, reason="policy")
    await api.documents.missed("a", NOON, NOON + MINUTE)
    await api.documents.missed("gone", NOON + MINUTE, NOON + MINUTE, reason="too_old")
    found: list[dict[str, Any]] = []
    async for page in pages(client, "/missed", limit=limit):
        found += page
    assert [(one["task_id"], one["task_name"]) for one in found] == [("a", "Alpha"), ("gone", None), ("a", "Alpha")]
    assert found[0]["from"] == "2026-01-01T12:00:00.000Z"
    assert found[0]["to"] == "2026-01-01T12:02:00.000Z"
    assert "misfire policy `none`" in found[0]["text"]
    assert "24 hours" in found[1]["text"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"reason": "policy"}, ["b"]),
        ({"task_id": "a"}, ["a"]),
        ({"from": "2026-01-01T12:05:00Z"}, ["b"]),
        ({"to": "2026-01-01T12:05:00Z"}, ["a"]),
    ],
)
async def test_they_are_found_without_reading_others(
    api: RunningApi, client: httpx.AsyncClient, query: dict[str, str], expected: list[str]
) -> None:
    await api.documents.missed("a", NOON, NOON + MINUTE)
    await api.documents.missed("b", NOON, NOON + 9 * MINUTE, reason="policy")
    await api.mongo.database.command("profile", 2)
    found = await client.get("/missed", params=query)
    await api.mongo.database.command("profile", 0)
    assert [one["task_id"] for one in found.json()["items"]] == expected
    [read] = await api.mongo.database["system.profile"].find({"command.find": "missed"}).to_list(None)
    assert read["docsExamined"] == 1, read["planSummary"]


async def test_a_wrong_reason_is_named(lone_client: httpx.AsyncClient) -> None:
    answer = await lone_client.get("/missed", params={"reason": "bored"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/reason")
