"""Lists that are walked while others write: whatever stands throughout is seen exactly once, in each list and order."""

import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final, get_args

import httpx
import pytest

from tasker_api.queries.tasks import TaskSort
from tasker_api.testing.document_writer import NOON, DocumentWriter
from tasker_api.testing.running_api import RunningApi

STANDING: Final = ("a", "A", "a1", "a01", "a-1", "a.1", "b", "B2", "b10", "z", "0", "00")
"""Ids and names that are alike to people."""
WRITES: Final = 3
"""So many between two pages."""
Write = Callable[[int], Awaitable[object]]


async def seen(client: httpx.AsyncClient, path: str, key: str, write: Write, **params: Any) -> Counter[Any]:
    """How often each item comes, page by page, with writes between the pages."""
    found, cursor, number = Counter[Any](), None, 0
    while True:
        given = {**params, **({} if cursor is None else {"cursor": cursor})}
        answer = await client.get(path, params=given)
        assert answer.status_code == 200, answer.text
        found.update(item[key] for item in answer.json()["items"])
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found
        for _ in range(WRITES):
            await write(number := number + 1)


def once(found: Counter[Any], standing: Any) -> bool:
    return all(found[one] == 1 for one in standing)


def task_writes(documents: DocumentWriter, chance: random.Random) -> Write:
    """Others come, go, and move in whatever the list is sorted by."""

    def values() -> dict[str, Any]:
        at = NOON + timedelta(seconds=chance.randrange(5))
        return {
            "name": chance.choice(STANDING),
            "failures": chance.randrange(3),
            "next_at": chance.choice([None, at]),
            "created_at": at,
            "updated_at": at,
            "last_outcome": chance.choice([None, "failed", "succeeded"]),
        }

    async def write(number: int) -> None:
        other = f"other-{chance.randrange(number)}"
        match chance.randrange(3):
            case 0:
                await documents.task(f"{chance.choice(STANDING)}.x{number}", **values())
            case 1:
                await documents.change_task(other, **values())
            case _:
                await documents.remove_task(other)

    return write


