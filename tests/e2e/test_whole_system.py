"""A walk through the whole system: real Kafka, real MongoDB, the four services as processes of their own."""

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from tasker_core.topics import partition_of
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_devstack.rest_pages import all_items
from tasker_runtime.clock import utc_now

PROMISE = timedelta(seconds=10)
STAGES = ("nominal_at", "emitted_at", "received_at", "started_at", "finished_at", "logged_at")
Json = dict[str, Any]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def runs_of(client: httpx.AsyncClient, task: str, at_least: int = 1) -> list[Json]:
    async def look() -> list[Json] | None:
        items = (await client.get("/runs", params={"task_id": task, "state": "succeeded"})).json()["items"]
        return items if len(items) >= at_least else None

    return await eventually(look, f"{at_least} runs of {task}")


def on_time(run: Json) -> None:
    """Every stage has its instant, in order, and the log line is there within ten seconds of the nominal time."""
    stages = [instant(run[stage]) for stage in STAGES]
    assert stages[0] <= stages[2] <= stages[3] <= stages[4] <= stages[5], run
    assert stages[-1] - stages[0] <= PROMISE, run
    assert utc_now() >= stages[-1]


async def test_a_task_by_rest_runs_and_changes_take_effect(system: System) -> None:
    async with system.client() as client:
        body = {"id": "rest", "schedule": {"cron": "* * * * * *"}, "payload": {"n": 1}, "tags": ["walk"]}
        created = await client.post("/tasks", json=body)
        assert created.status_code == 201, created.text
        assert (await client.get("/tasks/rest")).json()["schedule"]["cron"] == "* * * * * *"
        assert (await client.post("/tasks", json=body)).status_code == 409
        for run in await runs_of(client, "rest", 2):
            on_time((await client.get(f"/runs/{run['id']}")).json())

        changed = await client.put(
            "/tasks/rest", json=body | {"payload": {"n": 2}}, headers={"If-Match": created.headers["ETag"]}
        )
        assert changed.status_code == 200, changed.text
        stale = await client.put("/tasks/rest", json=body, headers={"If-Match": created.headers["ETag"]})
        assert stale.status_code == 412

        async def new_payload() -> bool:
            newest = (await client.get("/runs", params={"task_id": "rest", "limit": 1})).json()["items"][0]
            return (await client.get(f"/runs/{newest['id']}")).json()["payload"] == {"n": 2}

        await eventually(new_payload, "a run with the new payload")

        paused = await client.post("/tasks/rest/pause")
        assert paused.status_code == 200, paused.text
        since = instant(paused.json()["updated_at"])
        triggered = await client.post("/tasks/rest/trigger", json={"payload": "by hand"})
        assert triggered.status_code == 200, triggered.text

        async def by_hand() -> Json | None:
            answer = await client.get(f"/runs/{triggered.json()['run_id']}")
            return answer.json() if answer.status_code == 200 else None

        run = await eventually(by_hand, "the triggered run")
        assert (run["kind"], run["payload"]) == ("manual", "by hand")
        newest = next(r for r in await runs_of(client, "rest") if r["kind"] == "scheduled")
        assert instant(newest["nominal_at"]) <= since

        assert (await client.post("/tasks/rest/resume")).status_code == 200
        assert (await client.patch("/tasks/rest", json={"name": "renamed"})).json()["name"] == "renamed"
        assert (await client.delete("/tasks/rest")).status_code in (200, 204)
        assert (await client.get("/tasks/rest")).status_code == 404


async def test_a_task_by_plain_producer_bytes(system: System) -> None:
    at = (utc_now() + timedelta(seconds=3)).isoformat()
    event = {"type": "put", "id": "first", "task": {"id": "plain", "schedule": {"at": at}, "payload": [1, 2]}}
    wrong = {"type": "put", "id": "wrong", "task": {"id": "plain-wrong", "schedule": {"cron": "0 0 30 2 *"}}}
    topic = f"{system.topic_prefix}.task-events"
    plain: Any = AIOKafkaProducer(bootstrap_servers=system.kafka)  # knows nothing of Tasker
    async with plain as producer:
        await producer.send_and_wait(topic, b"\x00 not an event", key=b"plain")
        await producer.send_and_wait(topic, json.dumps(event).encode(), key=b"plain")
        sent = await producer.send_and_wait(topic, json.dumps(wrong).encode(), key=b"plain-wrong")
    assert sent.partition == partition_of("plain-wrong", 12)
    async with system.client() as client:
        on_time((await runs_of(client, "plain"))[0])

        async def verdict() -> Json | None:
            answer = await client.get("/journal/wrong")
            return answer.json() if answer.status_code == 200 else None

        found = await eventually(verdict, "the verdict of the wrong event")
        assert (found["verdict"], found["errors"][0]["pointer"]) == ("rejected", "/schedule/cron")


async def test_restarting_every_service_loses_and_doubles_nothing(system: System) -> None:
    names = [f"steady-{n}" for n in range(8)]
    async with system.client() as client:
        for name in names:
            body = {"id": name, "schedule": {"cron": "* * * * * *"}}
            assert (await client.post("/tasks", json=body)).status_code == 201
        await runs_of(client, names[-1])
        for service in ("executor", "log-sink", "ticker", "api"):
            await system.restart(service)
            await system.wait_ready()
        for name in names:
            assert (await client.delete(f"/tasks/{name}")).status_code in (200, 204)
    emitted = await system.emitted_runs()  # every run of both lanes, read committed, raw
    for name in names:
        seconds = sorted(int(instant(run["nominal_at"]).timestamp()) for run in emitted if run["task_id"] == name)
        assert seconds == list(range(seconds[0], seconds[0] + len(seconds))), f"{name}: lost or doubled"

    async with system.client() as client:
        for name in names:
            ids = {run["run_id"] for run in emitted if run["task_id"] == name}

            async def logged(name: str = name, ids: set[str] = ids) -> bool:
                return ids == await all_ids(client, name)

            await eventually(logged, f"every run of {name} in the log, once")


async def all_ids(client: httpx.AsyncClient, task: str) -> set[str]:
    """The ids of all succeeded runs of a task; each may come once only."""
    found = [run["id"] for run in await all_items(client, "/runs", task_id=task, state="succeeded", limit=200)]
    assert len(found) == len(set(found))
    return set(found)
