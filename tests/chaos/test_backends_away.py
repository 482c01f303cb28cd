"""A backend goes away and comes back: what goes on meanwhile, what is answered, and that all of it resumes."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx

from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb
from tasker_devstack.isolated_system import System
from tasker_devstack.occurrence_audit import audit, lifetimes, read_records
from tasker_devstack.polling import eventually
from tasker_devstack.processes.service_process import readiness
from tasker_devstack.rest_pages import pages

TASK = {"id": "steady", "schedule": {"cron": "* * * * * *"}}
OTHER = {"id": "other", "schedule": {"every": "PT1H"}}


@asynccontextmanager
async def running(kafka: str, mongodb_url: str) -> AsyncGenerator[tuple[System, httpx.AsyncClient]]:
    """A whole Tasker with one task due every second, already running."""
    system = System(kafka, mongodb_url)
    async with system.running(), system.client(20) as client:
        assert (await client.post("/tasks", json=TASK)).status_code == 201

        async def some() -> bool:
            return len(await logged(client)) >= 2

        await eventually(some, "the first runs")
        yield system, client


async def logged(client: httpx.AsyncClient) -> Counter[str]:
    """The ids of all finished runs in the log, and how often each is there."""
    found = Counter[str]()
    try:
        async for page in pages(client, "/tasks/steady/runs", state="succeeded", limit=200):
            found.update(run["id"] for run in page)
    except httpx.HTTPStatusError:
        pass  # the API says that a backend is away
    return found


async def ids(system: System) -> Counter[str]:
    """The ids of all runs in both lanes as committed, and how often each is there."""
    return Counter(run["run_id"] for run in await system.emitted_runs())


async def all_accounted_for(system: System, client: httpx.AsyncClient) -> None:
    """After the task is deleted: each second has exactly one outcome, and the log has every run, once."""
    assert (await client.delete("/tasks/steady")).status_code == 204
    found = await read_records(system.kafka, system.topic_prefix)
    due = lifetimes(found)
    assert "steady" in due
    assert audit(found, due, within_ms=None).violations == []
    emitted = await ids(system)

    async def complete() -> bool:
        return await logged(client) == emitted

    await eventually(complete, "every run in the log, once", 30)


async def test_without_mongodb_emission_and_execution_go_on(kafka: str, mongod: EmbeddedMongodb) -> None:
    async with running(kafka, mongod.url("tasker")) as (system, client):
        await mongod.kill()
        before = await ids(system)

        async def six_more() -> bool:
            return len(await ids(system)) >= len(before) + 6

        await eventually(six_more, "six more seconds of emission without MongoDB")
        async with asyncio.timeout(3):
            assert (await client.get("/tasks")).status_code == 503
        async with asyncio.timeout(6):
            taken = await client.post("/tasks", json=OTHER)
        assert taken.status_code == 202, taken.text
        await mongod.start()

        async def decided() -> bool:
            answer = await client.get(taken.headers["Location"].removeprefix("/api/v1"))
            return answer.status_code == 200 and answer.json()["verdict"] == "accepted"

        await eventually(decided, "the verdict on what was taken meanwhile", 40)
        await system.wait_ready()
        assert (await client.get("/tasks/other")).status_code == 200
        await all_accounted_for(system, client)


async def test_without_kafka_writes_are_refused_in_time_and_everything_resumes(
    kafka_broker: EmbeddedKafka, database: str
) -> None:
    async with running(kafka_broker.bootstrap, database) as (system, client):
        await kafka_broker.kill()
        async with asyncio.timeout(5):
            refused = await client.post("/tasks", json=OTHER, headers={"Idempotency-Key": "k1"})
        assert refused.status_code == 503, refused.text
        assert "unknown" in refused.json()["detail"]
        assert (await client.get("/tasks/steady")).status_code == 200
        known = await logged(client)

        async def red() -> bool:
            return not (await readiness(system.metrics_ports["ticker"]))[0]

        await eventually(red, "a ticker that says that Kafka is away")
        await kafka_broker.start()

        async def again() -> bool:
            return len(await logged(client)) >= len(known) + 3

        await eventually(again, "new runs after Kafka is back", 60)
        await system.wait_ready()
        repeated = await client.post("/tasks", json=OTHER, headers={"Idempotency-Key": "k1"})
        assert repeated.status_code == 201, repeated.text
        await all_accounted_for(system, client)
