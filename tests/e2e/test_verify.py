"""`tasker verify` on a real system: right as it is, and each thing that is tampered with is found."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from pymongo import AsyncMongoClient

from bench.load import Load
from tasker_cli.main import main
from tasker_cli.verify.audit import Audit, NothingToAudit
from tasker_cli.verify.audit_result import AuditResult, AuditScope
from tasker_cli.verify.findings import Findings
from tasker_cli.verify.progress import TerminalProgress
from tasker_core.kafka_record import Record
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_runtime.clock import SystemClock
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

TASKS, SECONDS, SETTLED_SECONDS = 6, 4, 3
EXPECTED = {"unlogged": 1, "wrongly_logged": 3, "doubled": 1, "stray_result": 1}
Json = dict[str, Any]


@pytest_asyncio.fixture(loop_scope="session")
async def load(system: System) -> AsyncIterator[Load]:
    load = Load(system.api_url, "load-")
    await load.make(TASKS, "default")
    yield load
    await load.close()


async def audit(system: System, prefix: str = "load-") -> AuditResult:
    mongo, scope = Mongo(MongoConnection(system.mongodb_url)), AuditScope(prefix, None, 10_000, SETTLED_SECONDS)
    options = {"bootstrap_servers": system.kafka}
    try:
        one = Audit(options, [system.topic_prefix], mongo, scope, SystemClock().now_ms, TerminalProgress().report)
        return await one.run()
    finally:
        mongo.close()


async def settled(system: System, seconds: int = SECONDS) -> AuditResult:
    """The audit once so many seconds of every task can be judged."""

    async def look() -> AuditResult | None:
        try:
            result = await audit(system)
        except NothingToAudit:
            return None
        return result if result.findings.due >= seconds * TASKS else None

    return await eventually(look, "seconds that can be judged", 60)


async def another_run(system: System, but: set[str]) -> tuple[Record, Json]:
    """A due record of a run that is none of these, and what it says."""
    for record in await system.records("due-tasks"):
        run: Json = json.loads(record.value or b"")
        if run["type"] == "run" and run["run_id"] not in but:
            return record, run
    raise AssertionError("no other run")


async def test_it_is_right_and_sees_what_is_tampered_with(system: System, load: Load) -> None:
    before = await settled(system)
    assert (before.findings.is_right, before.unfit, len(before.tasks)) == (True, {}, TASKS), before
    assert before.findings.logged.counts.total() == before.findings.runs

    client: AsyncMongoClient[Json] = AsyncMongoClient(system.mongodb_url, tz_aware=True)
    runs = client.get_default_database()["runs"]
    first, second, third = await runs.find().sort("effective_at").limit(3).to_list()
    await runs.delete_one({"_id": first["_id"]})
    await runs.update_one({"_id": second["_id"]}, {"$set": {"state": "failed"}})
    await runs.insert_one(third | {"_id": "f" * 32})
    await client.close()
    due, run = await another_run(system, {one["_id"] for one in (first, second, third)})
    producer: Any = AIOKafkaProducer(bootstrap_servers=system.kafka)
    await producer.start()
    stray = run | {"run_id": "e" * 32, "type": "run.finished", "outcome": "succeeded", "finished_at": run["nominal_at"]}
    stray |= {"received_at": run["nominal_at"], "worker": "nobody"}
    for topic, value in ((due.topic, run), (due.topic.replace("due-tasks", "results"), stray)):
        await producer.send_and_wait(topic, json.dumps(value).encode(), due.key, due.partition)
    await producer.stop()

    async def all_found() -> Findings | None:  # the stray result is logged as well
        found = (await audit(system)).findings
        return found if found.counts.total() >= sum(EXPECTED.values()) else None

    assert dict((await eventually(all_found, "all that was tampered with", 30)).counts) == EXPECTED
    await load.remove()
    after = (await settled(system)).findings
    assert dict(after.counts) == EXPECTED, after.examples


async def test_what_is_not_due_every_second_is_named(system: System, load: Load) -> None:
    with pytest.raises(NothingToAudit, match="make some with"):
        await audit(system, "other-")
    async with system.client() as client:
        (await client.put("/tasks/load-odd", json={"schedule": {"every": "PT2S"}})).raise_for_status()
    result = await settled(system)
    assert "PT2S" in result.unfit["load-odd"]
    assert (result.findings.is_right, len(result.tasks)) == (True, TASKS)


async def test_the_load_can_be_made_twice(system: System, load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    await load.make(TASKS, "default")
    assert (await settled(system)).findings.is_right
    await load.remove()
    await load.remove()
    assert capsys.readouterr().out.splitlines() == [
        f"{TASKS} tasks made: load-000 … load-{TASKS - 1:03d}",
        f"{TASKS} tasks removed: load-000 … load-{TASKS - 1:03d}",
        "no tasks to be removed",
    ]


def test_the_command_says_what_is_the_matter(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert main(["verify", "--since", "10m"]) == 2
    assert "is KAFKA_BOOTSTRAP_SERVERS right?" in capsys.readouterr().err
    monkeypatch.setenv("TASKER_TOPIC_PREFIX", "not a prefix")
    assert main(["verify"]) == 2
    assert "topic_prefix" in capsys.readouterr().err
    for wrong in (["--since", "10"], ["--late", "soon"]):
        with pytest.raises(SystemExit, match="2"):
            main(["verify", *wrong])
