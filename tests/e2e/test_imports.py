"""A file of tasks on the whole system: planned, applied as planned, undone; and what is exported is the same."""

import json
from datetime import timedelta
from typing import Any

import httpx

from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_runtime.clock import utc_now
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

Json = dict[str, Any]
CRONTAB = (
    b"# Nightly report\n0 3 * * * curl -fsS https://example.com/report\n*/5 * * * * curl https://example.com/ping\n"
)
TYPE = {"json": "application/json", "crontab": "text/x-crontab"}


async def sent(client: httpx.AsyncClient, content: bytes, kind: str = "json", **query: Any) -> httpx.Response:
    return await client.post("/imports", params=query, content=content, headers={"content-type": TYPE[kind]})


async def done(client: httpx.AsyncClient, answer: httpx.Response) -> Json:
    assert answer.status_code == 202, answer.text

    async def look() -> Json | None:
        found = (await client.get(answer.headers["Location"].removeprefix("/api/v1"))).json()
        return found if found["state"] == "done" else None

    return await eventually(look, "the end of the change-set")


async def test_a_file_is_planned_applied_as_planned_and_undone(system: System) -> None:
    async with system.client() as client:
        assert (await client.put("/tasks/old", json={"schedule": {"every": "P1D"}, "tags": ["a"]})).status_code == 201
        tasks = [
            {"id": "new", "schedule": {"cron": "0 3 * * *"}},
            {"id": "old", "schedule": {"every": "P1D"}, "tags": ["a", "b"]},
        ]
        file = json.dumps({"tasks": tasks}).encode()
        plan = (await sent(client, file, mode="plan")).json()
        assert plan["counts"] == {"create": 1, "change": 1, "same": 0, "invalid": 0}
        [change] = plan["items"][1]["changes"]
        assert (change["pointer"], change["before"], change["after"]) == ("/tags", ["a"], ["a", "b"])
        assert [one["id"] for one in (await client.get("/tasks")).json()["items"]] == ["old"]

        assert (await client.patch("/tasks/old", json={"description": "theirs"})).status_code == 200
        late = await sent(client, file, mode="apply", plan=plan["plan"])
        assert (late.status_code, "plan it again" in late.text) == (409, True)
        plan = (await sent(client, file, mode="plan")).json()
        found = await done(client, await sent(client, file, mode="apply", plan=plan["plan"], note="from git"))
        assert (found["kind"], found["accepted"], found["channel"]) == ("import", 2, "import")
        newest = (await client.get("/tasks/new/history")).json()["items"][0]
        assert (newest["channel"], newest["note"], newest["change_set"]) == ("import", "from git", found["id"])
        assert (await sent(client, file, mode="plan")).json()["counts"]["same"] == 2
        exported = await client.get("/exports")
        assert (await sent(client, exported.content, mode="plan")).json()["counts"]["same"] == 2

        await done(client, await client.post(f"/change-sets/{found['id']}/undo"))
        assert [one["id"] for one in (await client.get("/tasks")).json()["items"]] == ["old"]
        assert (await client.get("/tasks/old")).json()["description"] == "theirs"

        broken = json.dumps([tasks[0], {"id": "bad", "schedule": {"cron": "99 * * * *"}}]).encode()
        plan = (await sent(client, broken, mode="plan")).json()
        refused = await sent(client, broken, mode="apply", plan=plan["plan"])
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/line/1/schedule/cron"
        found = await done(client, await sent(client, broken, mode="apply", plan=plan["plan"], invalid="skip"))
        assert found["accepted"] == 1

        plan = (await sent(client, CRONTAB, "crontab", mode="plan", tag="cron")).json()
        assert plan["counts"]["create"] == 2, plan
        found = await done(client, await sent(client, CRONTAB, "crontab", mode="apply", plan=plan["plan"], tag="cron"))
        made = (await client.get("/tasks", params={"tag": "cron"})).json()["items"]
        assert {one["handler"] for one in made} <= {"curl", "http"}
        assert len(made) == found["accepted"] == 2

        await _it_goes_on_and_overrides_nobody(client, system.mongodb_url)


async def _it_goes_on_and_overrides_nobody(client: httpx.AsyncClient, database: str) -> None:
    """What was changed, deleted or made since an import began is that of others when it goes on."""
    made = {"schedule": {"every": "P1D"}}
    for name in ("kept", "edited", "deleted", "replaced"):
        assert (await client.put(f"/tasks/{name}", json=made)).status_code == 201
    now = utc_now()
    options = json.dumps({"planned_at": now.isoformat()})
    interrupted: ChangeSetDocument = {
        "_id": "left", "first_version": 0, "actor": None, "channel": "import", "note": None, "created_at": now,
        "updated_at": now - timedelta(hours=1), "state": "running", "state_version": 0, "versions": {},
        "kind": "import", "action": "import", "options_json": options, "owner": "another process", "logged_at": now,
    }  # fmt: skip
    mongo = Mongo(MongoConnection(database))
    await mongo.database["change_sets"].insert_one(interrupted)
    mongo.close()
    assert (await client.patch("/tasks/edited", json={"description": "theirs"})).status_code == 200
    assert (await client.delete("/tasks/deleted")).status_code == 204
    assert (await client.delete("/tasks/replaced")).status_code == 204
    for name in ("replaced", "made"):
        assert (await client.put(f"/tasks/{name}", json=made | {"description": "theirs"})).status_code == 201
    wanted = [{"id": name, **made, "tags": ["x"]} for name in ("kept", "edited", "deleted", "replaced", "made", "new2")]
    answer = await sent(client, json.dumps(wanted).encode(), mode="apply", plan="0", id="left")
    found = await done(client, answer)
    assert (found["accepted"], found["changed_meanwhile"], found["rejected"]) == (2, 4, 4)
    items = (await client.get("/change-sets/left/items?verdict=rejected")).json()["items"]
    assert {one["task_id"] for one in items} == {"edited", "deleted", "replaced", "made"}
    assert {one["state"] for one in items} == {"changed_meanwhile"}
    assert (await client.get("/tasks/deleted")).status_code == 404
    assert (await client.get("/tasks/made")).json()["description"] == "theirs"
    assert (await client.get("/tasks/kept")).json()["tags"] == ["x"]
