"""`python -m tasker_ticker.migration` under load: 12 partitions become 24, and no second is lost or comes twice."""

import asyncio
import os
import sys
from uuid import uuid4

from bench.load import Load
from tasker_cli.verify.audit import Audit
from tasker_cli.verify.audit_scope import AuditResult, AuditScope
from tasker_cli.verify.progress import TerminalProgress
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_devstack.topic_cleanup import delete_topics
from tasker_runtime.clock import SystemClock
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.mongo import Mongo

TASKS = int(os.environ.get("TASKER_TEST_MIGRATED_TASKS", "30"))
LATE_MS = 120_000
"""What is due while nothing runs is emitted when something runs again."""


async def migrate(system: System, prefix: str, partitions: int) -> tuple[int, str]:
    """Run the command as an operator does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tasker_ticker.migration",
        *("--to", prefix, "--partitions", str(partitions)),
        env=os.environ | system.settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode or 0, output.decode()


async def audit(system: System, *prefixes: str) -> AuditResult:
    mongo, scope = Mongo(MongoConnection(system.mongodb_url)), AuditScope("load-", late_ms=LATE_MS, settled_seconds=5)
    kafka = KafkaConnection(system.kafka)
    try:
        return await Audit(kafka, prefixes, mongo, scope, SystemClock().now_ms, TerminalProgress()).run()
    finally:
        mongo.close()


async def test_twelve_partitions_become_24_and_nothing_is_lost_or_doubled(kafka: str, database: str) -> None:
    old, prefix = System(kafka, database), f"t{uuid4().hex[:10]}"
    new = System(kafka, database, env={"TASKER_TOPIC_PREFIX": prefix, "TASKER_PARTITIONS": "24"})
    try:
        async with old.running():
            load = Load(old.api_url, "load-")
            await load.make(TASKS, "default")
            async with old.client() as client:
                yearly = await client.put("/tasks/yearly", json={"schedule": {"cron": "0 0 29 2 *"}})
                yearly.raise_for_status()
                (await client.post("/tasks/load-002/pause", json={})).raise_for_status()
            await load.close()
            await emitted(old, TASKS * 5)
            code, output = await migrate(old, prefix, 24)
            assert (code, "are still there" in output) == (1, True), output
            await old.stop("ticker")
            async with old.client() as client:  # nobody has read these when the state moves
                assert (await client.post("/tasks/load-003/pause", json={})).status_code == 202
                assert (
                    await client.put("/tasks/made-between", json={"schedule": {"every": "PT1H"}})
                ).status_code == 202
            await old.stop("api")

            async def moved() -> bool:
                code, output = await migrate(old, prefix, 24)
                print(output)  # noqa: T201 -- shown when the test fails
                assert code == 0 or "let " in output or "still there" in output, output
                return code == 0

            await eventually(moved, "the migration", 90)
        async with new.running():
            await emitted(new, TASKS * 8)

            async def told() -> bool:
                async with new.client() as client:
                    paused = (await client.get("/tasks/load-003")).json()
                    made = await client.get("/tasks/made-between")
                    return paused["state"] == "paused" and made.status_code == 200

            await eventually(told, "the events that were between", 60)
            async with new.client() as client:
                changed = await client.put("/tasks/yearly", json={"schedule": {"cron": "0 0 28 2 *"}})
                assert changed.json()["version"] > yearly.json()["version"]
                assert "28" in (await client.get("/tasks/yearly")).json()["schedule"]["cron"]
            code, output = await migrate(old, prefix, 24)
            assert (code, "is not empty" in output) == (1, True), output

            async def settled() -> AuditResult | None:
                result = await audit(new, old.topic_prefix, prefix)
                return result if not result.findings.counts["unlogged"] else None

            found = (await eventually(settled, "an audit of all that is logged", 60)).findings
        counted = found.counted
        print(counted, found.appended.worst)  # noqa: T201 -- the figures
        assert dict(found.counts) == {}, found.examples
        assert counted["while paused"] > 0
        assert counted["due"] == counted["emitted"] + counted["missed"]
    finally:
        await delete_topics(KafkaConnection(kafka), old.topic_prefix)
        await delete_topics(KafkaConnection(kafka), prefix)


async def emitted(system: System, runs: int) -> None:
    async def enough() -> bool:
        return len(await system.emitted_runs()) >= runs

    await eventually(enough, f"{runs} runs", 120)
