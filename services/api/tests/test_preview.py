"""The look ahead: what the ticker fires, in words and at the schedule's own clock."""

from typing import Any

import httpx
import pytest


async def preview(lone_client: httpx.AsyncClient, schedule: Any, **more: Any) -> dict[str, Any]:
    body = {"schedule": schedule, "from": "2026-03-28T12:00:00Z"} | more
    return (await lone_client.post("/schedules/preview", json=body)).json()


async def test_a_skipped_hour_is_shown_as_it_fires(lone_client: httpx.AsyncClient) -> None:
    found = await preview(lone_client, {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}, count=3)
    assert found["description"] == "At 02:30, every day, Europe/Berlin"
    assert [coming["local"] for coming in found["next"]] == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
        "2026-03-31T02:30:00+02:00",
    ]
    assert found["next"][0]["at"] == "2026-03-29T01:00:00.000Z"


async def test_intervals_and_instants(lone_client: httpx.AsyncClient) -> None:
    hourly = await preview(lone_client, {"every": "PT1H"}, timezone="Asia/Tokyo", count=1)
    assert hourly["next"] == [{"at": "2026-03-28T13:00:00.000Z", "local": "2026-03-28T22:00:00+09:00"}]
    assert "created" in hourly["notes"][0]
    once = await preview(lone_client, {"at": "2026-12-24T18:00:00.5+01:00"})
    assert once["next"] == [{"at": "2026-12-24T17:00:01.000Z", "local": "2026-12-24T18:00:01+01:00"}]
    gap = await preview(lone_client, {"at": "2026-03-29T02:30:00", "timezone": "Europe/Berlin"})
    assert gap["next"][0]["local"] == "2026-03-29T03:00:00+02:00"
    assert "does not exist" in gap["notes"][0]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"schedule": {"cron": "x"}}, "/schedule/cron"),
        ({"schedule": {}}, "/schedule"),
        ({}, "/schedule"),
        ({"schedule": {"every": "PT1H"}, "count": 101}, "/count"),
        ({"schedule": {"every": "PT1H"}, "from": "2026-01-01T00:00:00"}, "/from"),
        ({"schedule": {"every": "PT1H"}, "timezone": "Mars/Base"}, "/timezone"),
        ({"schedule": {"every": "PT1H"}, "wrong": 1}, "/wrong"),
    ],
)
async def test_wrong_schedules_are_named(lone_client: httpx.AsyncClient, body: dict[str, Any], pointer: str) -> None:
    answer = await lone_client.post("/schedules/preview", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_the_document_holds_every_reference(lone_client: httpx.AsyncClient) -> None:
    text = (await lone_client.get("/openapi.json")).text
    names = (await lone_client.get("/openapi.json")).json()["components"]["schemas"].keys()
    wanted = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert wanted <= names
