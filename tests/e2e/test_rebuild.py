"""`python -m tasker_log_sink.rebuild` on a real system that goes on meanwhile: the documents are as they were."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest_asyncio
from aiokafka.admin import RecordsToDelete
from pymongo import AsyncMongoClient

from bench.load import Load
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_devstack.processes.service_process import readiness
from tasker_runtime.clock import utc_now
from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection

TASKS, SECONDS = 6, 5
CLOCK_FIELDS = ("logged_at", "gone_at")
PROGRESS_FIELDS = ("next_at", "next_of", "last_run", "last_of", "last_outcome", "ended_of", "failures", "streak")
Json = dict[str, Any]
Documents = dict[str, dict[str, Json]]


class Projection:
    """The documents of a system, as they are compared."""

    def __init__(self, system: System) -> None:
        self.client: AsyncMongoClient[Json] = AsyncMongoClient(system.mongodb_url, tz_aware=True)
        self.database = self.client.get_default_database()

    async def documents(self, until: datetime) -> Documents:
        """All of them, runs up to an instant; without what the clock and later runs put into them."""
        found: Documents = {}
        for name in ("tasks", "runs", "missed", "journal", "revisions", "handlers"):
            matching: Json = {"effective_at": {"$lte": until}} if name == "runs" else {}
            left_out = CLOCK_FIELDS + (PROGRESS_FIELDS if name == "tasks" else ())
            documents = await self.database[name].find(matching).to_list()
            found[name] = {d["_id"]: {k: v for k, v in d.items() if k not in left_out} for d in documents}
        return found

    async def runs(self, since: datetime) -> int:
        return await self.database["runs"].count_documents({"effective_at": {"$gte": since}, "state": "succeeded"})

    async def settled(self) -> tuple[datetime, Documents]:
        """What there is of some seconds under load, once all of that is logged."""
        began = utc_now()

        async def enough() -> bool:
            return await self.runs(began) >= TASKS * SECONDS

        await eventually(enough, "runs that are logged", 60)
        until = utc_now() - timedelta(seconds=1)
        later = utc_now() + timedelta(seconds=1)

        async def all_before() -> bool:
            return await self.runs(later) >= TASKS

        await eventually(all_before, "runs that are logged after them", 60)
        return until, await self.documents(until)


@pytest_asyncio.fixture(loop_scope="session")
async def projection(system: System) -> AsyncIterator[Projection]:
    load = Load(system.api_url, "load-")
    await load.make(TASKS, "default")
    found = Projection(system)
    async with system.client() as client:
        (await client.put("/tasks/yearly", json={"schedule": {"cron": "0 0 29 2 *"}})).raise_for_status()
        (await client.put("/tasks/resting", json={"schedule": {"every": "PT1H"}})).raise_for_status()
        (await client.post("/tasks/resting/pause", json={"note": "for now"})).raise_for_status()
        (await client.put("/tasks/short-lived", json={"schedule": {"every": "PT1H"}})).raise_for_status()
        (await client.delete("/tasks/short-lived")).raise_for_status()
    yield found
    await load.close()
    await found.client.close()


async def rebuild(system: System, *arguments: str) -> str:
    """Run the command as an operator does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tasker_log_sink.rebuild",
        *arguments,
        env=os.environ | system.settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, output.decode()
    return output.decode()


async def forget(system: System, *topics: str) -> None:
    """Delete all records of topics, as Kafka does when their retention is over."""
    async with admin_client(KafkaConnection(system.kafka)) as admin:
        described = await admin.describe_topics([f"{system.topic_prefix}.{topic}" for topic in topics])
        partitions = [TopicPartition(d["topic"], p) for d in described for p in range(len(d["partitions"]))]
        await admin.delete_records({partition: RecordsToDelete(before_offset=-1) for partition in partitions})


async def test_a_database_that_is_lost_comes_back(system: System, projection: Projection) -> None:
    until, before = await projection.settled()
    assert set(before["tasks"]) == {*(f"load-{n:03d}" for n in range(TASKS)), "yearly", "resting", "short-lived"}
    yearly = await projection.database["tasks"].find_one({"_id": "yearly"})
    await projection.client.drop_database(projection.database.name)
    assert f"{TASKS + 2} tasks" in await rebuild(system)

    async def as_before() -> bool:
        return await projection.documents(until) == before

    await eventually(as_before, "the same documents", 60)
    assert "load-000" in await rebuild_twice(system, projection)
    again = await projection.database["tasks"].find_one({"_id": "yearly"})
    assert again is not None
    assert yearly is not None
    assert again["next_at"] == yearly["next_at"]
    assert await projection.documents(until) == before


