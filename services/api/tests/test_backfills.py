"""Backfills: what is published for a range, for given times, and for what was missed or has failed."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tasker_api.testing.document_writer import NOON
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi

MINUTES = '{"cron":"* * * * *","timezone":"UTC","gap":"shift","fold":"first"}'
RANGE = {"start": "2026-01-01T12:00:00Z", "end": "2026-01-01T13:00:00+00:00"}


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


async def test_a_range_is_published_and_counted(api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker) -> None:
    await api.documents.task("a", schedule_json=MINUTES)
    asking = client.post("/tasks/a/backfills", json=RANGE | {"rate": 60})
    answer, event = await asyncio.gather(asking, ticker.decide(verdict="accepted"))
    assert answer.status_code == 200, answer.text
    response = answer.json()
    assert (response["event_id"], response["rate"], response["count"], response["is_more"]) == (
        event["id"],
        60,
        60,
        False,
    )
    assert (response["first"], response["last"]) == ("2026-01-01T12:00:00.000Z", "2026-01-01T12:59:00.000Z")
    assert {name: event[name] for name in ("start", "end", "rate")} == RANGE | {"rate": 60}


async def test_a_dry_run_counts_and_publishes_nothing(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.task("a", schedule_json='{"every":"PT1S","anchor":"2020-01-01T00:00:00Z"}')
    body = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z", "dry_run": True}
    response = (await client.post("/tasks/a/backfills", json=body)).json()
    assert (response["event_id"], response["count"], response["is_more"]) == (None, 10_000, True)
    times = ["2026-01-01T12:00:00Z", "2026-01-01T12:05:00Z"]
    asking = client.post("/tasks/a/backfills", json={"times": times})
    answer, event = await asyncio.gather(asking, ticker.decide(verdict="accepted"))
    assert (answer.json()["count"], event["times"]) == (2, times), "the first event is that of the times"


async def test_a_range_of_which_much_is_left_out_is_not_counted_for_long(
    api: RunningApi, client: httpx.AsyncClient
) -> None:
    halves = {
        "any": [{"cron": "0-58 * * * *"}, {"at": "2025-12-31T12:00:30Z"}],
        "exclude": ["0-29 * * * *", "30-59 * * * *"],
    }
    await api.documents.task("a", schedule_json=json.dumps(halves))
    body = {"start": "1970-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z", "dry_run": True}
    response = (await client.post("/tasks/a/backfills", json=body)).json()
    assert (response["count"], response["is_more"]) == (0, True)
    await api.documents.missed("a", at(-60 * 24 * 3650), at(-1))
    response = (await client.post("/tasks/a/backfills", json={"only": "missed", "dry_run": True})).json()
    assert (response["count"], response["cut"], response["cut_is_more"]) == (0, 0, True)


async def test_what_was_missed_is_taken_once_and_by_the_definition_of_then(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.task("a", version=5, schedule_json=MINUTES)
    hourly = '{"schedule":{"cron":"0 * * * *","timezone":"UTC"},"id":"a"}'
    await api.documents.verdict("a", "e3", version=3, task_json=hourly)
    await api.documents.missed("a", at(-180), at(-60), version=3)
    await api.documents.missed("a", at(1), at(5), version=5)
    await api.documents.missed("a", at(-900), at(-800), generation=7)
    await api.documents.missed("b", at(-900), at(-800))
    await api.documents.run("made-good", kind="backfill", nominal_at=at(2), effective_at=at(2))
    await api.documents.run("in-vain", kind="backfill", nominal_at=at(3), effective_at=at(3), state="failed")
    asking = client.post("/tasks/a/backfills", json={"only": "missed"})
    answer, event = await asyncio.gather(asking, ticker.decide(verdict="accepted"))
    assert answer.status_code == 200, answer.text
    wanted = [at(-180), at(-120), at(-60), at(1), at(3), at(4), at(5)]
    assert [datetime.fromisoformat(time) for time in event["times"]] == wanted
    assert (answer.json()["count"], answer.json()["cut"], event["rate"]) == (7, 0, 600)


async def test_what_failed_is_taken_unless_it_was_made_good(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.task("a", schedule_json=MINUTES)
    failed = {"state": "failed", "version": 1}
    for minute in (1, 2, 3):
        await api.documents.run(f"r{minute}", nominal_at=at(minute), effective_at=at(minute), **failed)
    await api.documents.run("again-2", kind="backfill", nominal_at=at(2), effective_at=at(2))
    await api.documents.run("again-3", kind="backfill", nominal_at=at(3), effective_at=at(3), **failed)
    await api.documents.run("by-hand", kind="manual", nominal_at=at(4), effective_at=at(4), **failed)
    await api.documents.run("other", task_id="b", nominal_at=at(5), effective_at=at(5), **failed)
    answer, event = await asyncio.gather(
        client.post("/tasks/a/backfills", json={"only": "failed"}), ticker.decide(verdict="accepted")
    )
    assert [datetime.fromisoformat(time) for time in event["times"]] == [at(1), at(3)]
    assert answer.json()["count"] == 2


async def test_more_than_fits_is_cut_and_counted(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("a", schedule_json=MINUTES)
    await api.documents.missed("a", at(0), at(1_499))
    response = (await client.post("/tasks/a/backfills", json={"only": "missed", "dry_run": True})).json()
    assert (response["count"], response["cut"], response["cut_is_more"]) == (1_000, 500, False)
    assert datetime.fromisoformat(response["last"]) == at(999)
    bounds = {"start": at(100).isoformat(), "end": at(103).isoformat()}
    response = (await client.post("/tasks/a/backfills", json={"only": "missed", "dry_run": True} | bounds)).json()
    assert (response["count"], response["cut"]) == (3, 0)
    await api.documents.missed("a", at(2_000), at(20_000))
    response = (await client.post("/tasks/a/backfills", json={"only": "missed", "dry_run": True})).json()
    assert (response["count"], response["cut"], response["cut_is_more"]) == (1_000, 9_000, True)


async def test_nothing_left_to_run_begins_nothing(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("a", schedule_json=MINUTES)
    answer = await client.post("/tasks/a/backfills", json={"only": "failed"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["event_id"], answer.json()["count"]) == (None, 0)


async def test_a_repeat_is_not_begun_again_whatever_has_run_meanwhile(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.task("a", schedule_json=MINUTES)
    await api.documents.missed("a", at(1), at(2))

    async def ask(only: str) -> httpx.Response:
        return await client.post("/tasks/a/backfills", json={"only": only}, headers={"Idempotency-Key": "k"})

    first, _ = await asyncio.gather(ask("missed"), ticker.decide(verdict="accepted"))
    await api.documents.run("r", kind="backfill", nominal_at=at(1), effective_at=at(1))
    again = await ask("missed")
    assert (first.json()["count"], again.json()["count"], again.json()["event_id"]) == (2, None, "k")
    assert (await ask("failed")).status_code == 422


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"start": "2026-01-01T12:00:00Z"}, ""),
        (RANGE | {"times": ["2026-01-01T12:00:00Z"]}, ""),
        (RANGE | {"rate": 0}, "/rate"),
        (RANGE | {"end": "2099-01-01T00:00:00Z"}, "/end"),
        ({"start": "yesterday", "end": "2026-01-01T12:00:00Z"}, "/start"),
        ({"times": []}, "/times"),
        ({"times": ["2026-01-01T12:00:00Z"] * 1_001}, "/times"),
        ({"times": ["noon"]}, "/times/0"),
        ({"only": "some"}, "/only"),
        ({"only": "failed", "times": ["2026-01-01T12:00:00Z"]}, "/times"),
        ({"only": "failed", "start": "noon"}, "/start"),
        (RANGE | {"colour": "red"}, "/colour"),
    ],
)
async def test_each_wrong_field_is_named(
    api: RunningApi, client: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    await api.documents.task("a")
    answer = await client.post("/tasks/a/backfills", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer], answer.text


async def test_a_missing_task_is_not_found(client: httpx.AsyncClient) -> None:
    for body in (RANGE, {"only": "missed"}):
        assert (await client.post("/tasks/unknown/backfills", json=body)).status_code == 404