@pytest.mark.parametrize("few", [5_000, 0], ids=["sorted", "in order"])
@pytest.mark.parametrize("sort", get_args(TaskSort))
async def test_tasks(
    api: RunningApi, client: httpx.AsyncClient, sort: TaskSort, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasker_api.queries.tasks.FEW", few)
    chance = random.Random(sort)
    for number, task_id in enumerate(STANDING):
        at = NOON + timedelta(seconds=number % 3)
        outcome = (None, "failed", "succeeded")[number % 3]
        coming = None if number % 4 == 0 else at
        same: dict[str, Any] = {"created_at": at, "updated_at": at, "next_at": coming, "failures": number % 2}
        await api.documents.task(task_id, name=chance.choice(STANDING), last_outcome=outcome, tags=["t"], **same)
    for number in range(8):
        await api.documents.task(f"other-{number}", tags=["t"])
    for limit in (1, 3):
        write = task_writes(api.documents, chance)
        assert once(await seen(client, "/tasks", "id", write, sort=sort, limit=limit, tag="t"), STANDING)
        for collection in ("tasks", "next_times"):
            await api.documents.database[collection].delete_many({"_id": {"$regex": r"\.x\d+$"}})


@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_runs(api: RunningApi, client: httpx.AsyncClient, limit: int) -> None:
    chance = random.Random(limit)
    standing = [f"{number:032x}" for number in range(10)]
    for number, run_id in enumerate(standing):
        await api.documents.run(run_id, effective_at=NOON + timedelta(seconds=number // 3))

    async def write(number: int) -> None:
        runs, at = api.documents.database["runs"], NOON + timedelta(seconds=chance.randrange(6))
        await api.documents.run(f"{chance.getrandbits(124):031x}x", effective_at=at, state="running")
        await runs.update_one({"state": "running"}, {"$set": {"state": "failed", "attempt": number}})
        await runs.delete_one({"state": "failed"})

    for path in ("/runs", "/tasks/a/runs"):
        assert once(await seen(client, path, "id", write, limit=limit), standing)


async def test_histories_and_calendars(api: RunningApi, client: httpx.AsyncClient) -> None:
    versions = range(10, 20)
    for version in versions:
        await api.documents.revision("a", version, effective_from=NOON + timedelta(seconds=version // 3))

    async def newer(number: int) -> None:
        await api.documents.revision("a", 100 + number, effective_from=NOON + timedelta(seconds=100 + number))

    assert once(await seen(client, "/tasks/a/history", "version", newer, limit=2), versions)

    for name in STANDING:
        await api.documents.calendar(f"{name}-days", ["2026-12-25"])

    async def others(number: int) -> None:
        await api.documents.calendar(f"{'abz'[number % 3]}-{number}", [])
        await api.documents.database["calendars"].delete_one({"_id": f"{'abz'[number % 3]}-{number - 3}"})

    assert once(await seen(client, "/calendars", "name", others, limit=2), [f"{name}-days" for name in STANDING])

    for version in versions:
        await api.documents.calendar("closed", [], version=version, superseded=version != versions[-1])

    async def next_version(number: int) -> None:
        await api.documents.calendar("closed", [], version=100 + number, superseded=True)

    assert once(await seen(client, "/calendars/closed/history", "version", next_version, limit=2), versions)


@pytest.mark.parametrize("limit", [1, 3])
async def test_change_sets_and_their_items(api: RunningApi, client: httpx.AsyncClient, limit: int) -> None:
    async def change_set(name: str, at: int) -> None:
        when = NOON + timedelta(seconds=at)
        about = {"kind": "bulk", "action": "pause", "state": "done", "counts": {"accepted": 1}, "versions": {}}
        stated = {"actor": None, "channel": "rest", "note": None, "created_at": when, "updated_at": when}
        first = {"_id": name, "first_version": 1, "state_version": 1, "logged_at": when}
        await api.documents.database["change_sets"].insert_one(first | about | stated)

    standing = [f"set-{number}" for number in range(8)]
    for number, name in enumerate(standing):
        await change_set(name, number // 3)

    async def others(number: int) -> None:
        await change_set(f"other-{number}", number % 5)
        await api.documents.database["change_sets"].delete_one({"_id": f"other-{number - 2}"})

    assert once(await seen(client, "/change-sets", "id", others, limit=limit), standing)

    async def item(task_id: str, verdict: str) -> None:
        await api.documents.verdict(task_id, f"set-0/{task_id}", change_set="set-0", verdict=verdict)

    for number, task_id in enumerate(STANDING):
        await item(task_id, ("accepted", "rejected", "superseded")[number % 3])

    async def answered(number: int) -> None:
        if number <= 40:  # or the list would grow faster than it is read
            await item(f"{'aBz0'[number % 4]}.x{number}", ("rejected", "accepted")[number % 2])

    assert once(await seen(client, "/change-sets/set-0/items", "task_id", answered, limit=limit), STANDING)


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_occurrences(api: RunningApi, client: httpx.AsyncClient, order: str) -> None:
    schedule = {"cron": "*/5 * * * *", "timezone": "UTC"}
    task = {"id": "a", "name": "A", "schedule": schedule, "timeout": "PT1M"}
    await api.documents.revision("a", 1, effective_from=NOON, task_json=json.dumps(task))

    async def progress(number: int) -> None:
        """It runs, is missed, and is changed behind what is asked for."""
        at = NOON + timedelta(minutes=5 * number)
        await api.documents.run(f"{number:032x}", nominal_at=at, effective_at=at)
        await api.documents.missed("a", at, at)
        later = NOON + timedelta(hours=3, minutes=number)
        await api.documents.revision("a", 1 + number, effective_from=later, task_json=json.dumps(task))

    between = {"from": text_of(NOON), "to": text_of(NOON + timedelta(hours=2))}
    walked = await seen(client, "/tasks/a/occurrences", "nominal_at", progress, order=order, limit=3, **between)
    assert walked == Counter(text_of(NOON + timedelta(minutes=5 * number)) for number in range(24))


def text_of(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.000Z}"
