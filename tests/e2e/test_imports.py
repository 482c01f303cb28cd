"""A file of tasks on the whole system: planned, applied as planned, undone; and what is exported is the same."""

import json
from typing import Any

import httpx

from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually

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
