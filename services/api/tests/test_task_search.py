"""Searches find the same tasks, in pages and in order, by whichever index they are read."""

from typing import Any, Final

import httpx
import pytest

from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_api.queries.tasks import TaskQueries, TaskSort
from tasker_api.testing.document_writer import NOON
from tasker_api.testing.running_api import RunningApi

SEARCHES: Final[list[tuple[str, ...]]] = [("sync",), ("s",), ("sync", "ora"), ("1",), ("t-1", "sync"), ("nothing",)]
SORTS: Final[list[TaskSort]] = ["name", "-name", "-id", "next_at", "-failures"]


@pytest.mark.parametrize(("few", "merged"), [(5_000, 20), (4, 20), (0, 20), (0, 0)])
async def test_each_way_of_reading_finds_the_same(
    api: RunningApi, monkeypatch: pytest.MonkeyPatch, few: int, merged: int
) -> None:
    monkeypatch.setattr("tasker_api.queries.tasks.FEW", few)
    monkeypatch.setattr("tasker_api.queries.tasks.MAX_MERGED", merged)
    names: dict[str, str] = {}
    for n in range(12):
        names[f"t-{n}"] = f"{('Sync', 'sýnc-all', 'Pull')[n % 3]} {('apples', 'oranges')[n % 2]} {n}"
        more: dict[str, Any] = {
            "next_at": None if n % 4 else NOON,
            "failures": n % 5,
            "tags": ["synced"] if n == 2 else [],
        }
        await api.documents.task(f"t-{n}", name=names[f"t-{n}"], **more)
    await api.documents.task("t-1-sync", deleted=True)
    synced = {task for task, name in names.items() if name.lower()[0] == "s"} | {"t-2"}
    expected = [
        synced,
        synced,
        {task for task in synced if "oranges" in names[task]},
        {"t-1", "t-10", "t-11"},
        {"t-1", "t-10"},
        set[str](),
    ]
    queries = TaskQueries(api.mongo)
    for words, wanted in zip(SEARCHES, expected, strict=True):
        for sort in SORTS:
            found, cursor = await queries.page(TaskFilter(q=words), sort, 3, None)
            while cursor is not None:
                page, cursor = await queries.page(TaskFilter(q=words), sort, 3, cursor)
                found += page
            whole = (await queries.page(TaskFilter(), sort, 200, None))[0]
            assert [one["_id"] for one in found] == [one["_id"] for one in whole if one["_id"] in wanted], (words, sort)


async def test_scripts_without_spaces_are_found_within(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("monthly", name="月次請求書")
    for text, found in (("請求", ["monthly"]), ("月次請", ["monthly"]), ("求月", [])):
        assert [item["id"] for item in (await client.get("/tasks", params={"q": text})).json()["items"]] == found


async def test_an_index_that_is_not_made_yet_is_told(api: RunningApi, client: httpx.AsyncClient) -> None:
    """As an API of a new release sees it before the first log sink of it."""
    await api.documents.task("a")
    await api.mongo.database["tasks"].drop_index("of_word")
    answer = await client.get("/tasks", params={"q": "a"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "a log sink of this release makes it" in answer.json()["detail"]
