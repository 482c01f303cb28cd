"""Two change-sets over the same tasks at once, while MongoDB and then Kafka are away: each task is dealt with once."""

from collections.abc import Callable
from typing import Any

import httpx

from tasker.task_event_producer import TaskEventProducer
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_devstack.rest_pages import pages

Json = dict[str, Any]
MANY = 3_000


async def created(system: System, client: httpx.AsyncClient) -> None:
    """MANY tasks, by events."""
    async with TaskEventProducer(system.kafka, topic=f"{system.topic_prefix}.task-events") as producer:
        for number in range(MANY):
            await producer.put({"id": f"t{number:05}", "schedule": {"every": "P1D"}})

    async def all_there() -> bool:
        counted: Json = {"action": "pause", "filter": {}, "all": True, "dry_run": True}
        return (await client.post("/bulk-actions", json=counted)).json()["count"] == MANY

    await eventually(all_there, "all tasks", 60)


async def change_set(client: httpx.AsyncClient, name: str) -> Json | None:
    """A change-set, while the API can say."""
    try:
        answer = await client.get(f"/change-sets/{name}")
    except httpx.HTTPError:
        return None
    return answer.json() if answer.status_code == 200 else None


async def until(client: httpx.AsyncClient, reached: Callable[[Json], bool], what: str, seconds: float) -> list[Json]:
    """Both change-sets once something is so of each."""

    async def look() -> list[Json] | None:
        found = [await change_set(client, name) for name in ("pausing", "tagging")]
        return [one for one in found if one] if all(one and reached(one) for one in found) else None

    return await eventually(look, what, seconds)


async def changed_by(client: httpx.AsyncClient, name: str) -> set[str]:
    """The tasks whose event was accepted."""
    found = set[str]()
    async for page in pages(client, f"/change-sets/{name}/items", verdict="accepted", limit=200):
        found |= {one["task_id"] for one in page}
    return found


async def test_each_task_is_dealt_with_once_whatever_is_away(
    kafka_broker: EmbeddedKafka, mongod: EmbeddedMongodb
) -> None:
    system = System(kafka_broker.bootstrap, mongod.url("tasker"))
    async with system.running(), system.client(20) as client:
        await created(system, client)
        actions: dict[str, Json] = {"pausing": {"action": "pause"}, "tagging": {"action": "tag", "add_tags": ["x"]}}
        for name, action in actions.items():
            body: Json = {"id": name, "filter": {}, "all": True, **action}
            assert (await client.post("/bulk-actions", json=body)).status_code == 202
        await mongod.kill()
        await mongod.start()
        before = await until(client, lambda one: one["accepted"] > 0, "that both go on after MongoDB is back", 60)
        assert {one["state"] for one in before} == {"running"}, "it is in the middle"
        await kafka_broker.kill()
        await kafka_broker.start()
        done = await until(client, lambda one: one["state"] == "done", "the end of both", 120)
        await system.wait_ready()
        for one in done:
            assert (one["total"], one["waiting"], one["left_out"]) == (MANY, 0, 0), one
            assert one["accepted"] + one["rejected"] + one["superseded"] + one["unchanged"] == MANY, one
            assert one["rejected"] == one["changed_meanwhile"], "nothing is refused but what the other one has changed"
        tasks = list[Json]()
        async for page in pages(client, "/tasks", limit=200):
            tasks += page
        assert len({one["id"] for one in tasks}) == len(tasks) == MANY
        assert {one["id"] for one in tasks if one["state"] == "paused"} == await changed_by(client, "pausing")
        assert {one["id"] for one in tasks if one["tags"] == ["x"]} == await changed_by(client, "tagging")
