"""Two teams with keys of their own, and what each may do to many tasks at once: to theirs, and to no others."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_devstack.isolated_system import System
from tasker_devstack.paths import WEB
from tasker_devstack.polling import eventually
from tasker_devstack.topic_cleanup import delete_topics
from tasker_runtime.access.key_administration import create_key
from tasker_runtime.clock import utc_now
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

Json = dict[str, Any]
TASKS = {"f0": ["finance"], "f1": ["finance"], "f2": ["finance"], "both": ["finance", "ops"], "o0": ["ops"], "none": []}
HIDDEN = "no such task"


class Teams:
    """A client of each key."""

    def __init__(self, root: httpx.AsyncClient, fin: httpx.AsyncClient, ops: httpx.AsyncClient) -> None:
        self.root, self.fin, self.ops = root, fin, ops

    async def states(self) -> dict[str, str]:
        return {one["id"]: one["state"] for one in (await self.root.get("/tasks")).json()["items"]}


@pytest_asyncio.fixture(loop_scope="session")
async def teams(kafka: str, database: str, tmp_path: Path) -> AsyncIterator[Teams]:
    """A whole Tasker with tasks of two teams, of both, and of none."""
    file = tmp_path / "keys.json"
    keys = [
        create_key(file, "root", "admin", utc_now()),
        create_key(file, "fin", "operator", utc_now(), tags=("finance",)),
        create_key(file, "ops", "operator", utc_now(), tags=("ops",)),
    ]
    system = System(kafka, database, WEB / "dist", env={"TASKER_API_KEYS_FILE": str(file)})
    try:
        await system.start("api", "ticker", "log-sink")
        async with AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(system.client()) for _ in keys]
            for client, key in zip(clients, keys, strict=True):
                client.headers["Authorization"] = f"Bearer {key.text}"
            for task_id, tags in TASKS.items():
                body = {"schedule": {"every": "P1D"}, "tags": tags}
                assert (await clients[0].put(f"/tasks/{task_id}", json=body)).status_code == 201
            yield Teams(*clients)
    finally:
        await system.stop()
    await delete_topics(system.connection, system.topic_prefix)


async def done(client: httpx.AsyncClient, answer: httpx.Response) -> Json:
    assert answer.status_code == 202, answer.text

    async def look() -> Json | None:
        found = (await client.get(answer.headers["Location"].removeprefix("/api/v1"))).json()
        return found if found["state"] == "done" else None

    return await eventually(look, "the end of the change-set")


async def bulk(client: httpx.AsyncClient, action: str, **body: Any) -> Json:
    return await done(client, await client.post("/bulk-actions", json={"action": action, **body}))


def active(*but: str) -> dict[str, str]:
    """The states of all tasks, some of which are paused."""
    return {task_id: "paused" if task_id in but else "active" for task_id in TASKS}


async def test_a_team_changes_follows_and_undoes_what_is_its_own(teams: Teams) -> None:
    everything: Json = {"filter": {}, "all": True}
    counted = (await teams.fin.post("/bulk-actions", json={"action": "pause", "dry_run": True, **everything})).json()
    assert (counted["count"], {one["id"] for one in counted["sample"]}) == (4, {"f0", "f1", "f2", "both"})
    some = {"action": "pause", "dry_run": True, "ids": ["o0", "f0", "nobody"]}
    counted = (await teams.fin.post("/bulk-actions", json=some)).json()
    assert (counted["count"], [one["message"] for one in counted["left_out"]]) == (1, [HIDDEN, HIDDEN])

    paused = await bulk(teams.fin, "pause", id="quarter-end", **everything)
    assert (paused["accepted"], paused["total"], paused["scope"]) == (4, 4, ["finance"])
    assert await teams.states() == active("f0", "f1", "f2", "both")
    by_ids = await bulk(teams.ops, "pause", ids=["f0", "f1", "o0", "both", "nobody"])
    assert (by_ids["accepted"], by_ids["unchanged"], by_ids["left_out"]) == (1, 1, 3)
    assert {one["message"] for one in by_ids["examples"]} == {HIDDEN}, "paused ones of others are not told either"

    for path in ("", "/items", "/cancel", "/resume", "/undo"):
        url = f"/change-sets/quarter-end{path}"
        answer = await (teams.ops.get(url) if path in ("", "/items") else teams.ops.post(url))
        assert (answer.status_code, answer.json()["detail"]) == (404, "the change-set 'quarter-end' is not there"), path
    taken = await teams.ops.post("/bulk-actions", json={"action": "resume", "id": "quarter-end", **everything})
    assert (taken.status_code, "choose another `id`" in taken.text) == (403, True)
    by_root = await bulk(teams.root, "tag", ids=["f0"], add_tags=["x"])
    assert by_root["scope"] is None
    listed = {}
    for name, client in (("root", teams.root), ("fin", teams.fin), ("ops", teams.ops)):
        listed[name] = {one["id"] for one in (await client.get("/change-sets")).json()["items"]}
    assert listed["fin"] == {"quarter-end"}
    assert listed["ops"] == {by_ids["id"]}
    assert listed["root"] == {"quarter-end", by_ids["id"], by_root["id"]}
    items = (await teams.fin.get("/change-sets/quarter-end/items")).json()["items"]
    assert {one["task_id"] for one in items} == {"f0", "f1", "f2", "both"}

    untagged = await bulk(teams.fin, "tag", ids=["f1", "both"], remove_tags=["finance"])
    assert (untagged["accepted"], untagged["left_out"]) == (0, 2)
    assert "leave it 'finance'" in untagged["examples"][0]["message"]
    assert (await teams.root.patch("/tasks/f2", json={"tags": ["ops"]})).status_code == 200
    undone = await done(teams.fin, await teams.fin.post("/change-sets/quarter-end/undo"))
    assert undone["scope"] == ["finance"]
    assert {"task_id": "f2", "message": HIDDEN} in undone["examples"], "it is not theirs any more"
    assert (await teams.states())["f2"] == "paused"
    assert (await teams.states())["f1"] == "active"


async def test_a_team_imports_its_own_tasks_and_what_goes_on_is_kept_to_them(teams: Teams, database: str) -> None:
    async def sent(client: httpx.AsyncClient, tasks: list[Json], **query: Any) -> httpx.Response:
        file, kind = json.dumps({"tasks": tasks}).encode(), {"content-type": "application/json"}
        return await client.post("/imports", params=query, content=file, headers=kind)

    schedule = {"schedule": {"every": "P1D"}}
    tasks: list[Json] = [
        {"id": "later", "tags": ["finance"], **schedule},
        {"id": "new", "tags": ["finance"], "then": [{"task": "f0"}, {"task": "later"}], **schedule},
        {"id": "f0", "tags": ["finance", "daily"], **schedule},
        {"id": "o0", "tags": ["finance"], **schedule},
        {"id": "f1", "tags": ["ops"], **schedule},
        {"id": "f2", "tags": ["finance"], "then": [{"task": "f0"}, {"task": "o0"}], **schedule},
    ]
    plan = (await sent(teams.fin, tasks, mode="plan")).json()
    assert plan["counts"] == {"create": 2, "change": 1, "same": 0, "invalid": 3}
    shown = {one["task_id"]: one["errors"][0] for one in plan["items"] if one["errors"]}
    assert {task_id: error["pointer"] for task_id, error in shown.items()} == {
        "o0": "/id",
        "f1": "/tags",
        "f2": "/then/1/task",
    }
    assert "choose another one" in shown["o0"]["message"]
    assert (await sent(teams.fin, tasks, mode="apply", plan=plan["plan"])).status_code == 422
    found = await done(teams.fin, await sent(teams.fin, tasks, mode="apply", plan=plan["plan"], invalid="skip"))
    assert (found["accepted"], found["scope"]) == (3, ["finance"])
    assert (await teams.ops.get("/tasks/o0")).json()["tags"] == ["ops"]
    assert (await teams.fin.get("/tasks/f0")).json()["tags"] == ["finance", "daily"]
    await done(teams.fin, await teams.fin.post(f"/change-sets/{found['id']}/undo"))
    assert (await teams.fin.get("/tasks/new")).status_code == 404
    exported = json.loads((await teams.fin.get("/exports")).content)["tasks"]
    assert {one["id"] for one in exported} == {"f0", "f1", "f2", "both"}
    assert (await sent(teams.fin, exported, mode="plan")).json()["counts"]["same"] == 4
    await _what_goes_on_is_kept_to_the_tasks_of_who_began_it(teams, database)


async def _what_goes_on_is_kept_to_the_tasks_of_who_began_it(teams: Teams, database: str) -> None:
    """Whoever resumes it, at whatever process."""
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    interrupted: ChangeSetDocument = {
        "_id": "left", "first_version": 0, "actor": "fin", "channel": "rest", "note": None, "created_at": utc_now(),
        "updated_at": long_ago, "state": "running", "state_version": 0, "versions": {}, "kind": "bulk",
        "action": "pause", "filter_json": "{}", "options_json": '{"all": true}', "scope": ["finance"],
        "owner": "another process", "logged_at": long_ago,
    }  # fmt: skip
    mongo = Mongo(MongoConnection(database))
    await mongo.database["change_sets"].insert_one(interrupted)
    mongo.close()
    assert (await teams.ops.post("/change-sets/left/resume")).status_code == 404
    answer = await teams.root.post("/change-sets/left/resume")
    assert answer.status_code == 202, answer.text
    answer.headers["Location"] = "/api/v1/change-sets/left"
    found = await done(teams.root, answer)
    assert (found["accepted"], found["scope"]) == (4, ["finance"])
    assert await teams.states() == active("f0", "f1", "f2", "both")
