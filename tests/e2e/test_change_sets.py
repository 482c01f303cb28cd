"""What is done to many tasks at once, on the whole system: counted, followed, cancelled, gone on with, and undone."""

import asyncio
import signal
from typing import Any

import httpx

from tasker.task_event_producer import TaskEventProducer
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually

Json = dict[str, Any]
MANY = 5_000
"""More than may be unanswered at a time, with those that are carried out until a cancel is heard."""


async def begun(client: httpx.AsyncClient, action: str, **body: Any) -> str:
    answer = await client.post("/bulk-actions", json={"action": action, **body})
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/api/v1/change-sets/{answer.json()['id']}"
    return answer.json()["id"]


async def in_state(client: httpx.AsyncClient, change_set: str, *states: str, seconds: float = 60) -> Json:
    async def look() -> Json | None:
        found = (await client.get(f"/change-sets/{change_set}")).json()
        return found if found["state"] in states else None

    return await eventually(look, f"the change-set {change_set} {' or '.join(states)}", seconds)


async def undone(client: httpx.AsyncClient, change_set: str) -> Json:
    answer = await client.post(f"/change-sets/{change_set}/undo", json={"note": "a mistake"})
    assert answer.status_code == 202, answer.text
    found = await in_state(client, answer.json()["id"], "done")
    assert (found["undoes"], found["waiting"]) == (change_set, 0)
    assert (await client.get(f"/change-sets/{change_set}")).json()["undone_by"] == found["id"]
    return found


async def tasks(client: httpx.AsyncClient) -> dict[str, Json]:
    items = (await client.get("/tasks")).json()["items"]
    return {one["id"]: (await client.get(f"/tasks/{one['id']}")).json() for one in items}


def definitions(found: dict[str, Json]) -> dict[str, Json]:
    """What of tasks an undo brings back."""
    names = ("name", "description", "tags", "schedule", "payload", "paused", "retry", "handler")
    return {task_id: {name: task[name] for name in names} for task_id, task in found.items()}


async def test_each_action_does_to_its_tasks_what_it_says_and_is_undone(system: System) -> None:
    async with system.client() as client:
        for number in range(6):
            body = {"schedule": {"cron": "0 9 * * *"}, "payload": {"n": number}, "description": "as it was"}
            made = await client.put(f"/tasks/t{number}", json={**body, "tags": ["finance"] if number % 2 else ["ops"]})
            assert made.status_code == 201
        assert (await client.post("/tasks/t1/pause")).status_code == 200
        before = definitions(await tasks(client))

        counted = await client.post(
            "/bulk-actions", json={"action": "pause", "filter": {"tag": "finance"}, "dry_run": True}
        )
        assert (counted.status_code, counted.json()["count"]) == (200, 3)
        assert {one["id"] for one in counted.json()["sample"]} == {"t1", "t3", "t5"}
        assert definitions(await tasks(client)) == before

        paused = await begun(client, "pause", filter={"tag": "finance"}, note="quarter's end")
        found = await in_state(client, paused, "done")
        assert (found["total"], found["accepted"], found["unchanged"], found["note"]) == (3, 2, 1, "quarter's end")
        items = (await client.get(f"/bulk-actions/{paused}")).json()
        assert items == found
        items = (await client.get(f"/change-sets/{paused}/items", params={"verdict": "accepted"})).json()["items"]
        assert [(one["task_id"], one["event_id"], one["state"]) for one in items] == [
            ("t3", f"{paused}/t3", "changed"),
            ("t5", f"{paused}/t5", "changed"),
        ]
        newest = (await client.get("/tasks/t3/history")).json()["items"][0]
        assert (newest["change_set"], newest["note"]) == (paused, "quarter's end")
        assert (await client.get(f"/journal/{paused}/t3")).json()["change_set"] == paused
        await undone(client, paused)
        assert definitions(await tasks(client)) == before

        change_sets = [await begun(client, "tag", filter={"q": "t"}, add_tags=["x"], remove_tags=["ops"])]
        tagged = await in_state(client, change_sets[0], "done")
        change_sets.append(await begun(client, "spread", ids=["t0", "t1", "nobody"], spread="PT5M"))
        spread = await in_state(client, change_sets[1], "done")
        assert (tagged["accepted"], spread["accepted"], spread["left_out"]) == (6, 2, 1)
        assert spread["examples"] == [{"task_id": "nobody", "message": "no such task"}]
        now = await tasks(client)
        assert (now["t0"]["tags"], now["t1"]["tags"]) == (["x"], ["finance", "x"])
        assert (now["t0"]["schedule"]["spread"], now["t0"]["payload"]) == ("PT5M", {"n": 0})
        for change_set in reversed(change_sets):
            await undone(client, change_set)
        assert definitions(await tasks(client)) == before

        deleted = await begun(client, "delete", filter={}, all=True)
        assert (await in_state(client, deleted, "done"))["accepted"] == 6
        assert await tasks(client) == {}
        brought_back = await undone(client, deleted)
        assert definitions(await tasks(client)) == before
        await undone(client, brought_back["id"])
        assert await tasks(client) == {}
        refused = await client.post(f"/change-sets/{deleted}/undo")
        assert refused.status_code == 409
        listed = (await client.get("/change-sets", params={"limit": 2})).json()
        assert len(listed["items"]) == 2
        rest = (await client.get("/change-sets", params={"cursor": listed["next_cursor"]})).json()
        assert {one["id"] for one in listed["items"] + rest["items"]} >= {paused, *change_sets, deleted}


