"""Lists read while the log sink writes tasks anew, deleted and inserted in a transaction: each is there once."""

import asyncio
from typing import Any

from tasker_api.queries.keyset import cut_page
from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_api.queries.tasks import TaskQueries, TaskSort
from tasker_api.testing.running_api import RunningApi

TASKS = 2_000
REPLACED = 200
WALKS = 4
"""One page in a hundred or so had a task twice."""


async def replace_for_ever(api: RunningApi) -> None:
    """Write tasks anew, as the log sink does."""
    tasks, session, start = api.mongo.database["tasks"], await api.mongo.session(), 0
    while True:
        matching = {"_id": {"$in": [f"t{number % TASKS:04}" for number in range(start, start + REPLACED)]}}

        async def work(matching: dict[str, Any] = matching) -> None:
            found: Any = await tasks.find(matching, session=session).to_list(None)
            await tasks.delete_many(matching, session=session)
            await tasks.insert_many(found, ordered=False, session=session)

        await api.mongo.transaction(session, work, lambda: None)
        start += REPLACED


async def walked(queries: TaskQueries, task_filter: TaskFilter, sort: TaskSort) -> list[str]:
    """The ids of a list, page by page."""
    seen, cursor = list[str](), None
    while True:
        found, cursor = await queries.page(task_filter, sort, 200, cursor)
        seen += [one["_id"] for one in found]
        if cursor is None:
            return seen


async def test_a_task_is_in_each_list_once(api: RunningApi) -> None:
    for number in range(TASKS):
        await api.documents.task(f"t{number:04}", tags=["a", "b"], words=["word", "world", "worry"])
    lists: dict[str, tuple[TaskFilter, TaskSort]] = {
        "all": (TaskFilter(), "name"),
        "of a key with tags": (TaskFilter(within=("a", "b")), "name"),
        "found by a word": (TaskFilter(q=("wor",)), "-next_at"),
        "found by an index of one key": (TaskFilter(handler="default"), "id"),
    }
    writer = asyncio.create_task(replace_for_ever(api))
    wrong = list[str]()
    try:
        for _ in range(WALKS):
            for name, (task_filter, sort) in lists.items():
                seen = await walked(TaskQueries(api.mongo), task_filter, sort)
                if len(seen) != TASKS or len(set(seen)) != TASKS:
                    wrong.append(f"{name}: {len(seen)} tasks, {len(set(seen))} different ones")
    finally:
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
    assert not wrong


def test_a_page_has_each_once_and_goes_on_where_it_ends() -> None:
    def page(ids: str, limit: int) -> tuple[str, str | None]:
        found, cursor = cut_page([{"_id": one} for one in ids], limit, lambda last: str(last["_id"]))
        return "".join(str(one["_id"]) for one in found), cursor

    assert page("abcd", 3) == ("abc", "c")
    assert page("abc", 3) == ("abc", None)
    assert page("abac", 3) == ("abc", "c"), "there may be more"
    assert page("aabb", 3) == ("ab", "b")
    assert page("aab", 3) == ("ab", None)
    assert page("", 3) == ("", None)
