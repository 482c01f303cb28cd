"""The audit of records that nobody tampered with, but that are not what one expects: on real Kafka and MongoDB."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
import pytest_asyncio
from aiokafka.admin import RecordsToDelete
from confluent_kafka import admin as confluent_admin

from tasker_cli.main import main
from tasker_cli.verify.audit import READ, Audit, NothingToAudit
from tasker_cli.verify.audit_scope import AuditResult, AuditScope
from tasker_cli.verify.instants import instant_text
from tasker_cli.verify.progress import TerminalProgress
from tasker_cli.verify.report import report_json, report_lines
from tasker_core.topics import PARTITIONS, partition_of
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka, prepare_kafka
from tasker_devstack.pytest_plugin import DATA_FOLDER, fresh_backend, fresh_topics
from tasker_runtime.clock import SystemClock
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import TopicPartition
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

    async def send(self, topic: str, message: Json | bytes, key: str = "load-a", partition: int = 0) -> None:
        value = message if isinstance(message, bytes) else json.dumps(message).encode()
        await self.producer.send(f"{self.topics}.{topic}", value, key=key.encode(), partition=partition)

    async def verdict(self, task: str, event: str, n: int, *, word: str = "accepted", **changes: Any) -> None:
        version, under = changes.pop("version", 1), changes.pop("under", {})
        schedule = {"every": "PT1S", "anchor": self.at(0)}
        definition = {"schedule": schedule, "paused": False} | changes
        message = {"type": "verdict", "verdict": word, "event_type": event, "task_id": task, "generation": 1}
        message |= {"version": version, "effective_from": self.at(n), "task": None if event == "delete" else definition}
        message["calendars"] = under
        await self.send("verdicts", message, task)

    async def missed_task(self) -> None:
        await self.verdict("load-a", "put", 0)
        missed = {
            "type": "missed",
            "task_id": "load-a",
            "from": self.at(1),
            "to": self.at(SECONDS),
            "reason": "deleted",
        }
        await self.send("verdicts", missed)
        await self.verdict("load-a", "delete", SECONDS)
        first, last = (datetime.fromtimestamp(self.begin + n, UTC) for n in (1, SECONDS))
        document = {"task_id": "load-a", "from_at": first, "to_at": last, "reason": "deleted"}
        await self.mongo.database["missed"].insert_one(document)

    async def audit(self, since_seconds: int | None = None, prefix: str = "load-") -> AuditResult:
        now_ms, begin = SystemClock().now_ms, None
        if since_seconds is not None:
            begin = now_ms() // 1000 - since_seconds
        scope, kafka = AuditScope(prefix, begin), KafkaConnection(self.kafka)
        return await Audit(kafka, [self.topics], self.mongo, scope, now_ms, TerminalProgress()).run()


@pytest_asyncio.fixture(loop_scope="session")
async def backends(kafka: str, topics: str, database: str) -> AsyncIterator[Backends]:
    found = Backends(kafka, topics, database)
    yield found
    await found.producer.stop()
    found.mongo.close()


def _let_nobody_describe_configs(kafka: str) -> None:
    words: Any = confluent_admin
    every_topic = (words.ResourceType.TOPIC, "*", words.ResourcePatternType.LITERAL, "User:*", "*")
    rules = [
        words.AclBinding(*every_topic, words.AclOperation.ALL, words.AclPermissionType.ALLOW),
        words.AclBinding(*every_topic, words.AclOperation.DESCRIBE_CONFIGS, words.AclPermissionType.DENY),
    ]
    client = words.AdminClient({"bootstrap.servers": kafka})
    for made in client.create_acls(rules).values():
        made.result(10)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def secretive_kafka() -> AsyncIterator[str]:
    """A Kafka whose users may do everything but ask for the settings of topics."""
    await prepare_kafka()
    authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
    settings = {"authorizer.class.name": authorizer, "allow.everyone.if.no.acl.found": "true"}
    async with fresh_backend(
        DATA_FOLDER / "kafka-with-acls",
        lambda where, own: EmbeddedKafka(where, own, settings=settings, short_lived=True),
    ) as broker:
        _let_nobody_describe_configs(broker.bootstrap)
        yield broker.bootstrap


@pytest_asyncio.fixture(loop_scope="session")
async def secretive(secretive_kafka: str, database: str) -> AsyncIterator[Backends]:
    async with fresh_topics(secretive_kafka) as topics:
        found = Backends(secretive_kafka, topics, database)
        yield found
        await found.producer.stop()
        found.mongo.close()


async def test_a_task_that_nothing_defines_is_named_and_does_not_end_the_audit(backends: Backends) -> None:
    await backends.missed_task()
    await backends.verdict("load-refused", "put", 1, word="rejected")
    await backends.verdict("load-forgotten", "trigger", 1)
    result = await backends.audit()
    assert (result.findings.is_right, result.findings.counted["due"], result.tasks) == (True, SECONDS, 1)
    reason = "tasks of which neither the verdicts that are kept nor the log say when they are due"
    assert result.findings.unaudited == {reason: 1}
    assert f"not audited: 1 {reason}; the first one: load-forgotten" in report_lines(result)


async def test_an_alert_that_is_sent_again_is_no_task(backends: Backends) -> None:
    await backends.missed_task()
    await backends.verdict("tasker-alerts.1", "retry", 1)
    result = await backends.audit(prefix="")
    assert (result.findings.is_right, result.tasks, result.findings.unaudited) == (True, 1, {})


async def test_a_task_whose_definition_only_the_log_knows_is_judged_by_it(backends: Backends) -> None:
    await backends.verdict("load-old", "trigger", 1)
    home = partition_of("load-old", PARTITIONS)
    await backends.send("watermarks", {"time": backends.at(AGO), "next_offset": 0, "turn": 1}, str(home), home)
    document = {"_id": "load-old", "deleted": False, "schedule_json": '{"every": "PT1S"}', "state": "active"}
    anchored = document | {"schedule_json": f'{{"every": "PT1S", "anchor": "{backends.at(0)}"}}'}
    await backends.mongo.database["tasks"].insert_one(anchored)  # pyright: ignore[reportArgumentType] -- as of old
    found = (await backends.audit(60)).findings
    assert found.counts["lost"] == found.counted["due"] > 0


async def test_what_a_task_was_before_its_first_change_is_known_from_its_revisions(backends: Backends) -> None:
    await backends.verdict("load-a", "pause", 60, paused=True, version=2)
    task = {"schedule": {"every": "PT20S", "anchor": backends.at(1)}, "paused": False}
    at = datetime.fromtimestamp(backends.begin - 2000, UTC)
    revision = {"_id": "load-a/1", "task_id": "load-a", "generation": 1, "version": 1, "event_type": "put"}
    revision |= {"effective_from": at, "position": 1, "task_json": json.dumps(task)}
    await backends.mongo.database["revisions"].insert_one(revision)
    await backends.send("watermarks", {"time": backends.at(AGO), "next_offset": 0, "turn": 1}, "0")
    found = (await backends.audit(1000)).findings
    assert (found.unaudited, found.counts["lost"], found.counted["due"]) == ({}, 3, 3)


async def test_days_of_calendars_are_known_from_their_verdicts_wherever_they_are_and_from_the_log(
    backends: Backends,
) -> None:
    schedule = {"every": "PT1S", "anchor": backends.at(0), "exclude_calendars": ["days"]}
    day = backends.at(0)[:10]
    await backends.send("calendars", {"type": "calendar"}, "days", 1)
    verdict = {"type": "verdict", "verdict": "accepted", "event_type": "calendar", "event_id": "c", "task_id": "days"}
    verdict |= {"version": 7, "calendar": {"name": "days", "days": [f"{day}/9999-01-01"]}}
    await backends.send("verdicts", verdict, "days", 1)
    logged: Json = {"_id": "days/8", "name": "days", "version": 8, "days": [], "deleted": False}
    await backends.mongo.database["calendar_revisions"].insert_one(logged)  # pyright: ignore[reportArgumentType]
    for version, task in ((7, "load-a"), (8, "load-b"), (9, "load-c")):
        await backends.verdict(task, "put", 0, schedule=schedule, under={"days": version})
        await backends.verdict(task, "delete", SECONDS)
    await backends.send("watermarks", {"time": backends.at(AGO), "next_offset": 0, "turn": 1}, "0")
    found = (await backends.audit()).findings
    assert (found.counted["due"], found.counts["lost"]) == (SECONDS, SECONDS)
    assert {one.task_id for one in found.first_examples("lost")} == {"load-b"}
    reason = "tasks under a version of a calendar whose days neither its verdict nor the log say any more"
    assert found.unaudited[reason] == 1
    assert found.unaudited_first[reason] == "load-c"


async def test_records_that_are_no_messages_are_counted_and_left_out(backends: Backends) -> None:
    await backends.missed_task()
    for topic in ("verdicts", "due-tasks", "due-background", "results", "watermarks"):
        await backends.send(topic, b"\x00 no JSON")
        await backends.send(topic, b"[1]")
    await backends.send("results", {"type": "run.finished", "task_id": "load-a", "nominal_at": "noon", "run_id": "f"})
    await backends.send("verdicts", {"task_id": "load-a"})
    await backends.send("verdicts", b"no JSON of another task", "other")
    result = await backends.audit()
    counted = result.findings.counted
    assert (result.findings.is_right, counted["due"], result.unreadable) == (True, SECONDS, 12)
    assert any("no messages: 12" in line and "offset 0" in line for line in report_lines(result))


async def test_a_schedule_that_is_not_understood_is_told_and_never_passes(backends: Backends) -> None:
    await backends.missed_task()
    await backends.verdict("load-strange", "put", 0, schedule={"sometimes": True})
    found = (await backends.audit()).findings
    assert [reason[:41] for reason in found.unaudited] == ["schedules that this audit does not underst"[:41]]


async def test_where_all_was_paused_nothing_is_right(backends: Backends) -> None:
    await backends.verdict("load-a", "put", 0, paused=True)
    with pytest.raises(NothingToAudit, match="were paused"):
        await backends.audit()


async def test_what_kafka_deletes_while_it_is_read_is_not_called_lost(backends: Backends) -> None:
    """A topic is cut while the audit reads it: nothing is judged, as what is gone can't be."""
    await backends.missed_task()
    await backends.send("results", b"[1]")
    now_ms = SystemClock().now_ms
    scope, kafka = AuditScope("load-", None), KafkaConnection(backends.kafka)

    class CuttingProgress(TerminalProgress):
        async def cut(self) -> None:
            async with admin_client(kafka) as admin:
                place = TopicPartition(f"{backends.topics}.results", 0)
                await admin.delete_records({place: RecordsToDelete(before_offset=1)})

        def advance(self, what: str, count: int) -> None:
            if what.endswith("results") and count:
                cutter = Thread(target=lambda: asyncio.run(self.cut()))
                cutter.start()
                cutter.join()

    audit = Audit(kafka, [backends.topics], backends.mongo, scope, now_ms, CuttingProgress())
    with pytest.raises(
        NothingToAudit, match=r"while the topics were read, Kafka deleted .* begin later, with --from 20"
    ):
        await audit.run()


