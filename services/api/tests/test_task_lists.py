"""Lists of tasks as people order and filter them; stable under a cursor while tasks come and go."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_api.queries.tasks import TaskQueries
from tasker_api.testing.document_writer import NOON
from tasker_api.testing.running_api import RunningApi

Json = dict[str, Any]
AS_PEOPLE_READ = [
    *("-x", "2 tasks", "10 tasks", "apfel", "Apfel", "Äpfel", "apple", "banana", "Banana", "éclair", "Eclairs"),
    *("report 2", "Report 2", "Report 10", "ss", "ß", "ss2", "zebra", "日本"),
]


async def listed(client: httpx.AsyncClient, **params: Any) -> list[Json]:
    answer = await client.get("/tasks", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def ids(client: httpx.AsyncClient, **params: Any) -> list[str]:
    return [item["id"] for item in await listed(client, **params)]


async def test_names_are_compared_as_people_do(api: RunningApi, client: httpx.AsyncClient) -> None:
    for number, name in enumerate(sorted(AS_PEOPLE_READ)):
        await api.documents.task(f"t{number}", name=name)
    assert [item["name"] for item in await listed(client)] == AS_PEOPLE_READ
    assert [item["name"] for item in await listed(client, sort="-name")] == AS_PEOPLE_READ[::-1]


async def test_each_order_and_its_reverse(api: RunningApi, client: httpx.AsyncClient) -> None:
    rows = [("t10", 3, "failed", 2), ("t9", 1, "succeeded", 0), ("T1", 2, "cancelled", 0), ("t-2", 4, None, 0)]
    for task, second, outcome, failures in rows:
        created = NOON + timedelta(seconds=second)
        await api.documents.task(task, created_at=created, last_outcome=outcome, failures=failures)
    assert await ids(client, sort="id") == ["t-2", "T1", "t9", "t10"]
    assert await ids(client, sort="created_at") == ["t9", "T1", "t10", "t-2"]
    assert await ids(client, sort="last_outcome") == ["T1", "t10", "t9", "t-2"], "who has not run comes last"
    assert await ids(client, sort="-last_outcome") == ["t9", "t10", "T1", "t-2"]
    assert await ids(client, sort="-failures") == ["t10", "t9", "T1", "t-2"]
    for sort in ("id", "created_at", "failures"):
        assert await ids(client, sort=f"-{sort}") == (await ids(client, sort=sort))[::-1]


async def test_how_runs_ended_and_who_paused(api: RunningApi, client: httpx.AsyncClient) -> None:
    pause = {"at": "2026-01-01T12:00:00.000Z", "by": "tasker", "note": "paused after 3 failures in a row"}
    itself: Json = {"state": "paused", "pause_json": json.dumps(pause), "paused_by": "tasker"}
    await api.documents.task("broken", last_outcome="failed", failures=3, **itself)
    by_ann = {"state": "paused", "pause_json": json.dumps(pause | {"by": "Ann"}), "paused_by": "Ann"}
    await api.documents.task("held", last_outcome="succeeded", **by_ann)
    await api.documents.task("shaky", last_outcome="failed", failures=1)
    await api.documents.task("new")
    assert await ids(client, last_outcome="failed") == ["broken", "shaky"]
    assert await ids(client, last_outcome="none") == ["new"]
    assert await ids(client, min_failures=1) == ["broken", "shaky"]
    assert await ids(client, min_failures=2) == await ids(client, paused_by="tasker") == ["broken"]
    assert await ids(client, paused_by="Ann") == ["held"]
    assert await ids(client, paused_by="ann") == [], "an order that ignores case filters exactly"
    assert await ids(client, paused_by="Ann", last_outcome="failed") == []
    (item,) = await listed(client, q="broken")
    assert (item["pause"], item["failures"], item["last_outcome"]) == (pause, 3, "failed")
    (item,) = await listed(client, q="new")
    assert (item["pause"], item["failures"], item["last_outcome"]) == (None, 0, None)
    assert (await client.get("/tasks/broken")).json()["pause"] == pause


@pytest.mark.parametrize(
    "query", ["last_outcome=well", "min_failures=0", "min_failures=101", "min_failures=x", "sort=payload"]
)
async def test_what_makes_no_sense_is_refused(lone_client: httpx.AsyncClient, query: str) -> None:
    answer = await lone_client.get(f"/tasks?{query}")
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/query/{query.split('=')[0]}"]


names = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    [*AS_PEOPLE_READ, "", " ", "\x00", "e\u0301"]
)
task_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,3}", fullmatch=True) | st.from_regex(
    r"[aA]0{0,2}1", fullmatch=True
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(task_ids, names, min_size=1, max_size=14),
    st.dictionaries(task_ids, names, max_size=4),
    st.sampled_from(["name", "-name", "id", "-id", "next_at", "-next_at"]),
    st.integers(1, 4),
    st.data(),
)
async def test_pages_have_each_task_once_whatever_its_name_while_others_come_and_go(
    api: RunningApi, before: dict[str, str], new: dict[str, str], sort: Any, limit: int, data: st.DataObject
) -> None:
    queries, nothing = TaskQueries(api.mongo), TaskFilter()
    for collection in ("tasks", "next_times"):
        await api.documents.database[collection].delete_many({})
    for task, name in before.items():
        await api.documents.task(task, name=name)
    coming = [one for one in new.items() if one[0] not in before]
    deleted, seen = set[str](), list[str]()
    cursor: str | None = None
    while True:
        page, cursor = await queries.page(nothing, sort, limit, cursor)
        seen += [task["_id"] for task in page]
        if cursor is None:
            break
        if coming and data.draw(st.booleans()):
            task, name = coming.pop()
            await api.documents.task(task, name=name)
        if data.draw(st.booleans()):
            gone = data.draw(st.sampled_from(sorted(before)))
            await api.documents.remove_task(gone)
            deleted.add(gone)
    assert len(seen) == len(set(seen)), "nothing twice"
    assert set(before) - deleted <= set(seen) <= set(before) | set(new), "nothing left out"
    whole = [task["_id"] for task in (await queries.page(nothing, sort, 200, None))[0]]
    still_there = [task for task in seen if task in whole]
    assert still_there == [task for task in whole if task in seen], "in one order"
