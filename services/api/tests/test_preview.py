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
    assert found["notes"] == [
        "02:30 does not exist on 2026-03-29 in Europe/Berlin, where the clock goes forward by 1 hour; "
        "it fires at 03:00+02:00 instead",
        "02:30 comes twice on 2026-10-25 in Europe/Berlin, where the clock goes back by 1 hour; "
        "it fires the first time (+02:00)",
    ]


async def test_intervals_and_instants(lone_client: httpx.AsyncClient) -> None:
    hourly = await preview(lone_client, {"every": "PT1H"}, timezone="Asia/Tokyo", count=1)
    assert hourly["next"] == [{"at": "2026-03-28T13:00:00.000Z", "local": "2026-03-28T22:00:00+09:00"}]
    assert "created" in hourly["notes"][0]
    once = await preview(lone_client, {"at": "2026-12-24T18:00:00.5+01:00"})
    assert once["next"] == [{"at": "2026-12-24T17:00:01.000Z", "local": "2026-12-24T18:00:01+01:00"}]
    gap = await preview(lone_client, {"at": "2026-03-29T02:30:00", "timezone": "Europe/Berlin"})
    assert gap["next"][0]["local"] == "2026-03-29T03:00:00+02:00"
    assert "does not exist" in gap["notes"][0]


async def test_calendar_intervals(lone_client: httpx.AsyncClient) -> None:
    fields = {"every": "P1M", "at": "09:00", "timezone": "Europe/Berlin", "anchor": "2026-01-31"}
    found = await preview(lone_client, fields, count=2)
    assert [coming["local"] for coming in found["next"]] == ["2026-03-31T09:00:00+02:00", "2026-04-30T09:00:00+02:00"]
    assert found["description"].startswith("Every month on day 31 or the month's last day at 09:00, Europe/Berlin")
    assert "2026-04-30" in found["notes"][0]
    assert "by" not in found["next"][0]


async def test_which_members_fire(lone_client: httpx.AsyncClient) -> None:
    members = [
        {"cron": "0 9 * * *"},
        {"every": "PT3H", "anchor": "2026-01-01T00:00:00Z"},
        {"at": "2026-03-28T13:00:00Z"},
    ]
    found = await preview(lone_client, {"any": members}, count=8)
    assert [(coming["local"][11:16], coming["by"]) for coming in found["next"]] == [
        ("13:00", [2]),
        *((f"{hour:02}:00", [1]) for hour in (15, 18, 21, 0, 3, 6)),
        ("09:00", [0, 1]),
    ]


async def test_a_manual_schedule_has_no_times(lone_client: httpx.AsyncClient) -> None:
    assert await preview(lone_client, {"manual": True}) == {
        "description": "Only when it is triggered",
        "next": [],
        "notes": [],
    }


async def test_the_delay_of_a_task(lone_client: httpx.AsyncClient) -> None:
    found = await preview(lone_client, {"cron": "@daily", "spread": "PT1H"}, task_id="daily-report")
    assert found["notes"][-1].startswith("the delay of this task is ")


@pytest.mark.parametrize(
    ("schedule", "pointer"),
    [
        ({"at": "2020-01-01T00:00:00Z"}, "/schedule/at"),
        ({"cron": "@daily", "end": "2020-01-01T00:00:00Z"}, "/schedule/end"),
        ({"cron": "@daily", "exclude": ["* * * * *"]}, "/schedule/exclude"),
        ({"any": [{"cron": "@daily"}, {"cron": "0 24 * * *"}]}, "/schedule/any/1/cron"),
        ({"every": "P1M"}, "/schedule/every"),
    ],
)
async def test_what_would_be_refused_when_saved(
    lone_client: httpx.AsyncClient, schedule: dict[str, Any], pointer: str
) -> None:
    problem = await preview(lone_client, schedule)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


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


async def test_a_look_ahead_is_bounded_as_a_whole_and_says_how_far_it_came(lone_client: httpx.AsyncClient) -> None:
    odd = {"every": "P1D", "at": "02:30", "anchor": "1970-01-01", "exclude": ["* * * 2-12 *", "* * 2-31 * *"]}
    found = await preview(lone_client, odd, count=100)
    assert 5 < len(found["next"]) < 100
    assert {coming["local"][4:16] for coming in found["next"]} == {"-01-01T02:30"}
    [note] = [note for note in found["notes"] if note.startswith("no further than")]
    assert note.removeprefix("no further than ")[:4] >= found["next"][-1]["local"][:4]
    usual = {"cron": "*/30 7-18 * * *", "timezone": "Europe/Berlin", "exclude": ["* * * * SAT,SUN", "* 12 * * *"]}
    found = await preview(lone_client, usual, count=100)
    assert (len(found["next"]), found["notes"]) == (100, [])
