"""The audit of records that nobody tampered with, but that are not what one expects: on real Kafka and MongoDB."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from tasker_cli.main import main
from tasker_cli.verify.audit import Audit, NothingToAudit
from tasker_cli.verify.audit_result import AuditResult, AuditScope
from tasker_cli.verify.instants import instant_text
from tasker_cli.verify.report import report_lines
from tasker_runtime.clock import SystemClock
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.mongo import Mongo

AGO, SECONDS = 120, 3
Json = dict[str, Any]


class Backends:
    """Topics and a database, with one task that was there for some seconds, each of which it missed."""

    def __init__(self, kafka: str, topics: str, database: str) -> None:
        self.kafka, self.topics, self.mongo = kafka, topics, Mongo(MongoConnection(database))
        self.producer = RecordProducer(KafkaConnection(kafka))
        self.begin = SystemClock().now_ms() // 1000 - AGO

    def at(self, n: int) -> str:
        return instant_text(self.begin + n)

    async def send(self, topic: str, message: Json | bytes, key: str = "load-a") -> None:
        value = message if isinstance(message, bytes) else json.dumps(message).encode()
        await self.producer.send(f"{self.topics}.{topic}", value, key=key.encode(), partition=0)

    async def verdict(self, task: str, event: str, n: int, *, word: str = "accepted", **changes: Any) -> None:
        definition = {"schedule": {"every": "PT1S"}, "paused": False} | changes
        message = {"type": "verdict", "verdict": word, "event_type": event, "task_id": task, "generation": 1}
        message |= {"version": 1, "effective_from": self.at(n), "task": None if event == "delete" else definition}
        await self.send("verdicts", message, task)

    async def missed_task(self) -> None:
        await self.verdict("load-a", "put", 0)
        missed = {
            "type": "missed",
            "task_id": "load-a",
            "from": self.at(1),
            "to": self.at(SECONDS),
            "reason": "changed",
        }
        await self.send("verdicts", missed)
        await self.verdict("load-a", "delete", SECONDS)
        first, last = (datetime.fromtimestamp(self.begin + n, UTC) for n in (1, SECONDS))
        document = {"task_id": "load-a", "from_at": first, "to_at": last, "reason": "changed"}
        await self.mongo.database["missed"].insert_one(document)

    async def audit(self, since_seconds: int | None = None) -> AuditResult:
        options, scope = {"bootstrap_servers": self.kafka}, AuditScope("load-", since_seconds, 10_000)

        def progress(what: str, done: int, total: int) -> None:
            """Nobody looks at it."""

        return await Audit(options, [self.topics], self.mongo, scope, SystemClock().now_ms, progress).run()


@pytest_asyncio.fixture(loop_scope="session")
async def backends(kafka: str, topics: str, database: str) -> AsyncIterator[Backends]:
    found = Backends(kafka, topics, database)
    yield found
    await found.producer.stop()
    found.mongo.close()


async def test_a_task_that_nothing_defines_is_named_and_does_not_end_the_audit(backends: Backends) -> None:
    await backends.missed_task()
    await backends.verdict("load-refused", "put", 1, word="rejected")
    await backends.verdict("load-forgotten", "trigger", 1)
    result = await backends.audit()
    assert (result.findings.is_right, result.findings.due, result.tasks) == (True, SECONDS, ["load-a"])
    assert list(result.unfit) == ["load-forgotten"]
    assert "neither the verdicts" in result.unfit["load-forgotten"]


async def test_a_task_whose_definition_only_the_log_knows_is_judged_by_it(backends: Backends) -> None:
    await backends.verdict("load-old", "trigger", 1)
    document = {"_id": "load-old", "deleted": False, "schedule_json": '{"every": "PT1S"}', "state": "active"}
    await backends.mongo.database["tasks"].insert_one(document)  # pyright: ignore[reportArgumentType] -- as of old
    result = await backends.audit(60)
    assert (result.tasks, result.unfit) == (["load-old"], {})
    assert result.findings.counts["lost"] == result.findings.due > 0


async def test_records_that_are_no_messages_are_counted_and_left_out(backends: Backends) -> None:
    await backends.missed_task()
    for topic in ("verdicts", "due-tasks", "due-background", "results", "watermarks"):
        await backends.send(topic, b"\x00 no JSON")
        await backends.send(topic, b"[1]")
    await backends.send("results", {"type": "run.finished", "task_id": "load-a", "nominal_at": "noon", "run_id": "f"})
    await backends.send("verdicts", {"task_id": "load-a"})
    await backends.send("verdicts", b"no JSON of another task", "other")
    result = await backends.audit()
    assert (result.findings.is_right, result.findings.due, result.unreadable) == (True, SECONDS, 12)
    assert any("no messages: 12" in line and "offset 0" in line for line in report_lines(result))


async def test_where_all_was_paused_nothing_is_right(backends: Backends) -> None:
    await backends.verdict("load-a", "put", 0, paused=True)
    with pytest.raises(NothingToAudit, match="all 1 tasks were paused"):
        await backends.audit()


def test_an_unforeseen_error_is_no_verdict(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_: Audit) -> AuditResult:
        raise RuntimeError("as never before")

    monkeypatch.setattr(Audit, "run", fails)
    assert main(["verify"]) == 2
    assert "nothing is judged: RuntimeError: as never before" in capsys.readouterr().err