async def rebuild_twice(system: System, projection: Projection) -> list[str]:
    """Repeated, it changes nothing."""
    await rebuild(system)
    return [task["_id"] async for task in projection.database["tasks"].find({"deleted": False})]


async def test_tasks_whose_verdicts_are_gone_come_from_the_ticker(system: System, projection: Projection) -> None:
    until, before = await projection.settled()
    await forget(system, "verdicts", "results")
    await projection.client.drop_database(projection.database.name)
    output = await rebuild(system)
    assert f"{TASKS + 2} tasks" in output, output
    after = await projection.documents(until)
    for task_id in ("yearly", "resting", "load-000"):
        mine, theirs = after["tasks"][task_id], before["tasks"][task_id]
        created, updated = mine.pop("created_at"), mine.pop("updated_at")
        assert mine == {k: v for k, v in theirs.items() if k not in ("created_at", "updated_at")}
        assert abs(updated - theirs["updated_at"]) <= timedelta(seconds=2)
        assert created >= theirs["created_at"]
        held, told = (one["revisions"][f"{task_id}/{theirs['version']}"] for one in (after, before))
        assert (held["source"], held["event_type"], held["superseded_at"]) == ("snapshot", "unknown", None)
        assert json.loads(held["task_json"]) == json.loads(told["task_json"])
    assert "short-lived" not in after["tasks"]


async def test_what_was_lost_unread_is_red_until_the_rebuild(system: System, projection: Projection) -> None:
    await projection.settled()
    await system.stop("log-sink")
    async with system.client() as client:
        for path in ("made-meanwhile", "yearly"):
            answer = await client.put(f"/tasks/{path}", json={"schedule": {"every": "PT2H"}})
            assert answer.status_code == 202
        assert (await client.delete("/tasks/resting")).status_code == 202

    async def applied() -> bool:
        verdicts = [record.value or b"" for record in await system.records("verdicts")]
        return sum(b'"delete"' in value and b'"resting"' in value for value in verdicts) == 1

    await eventually(applied, "the verdicts", 30)
    await forget(system, "verdicts")
    await system.restart("log-sink")

    async def red() -> bool:
        ready, reason = await readiness(system.metrics_ports["log-sink"])
        return not ready and "tasker_log_sink.rebuild" in reason

    await eventually(red, "the gap", 60)
    await rebuild(system)

    async def green() -> bool:
        return (await readiness(system.metrics_ports["log-sink"]))[0]

    await eventually(green, "health after the rebuild", 30)
    tasks = {task["_id"]: task async for task in projection.database["tasks"].find({"deleted": False})}
    assert "made-meanwhile" in tasks
    assert "resting" not in tasks
    assert "PT2H" in tasks["yearly"]["schedule_json"]


async def test_wrong_documents_are_replaced_while_the_system_runs(system: System, projection: Projection) -> None:
    until, before = await projection.settled()
    database = projection.database
    runs, tasks = list(before["runs"]), database["tasks"]
    await database["runs"].delete_many({"_id": {"$in": runs[:3]}})
    await database["runs"].update_many({"_id": {"$in": runs[3:6]}}, {"$set": {"state": "failed", "worker": "nobody"}})
    await tasks.update_one({"_id": "load-001"}, {"$set": {"name": "wrong", "version": 10**9, "schedule_json": "{}"}})
    await tasks.update_one({"_id": "load-002"}, {"$set": {"deleted": True, "deleted_version": 10**9}})
    await database["revisions"].delete_many({"task_id": "load-000"})
    await database["revisions"].update_many({"task_id": "load-003"}, {"$set": {"superseded_at": until}})
    await database["journal"].update_many({"task_id": "yearly"}, {"$set": {"verdict": "rejected"}})
    assert await projection.documents(until) != before
    await rebuild(system, "--replace")

    async def as_before() -> bool:
        return await projection.documents(until) == before

    await eventually(as_before, "the same documents", 60)
    assert not [name for name in await database.list_collection_names() if name.startswith("rebuild.")]
    _, after = await projection.settled()
    assert len(after["runs"]) == len({(r["task_id"], r["nominal_at"]) for r in after["runs"].values()})
