"""What became of each nominal time of a task, over REST, from documents as the log sink writes them."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tasker_api.testing.document_writer import NOON
from tasker_api.testing.running_api import RunningApi
from tasker_core.ids import run_id
from tasker_core.time.instant import to_ms
from tasker_core.topics import PARTITIONS, Topics, partition_of

Json = dict[str, Any]


def after(hours: float, minutes: float = 0) -> datetime:
    return NOON + timedelta(hours=hours, minutes=minutes)


def text_of(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.000Z}"


class FixedClock:
    """Always the same time."""

    def __init__(self, now: datetime) -> None:
        self._now_ms = to_ms(now)

    def now_ms(self) -> int:
        return self._now_ms


def task_json(schedule: Json, **more: Any) -> str:
    return json.dumps({"id": "a", "name": "A", "schedule": schedule, "timeout": "PT1M", **more})


HOURLY = {"cron": "0 * * * *", "timezone": "UTC"}
HALF = {"cron": "30 * * * *", "timezone": "UTC", "exclude": ["* 19 * * *"]}


@pytest_asyncio.fixture(loop_scope="session")
async def api(database: str) -> AsyncIterator[RunningApi]:
    """An API on a fresh database, without Kafka: nothing is written here."""
    running = RunningApi("127.0.0.1:1", "none", database)
    await running.documents.indexes()
    yield running
    await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def story(api: RunningApi) -> RunningApi:
    """A task of one day: created, paused, resumed, given another schedule, deleted; it is ten hours past noon."""
    documents = api.documents
    api.app.state.context = replace(api.app.state.context, clock=FixedClock(after(10)))
    revisions: list[Json] = [
        {"effective_from": after(-0.5), "task_json": task_json(HOURLY), "actor": "ann"},
        {"effective_from": after(2, 10), "event_type": "pause", "actor": "bob", "note": "holidays", "channel": "ui"},
        {"effective_from": after(4, 10), "event_type": "resume", "task_json": task_json(HOURLY)},
        {"effective_from": after(6, 10), "task_json": task_json(HALF, misfire={"policy": "none"}), "actor": "ann"},
        {"effective_from": after(8, 10), "event_type": "delete", "task_json": None, "since": None, "actor": "eve"},
    ]
    pause = {"at": text_of(after(2, 10)), "by": "bob", "note": "holidays"}
    revisions[1] |= {"task_json": task_json(HOURLY, paused=True, pause=pause), "paused": True}
    ends = [one["effective_from"] for one in revisions[1:]] + [None]
    for version, (revision, end) in enumerate(zip(revisions, ends, strict=True), 1):
        since = {"since": revision["effective_from"]}
        await documents.revision("a", version, **{"superseded_at": end, **since, **revision})
    error = {"kind": "exit", "message": "ended with status 1"}
    overlap = {"kind": "overlap", "message": "not started: run 1 of the task was unfinished"}
    runs: list[tuple[float, Json]] = [
        (0, {"state": "succeeded"}),
        (1, {"state": "failed", "error": error, "attempt": 2}),
        (5, {"state": "skipped", "started_at": None, "error": overlap}),
    ]
    for hours, run in runs:
        at = after(hours)
        times = dict.fromkeys(("nominal_at", "effective_at", "started_at", "received_at"), at)
        await documents.run(run_id("a", 1, "scheduled", to_ms(at) // 1000), **{**times, **run})
    await documents.run("b", kind="backfill", nominal_at=after(2), effective_at=after(2), started_at=after(3))
    await documents.missed("a", after(2), after(2), version=1)
    await documents.missed("a", after(6, 30), after(6, 30), version=4, reason="policy")
    mark: Json = {"cluster_id": "c", "topic": Topics("none")["watermarks"], "partition": partition_of("a", PARTITIONS)}
    mark |= {"_id": "c/w", "watermark": after(10), "applied_at": after(10), "catch_up": []}
    await documents.database["partitions"].insert_one(mark)
    return api


async def listed(client: httpx.AsyncClient, **params: Any) -> list[Json]:
    """All items, page by page."""
    found, cursor = list[Json](), None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        answer = await client.get("/tasks/a/occurrences", params={**params, **more})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found


WHOLE = {"from": text_of(after(-2)), "to": text_of(after(11))}
TOLD = [
    (after(-2), "before", "Not run: the task was only created at 2026-01-01 11:30 UTC, by ann over REST."),
    (after(-1), "before", "Not run: the task was only created at 2026-01-01 11:30 UTC, by ann over REST."),
    (after(0), "ran", "Ran at 2026-01-01 12:00 UTC and succeeded."),
    (after(1), "ran", "Ran at 2026-01-01 13:00 UTC in attempt 2 and failed: ended with status 1."),
    (
        after(2),
        "missed",
        "Missed: it could not be emitted within its grace (1 minute), and the misfire policy `latest` runs only the "
        "newest of what is late. Backfilled: ran at 2026-01-01 15:00 UTC and succeeded.",
    ),
    *(
        (
            after(hours),
            "paused",
            "Not run: the task was paused from 2026-01-01 14:10 UTC to 2026-01-01 16:10 UTC, by bob in the web UI "
            "(holidays).",
        )
        for hours in (3, 4)
    ),
    (after(5), "skipped", "Skipped: not started: run 1 of the task was unfinished."),
    (
        after(6),
        "pending",
        "Due and decided, but not in the log yet: most likely its run waits for an executor or runs there.",
    ),
    (
        after(6, 30),
        "missed",
        "Missed: it could not be emitted within its grace (1 minute), and the misfire policy `none` runs nothing that "
        "is late.",
    ),
    (after(7, 30), "excluded", "Not run: version 4 leaves this time out by `* 19 * * *`, an entry of its `exclude`."),
    *(
        (after(hours, 30), "deleted", "Not run: the task was deleted at 2026-01-01 20:10 UTC by eve over REST.")
        for hours in (8, 9)
    ),
    (after(10, 30), "deleted", "Will not run: the task was deleted at 2026-01-01 20:10 UTC by eve over REST."),
]


@pytest.mark.parametrize("limit", [1, 4, 200])
async def test_every_time_is_told_once_whatever_the_order_and_the_page(
    story: RunningApi, client: httpx.AsyncClient, limit: int
) -> None:
    assert story
    expected = [(text_of(at), status, text) for at, status, text in TOLD]
    for order, wanted in (("asc", expected), ("desc", expected[::-1])):
        items = await listed(client, **WHOLE, order=order, limit=limit)
        assert [(item["nominal_at"], item["status"], item["text"]) for item in items] == wanted


async def test_only_some_of_them(story: RunningApi, client: httpx.AsyncClient) -> None:
    assert story
    items = await listed(client, **WHOLE, status=["missed", "skipped"], limit=1)
    assert [item["status"] for item in items] == ["missed", "skipped", "missed"]
    missed = items[-1]
    assert (missed["reason"], missed["from"], missed["to"]) == ("coalesced", text_of(after(2)), text_of(after(2)))
    assert missed["backfill"]["state"] == "succeeded"
    (paused, _) = await listed(client, **WHOLE, status="paused")
    interval = (paused["from"], paused["to"], paused["by"], paused["channel"], paused["note"])
    assert interval == (text_of(after(2, 10)), text_of(after(4, 10)), "bob", "ui", "holidays")


async def test_without_bounds_the_newest_past_ones_come_first(story: RunningApi, client: httpx.AsyncClient) -> None:
    assert story
    answer = (await client.get("/tasks/a/occurrences", params={"limit": 2})).json()
    assert [item["nominal_at"] for item in answer["items"]] == [text_of(after(9, 30)), text_of(after(8, 30))]
    assert answer["known_because"] == "not_kept"
    coming = (await client.get("/tasks/a/occurrences", params={"limit": 1, "order": "asc"})).json()
    assert coming["items"][0]["nominal_at"] == text_of(after(10, 30))


async def test_what_is_not_known_says_so(api: RunningApi, client: httpx.AsyncClient) -> None:
    api.app.state.context = replace(api.app.state.context, clock=FixedClock(after(24 * 100)))
    shown = {"event_type": "unknown", "source": "snapshot", "channel": None, "effective_from": after(24 * 80)}
    await api.documents.revision("a", 7, generation=1, since=after(24 * 80), **shown)
    answer = (await client.get("/tasks/a/occurrences", params={"from": text_of(after(24 * 79)), "limit": 200})).json()
    assert answer["known_from"] == text_of(after(24 * 80))
    assert answer["known_because"] == "before_known_history"
    (old,) = await listed(client, **{"from": text_of(after(24 * 79)), "to": text_of(after(24 * 79, 1))})
    assert old["status"] == "unknown"
    assert old["text"] == (
        "Not known: the history of the task is kept from 2026-03-22 12:00 UTC on, and the log has nothing of this time."
    )
    (older,) = await listed(client, **{"from": text_of(after(0)), "to": text_of(after(0, 1))})
    assert older["reason"] == "not_kept"


async def test_how_long_the_log_is_kept_is_what_the_database_says(api: RunningApi, client: httpx.AsyncClient) -> None:
    api.app.state.context = replace(api.app.state.context, clock=FixedClock(after(24 * 100)))
    await api.documents.revision("a", 1, superseded_at=None)
    change = {"index": {"name": "retention", "expireAfterSeconds": 7 * 24 * 3600}}
    await api.documents.database.command({"collMod": "missed", **change})
    answer = (await client.get("/tasks/a/occurrences", params={"limit": 1})).json()
    assert answer["known_from"] == text_of(after(24 * 93))


async def test_of_an_unknown_task_nothing_is_told(api: RunningApi, client: httpx.AsyncClient) -> None:
    answer = await client.get("/tasks/nobody/occurrences")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "the task 'nobody' is not there, and nothing is known of one that was"
    await api.documents.task("old", deleted=True)
    answer = await client.get("/tasks/old/occurrences")
    assert answer.status_code == 404
    assert "`/tasks/old/runs` lists its runs" in answer.json()["detail"]


async def test_wrong_bounds_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/tasks/a/occurrences", params={"from": text_of(after(2)), "to": text_of(after(1))})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/to"
    answer = await client.get("/tasks/a/occurrences", params={"status": "lost"})
    assert answer.status_code == 422


async def test_an_every_second_task_over_a_year_answers_a_page_at_once(
    api: RunningApi, client: httpx.AsyncClient
) -> None:
    api.app.state.context = replace(api.app.state.context, clock=FixedClock(after(24 * 365)))
    await api.documents.revision("a", 1, task_json=task_json({"cron": "* * * * * *", "timezone": "UTC"}))
    params = {"from": text_of(after(0)), "to": text_of(after(24 * 365)), "status": "missed"}
    answer = (await client.get("/tasks/a/occurrences", params=params)).json()
    assert answer["items"] == []
    assert answer["next_cursor"] is not None, "so far has been looked, and no further"