async def test_what_may_not_be_read_is_told_with_the_permission_and_the_rest_is_judged(secretive: Backends) -> None:
    await secretive.missed_task()
    result = await secretive.audit()
    assert (result.findings.is_right, result.findings.counted["due"]) == (True, SECONDS)
    (told,) = result.not_read
    topics = ", ".join(f"{secretive.topics}.{name}" for name in READ)
    assert told.startswith(
        f"for how long Kafka keeps {topics}: its user lacks the permission DescribeConfigs on them; "
    )
    assert f"not read: {told}" in report_lines(result)
    assert report_json(result)["not_read"] == [told]


async def test_where_nothing_can_be_judged_since_that_may_not_be_read_it_says_so(secretive: Backends) -> None:
    await secretive.missed_task()
    await secretive.send("results", b"[1]")
    async with admin_client(KafkaConnection(secretive.kafka)) as admin:
        await admin.delete_records({TopicPartition(f"{secretive.topics}.results", 0): RecordsToDelete(before_offset=1)})
    with pytest.raises(NothingToAudit, match=r"^nothing between .* can be judged: .*; not read: .* DescribeConfigs"):
        await secretive.audit()


def test_an_unforeseen_error_is_no_verdict(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_: Audit) -> AuditResult:
        raise RuntimeError("as never before")

    monkeypatch.setattr(Audit, "run", fails)
    assert main(["verify"]) == 2
    assert "nothing is judged: RuntimeError: as never before" in capsys.readouterr().err