async def test_who_changes_a_task_meanwhile_is_not_overridden_and_nothing_is_done_twice(system: System) -> None:
    async with system.client() as client:
        for name in ("a", "b", "c"):
            assert (await client.put(f"/tasks/{name}", json={"schedule": {"every": "P1D"}})).status_code == 201
        paused = await begun(client, "pause", ids=["a", "b", "c"])
        await in_state(client, paused, "done")
        assert (await client.patch("/tasks/b", json={"name": "Theirs"})).status_code == 200
        assert (await client.post("/tasks/c/resume")).status_code == 200
        assert (await client.post("/tasks/c/pause", json={"note": "the disk is full"})).status_code == 200
        found = await undone(client, paused)
        assert (found["accepted"], found["rejected"], found["changed_meanwhile"]) == (1, 2, 2)
        items = (await client.get(f"/change-sets/{found['id']}/items?verdict=rejected")).json()["items"]
        assert [(one["task_id"], one["state"]) for one in items] == [
            ("b", "changed_meanwhile"),
            ("c", "changed_meanwhile"),
        ]
        assert "not" in items[0]["errors"][0]["message"]
        states = {task_id: task["state"] for task_id, task in (await tasks(client)).items()}
        assert states == {"a": "active", "b": "paused", "c": "paused"}

        assert (await client.put("/tasks/run", json={"schedule": {"manual": True}})).status_code == 201
        body = {"action": "trigger", "ids": ["run"], "id": "monday-runs"}
        for _ in range(3):
            answer = await client.post("/bulk-actions", json=body)
            assert (answer.status_code, answer.json()["id"]) == (202, "monday-runs")
            await in_state(client, "monday-runs", "done")
        other = await client.post("/bulk-actions", json=body | {"action": "pause"})
        assert other.status_code == 422, other.text
        assert len([run for run in await system.emitted_runs() if run["task_id"] == "run"]) == 1


async def created(system: System, client: httpx.AsyncClient, prefix: str) -> None:
    """MANY tasks, by events."""
    topic = f"{system.topic_prefix}.task-events"
    async with TaskEventProducer(system.kafka, topic=topic) as producer:
        made = [{"id": f"{prefix}{n:05}", "schedule": {"every": "P1D"}, "tags": [prefix]} for n in range(MANY)]
        await asyncio.gather(*(producer.put(task) for task in made))

    async def all_there() -> bool:
        counted = {"action": "pause", "filter": {"tag": prefix}, "dry_run": True}
        return (await client.post("/bulk-actions", json=counted)).json()["count"] == MANY

    await eventually(all_there, "all tasks", 60)


async def waiting(client: httpx.AsyncClient, change_set: str) -> Json:
    """The change-set while its first events wait for the ticker."""

    async def look() -> Json | None:
        found = (await client.get(f"/change-sets/{change_set}")).json()
        return found if found["total"] == MANY else None

    return await eventually(look, "the total of the change-set")


async def test_it_is_cancelled_in_the_middle_and_goes_on_after_a_kill(system: System) -> None:
    async with system.client() as client:
        await created(system, client, "many")
        cancelled = await begun(client, "pause", filter={"tag": "many"})
        found = (await client.post(f"/change-sets/{cancelled}/cancel")).json()
        assert found["state"] == "cancelled"

        async def settled() -> Json | None:
            now = (await client.get(f"/change-sets/{cancelled}")).json()
            return now if now["waiting"] == 0 else None

        found = await eventually(settled, "no event that waits")
        assert found["accepted"] < MANY
        if found["accepted"]:
            await undone(client, cancelled)

        begun_again = await begun(client, "pause", filter={"tag": "many", "state": "active"})
        await waiting(client, begun_again)
        await system.restart("api", signal.SIGKILL)
        await system.restart("ticker", signal.SIGKILL)
        await system.restart("log-sink", signal.SIGKILL)
        await system.wait_ready()
        await in_state(client, begun_again, "interrupted", "done", seconds=60)
        assert (await client.post(f"/change-sets/{begun_again}/resume")).status_code == 202
        found = await in_state(client, begun_again, "done")
        assert (found["accepted"], found["rejected"], found["left_out"]) == (MANY, 0, 0)
        count = await client.post(
            "/bulk-actions", json={"action": "pause", "filter": {"tag": "many", "state": "paused"}, "dry_run": True}
        )
        assert count.json()["count"] == MANY
