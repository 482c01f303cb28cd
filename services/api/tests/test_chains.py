"""What REST shows of chains, by indexes that hold nothing of tasks and runs without them."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx

from tasker_api.testing.document_writer import NOON
from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi
from tasker_core.documents.indexes import PEOPLES_ORDER

Json = dict[str, Any]
AFTER: Json = {"task_id": "load", "run_id": "r1", "nominal_at": NOON, "outcome": "succeeded", "chain": ["load"]}


async def test_both_ends_of_a_chain_are_shown(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task(
        "load", then_json='[{"task":"transform"},{"task":"gone","on":"failed"}]', starts=["transform", "gone"]
    )
    await api.documents.task("other", then_json='[{"task":"transform","on":"any"}]', starts=["transform"])
    await api.documents.task("was", deleted=True, then_json='[{"task":"transform"}]', starts=["transform"])
    await api.documents.task("transform")
    load = (await client.get("/tasks/load")).json()
    assert load["then"] == [{"task": "transform", "on": "succeeded"}, {"task": "gone", "on": "failed"}]
    assert (load["preceded_by"], load["missing_successors"]) == ([], ["gone"])
    transform = (await client.get("/tasks/transform")).json()
    assert transform["preceded_by"] == [{"task": "load", "on": "succeeded"}, {"task": "other", "on": "any"}]
    assert (transform["then"], transform["missing_successors"]) == ([], [])
    listed = (await client.get("/tasks", params={"then": "transform"})).json()["items"]
    assert [item["id"] for item in listed] == ["load", "other"]
    assert listed[1]["then"] == [{"task": "transform", "on": "any"}]


async def test_documents_of_earlier_releases_have_no_chains(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.task("old")
    await api.documents.database["tasks"].update_one({"_id": "old"}, {"$unset": {"then_json": "", "starts": ""}})
    await api.documents.run("r1")
    assert (await client.get("/tasks/old")).json()["then"] == []
    assert (await client.get("/runs/r1")).json()["after"] is None


async def test_many_predecessors_are_shown_in_part_and_listed_whole(api: RunningApi, client: httpx.AsyncClient) -> None:
    for number in range(105):
        await api.documents.task(f"from{number:03}", then_json='[{"task":"all"}]', starts=["all"])
    await api.documents.task("all")
    shown = (await client.get("/tasks/all")).json()["preceded_by"]
    assert [one["task"] for one in shown] == [f"from{number:03}" for number in range(100)]
    listed = (await client.get("/tasks", params={"then": "all", "limit": 200})).json()["items"]
    assert len(listed) == 105


async def test_a_run_says_what_it_follows_and_lists_what_it_started(api: RunningApi, client: httpx.AsyncClient) -> None:
    await api.documents.run("r1", task_id="load")
    for number in range(3):
        at = NOON + timedelta(seconds=number)
        await api.documents.run(
            f"c{number}", task_id=f"t{number}", kind="chained", effective_at=at, after=AFTER, after_run_id="r1"
        )
    run = (await client.get("/runs/c1")).json()
    assert (run["kind"], run["after"]) == ("chained", AFTER | {"nominal_at": "2026-01-01T12:00:00.000Z"})
    started = (await client.get("/runs", params={"after_run_id": "r1", "limit": 2})).json()
    assert [item["id"] for item in started["items"]] == ["c2", "c1"]
    more = (await client.get("/runs", params={"after_run_id": "r1", "cursor": started["next_cursor"]})).json()
    assert ([item["id"] for item in more["items"]], more["next_cursor"]) == (["c0"], None)
    chained = (await client.get("/runs", params={"kind": "chained", "task_id": "t2"})).json()["items"]
    assert [item["after"]["run_id"] for item in chained] == ["r1"]


async def test_the_indexes_are_used_and_hold_only_what_is_chained(api: RunningApi) -> None:
    await api.documents.task("load", then_json='[{"task":"transform"}]', starts=["transform"])
    await api.documents.run("c1", kind="chained", after=AFTER, after_run_id="r1")
    for number in range(20):
        await api.documents.task(f"t{number}")
        await api.documents.run(f"r{number}")
    for collection, query, index, order in (
        ("tasks", {"starts": "transform", "deleted": False}, "of_successor", PEOPLES_ORDER),
        ("runs", {"after_run_id": "r1"}, "by_predecessor", None),
    ):
        documents: Any = api.documents.database[collection]
        plan: Any = await documents.find(query, collation=order).explain()
        assert index in str(plan["queryPlanner"]["winningPlan"]), plan
        assert plan["executionStats"]["totalDocsExamined"] == 1
        held = await documents.aggregate([{"$match": {}}, {"$count": "all"}], hint=index).to_list(None)
        assert held == [{"all": 1}], "tasks and runs without chains are not in it"


async def test_a_patch_keeps_changes_and_removes_what_a_task_starts(
    api: RunningApi, client: httpx.AsyncClient, ticker: FakeTicker
) -> None:
    await api.documents.task("load", version=7, then_json='[{"task":"b"},{"task":"c","on":"any"}]', starts=["b", "c"])
    kept = [{"task": "b", "on": "succeeded"}, {"task": "c", "on": "any"}]
    for patch, expected in (
        ({"name": "New"}, kept),
        ({"then": [{"task": "d"}]}, [{"task": "d"}]),
        ({"then": None}, None),
    ):
        answer, event = await asyncio.gather(
            client.patch("/tasks/load", json=patch),
            ticker.decide(verdict="accepted", version=8, generation=1),
        )
        assert answer.status_code == 200, answer.text
        assert event["task"].get("then") == expected


async def test_what_is_wrong_is_refused_before_anything_is_published(lone_client: httpx.AsyncClient) -> None:
    body = {"schedule": {"every": "PT1H"}, "then": [{"task": "a"}, {"task": "b"}, {"task": "b"}], "preceded_by": []}
    answer = await lone_client.put("/tasks/a", json=body)
    pointers = sorted(error["pointer"] for error in answer.json()["errors"])
    assert (answer.status_code, pointers) == (422, ["/preceded_by", "/then/0/task", "/then/2/task"])
