"""`tasker verify` on a real system: right as it is, and each thing that is tampered with is found."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tasker_cli.main import main
from tasker_cli.verify.audit import Audit, NothingToAudit
from tasker_cli.verify.audit_scope import AuditResult, AuditScope
from tasker_cli.verify.instants import epoch_second, instant_text
from tasker_cli.verify.judgement.findings import Findings
from tasker_cli.verify.progress import TerminalProgress
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_devstack.topic_cleanup import delete_topics
from tasker_runtime.clock import SystemClock, utc_now
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo
from tests.e2e.topic_copies import CopiedRecord, copied, write_copy

SECONDS, SETTLED_SECONDS = 8, 3
TASKS: dict[str, dict[str, Any]] = {
    "every-second": {"schedule": {"every": "PT1S"}},
    "sparse": {"schedule": {"cron": "*/3 * * * * *", "timezone": "Europe/Berlin"}},
    "spread": {"schedule": {"every": "PT2S", "spread": "PT1S"}},
    "hashed": {"schedule": {"any": [{"cron": "H/4 * * * * *"}, {"every": "PT3S"}]}},
    "failing": {"schedule": {"every": "PT2S"}, "handler": "curl", "payload": "http://127.0.0.1:1/"},
    "under": {"schedule": {"every": "PT1S", "exclude_calendars": ["days"]}},
    "asked": {"schedule": {"manual": True}, "then": [{"task": "followed"}]},
    "followed": {"schedule": {"manual": True}},
}
EVERY_DAY = ["1970-01-02/2100-01-01"]
Json = dict[str, Any]
Records = list[CopiedRecord]


async def audit(system: System, prefix: str, end: int | None = None) -> AuditResult:
    scope, mongo = AuditScope(end=end, settled_seconds=SETTLED_SECONDS), Mongo(MongoConnection(system.mongodb_url))
    try:
        progress = TerminalProgress()
        return await Audit(system.connection, [prefix], mongo, scope, SystemClock().now_ms, progress).run()
    finally:
        mongo.close()


def runs_of(records: Records, topic: str, task: str) -> list[int]:
    """The places of a task's runs in a topic, but the first one and the last."""
    found = [n for n, one in enumerate(records) if one.topic == topic and one.message["task_id"] == task]
    return found[1:-1]


def change(records: Records, topic: str, task: str, **fields: Any) -> None:
    place = runs_of(records, topic, task)[0]
    records[place] = records[place].saying(**fields)


def remove_a_run(records: Records) -> None:
    del records[runs_of(records, "due-tasks", "sparse")[0]]


def double_a_run(records: Records) -> None:
    records.append(records[runs_of(records, "due-tasks", "every-second")[0]])


def move_a_run_by_a_second(records: Records) -> None:
    place = runs_of(records, "due-tasks", "sparse")[0]
    moved = instant_text(epoch_second(records[place].message["nominal_at"]) - 1)
    records[place] = records[place].saying(nominal_at=moved, effective_at=moved)


def send_a_run_early(records: Records) -> None:
    place = runs_of(records, "due-tasks", "every-second")[0]
    later = instant_text(epoch_second(records[place].message["nominal_at"]) + 3600)
    records.append(records[place].saying(run_id="a" * 32, nominal_at=later, effective_at=later))


def send_a_run_late(records: Records) -> None:
    place = runs_of(records, "due-tasks", "every-second")[0]
    one = records[place]
    late = CopiedRecord(one.topic, one.partition, one.ms + 10_500, one.key, one.value, one.headers)
    records[place] = late


def report_a_run_that_was_never_sent(records: Records) -> None:
    records.append(records[runs_of(records, "results", "every-second")[0]].saying(run_id="e" * 32))


def falsify_an_outcome(records: Records) -> None:
    change(records, "results", "spread", outcome="failed")


def falsify_a_time(records: Records) -> None:
    change(records, "results", "spread", finished_at="2026-01-01T00:00:00.000Z")


def falsify_an_error(records: Records) -> None:
    change(records, "results", "failing", error={"kind": "other", "message": "all was well"})


def invent_a_missed_range(records: Records) -> None:
    run = records[runs_of(records, "due-tasks", "sparse")[0]]
    missed = {"type": "missed", "reason": "coalesced", "task_id": "sparse", "version": 1, "next_at": None}
    missed |= {"from": run.message["nominal_at"], "to": run.message["nominal_at"]}
    missed["generation"] = run.message["generation"]
    value = json.dumps(missed).encode()
    records.append(CopiedRecord("verdicts", run.partition, run.ms + 90_000, run.key, value, ()))


def forget_a_verdict(records: Records) -> None:
    place = next(n for n, one in enumerate(records) if one.message.get("event_type") == "trigger")
    del records[place]


def hand_over_a_second_early(records: Records) -> None:
    place = next(n for n, one in enumerate(records) if one.message.get("type") == "rescheduled")
    early = instant_text(epoch_second(records[place].message["effective_from"]) - 1)
    records[place] = records[place].saying(effective_from=early)


TAMPERED: list[tuple[Callable[[Records], None], dict[str, int]]] = [
    (remove_a_run, {"lost": 1, "stray_result": 1, "wrongly_logged": 1}),
    (double_a_run, {"doubled": 1}),
    (move_a_run_by_a_second, {"lost": 1, "outside": 1, "stray_result": 1}),
    (send_a_run_early, {"early": 1}),
    (send_a_run_late, {"late": 1}),
    (report_a_run_that_was_never_sent, {"stray_result": 1}),
    (falsify_an_outcome, {"wrongly_logged": 1}),
    (falsify_a_time, {"wrongly_logged": 1}),
    (falsify_an_error, {"wrongly_logged": 1}),
    (invent_a_missed_range, {"doubled": 1, "missed_wrongly": 1}),
    (hand_over_a_second_early, {"outside": 1}),
    (forget_a_verdict, {"unanswered": 1, "outside": 1}),
]


async def test_it_is_right_and_sees_what_is_tampered_with(kafka: str, database: str) -> None:
    system = System(kafka, database, env={"TASKER_PARTITIONS": "2"})
    try:
        async with system.running():
            records, end = await _recorded(system)
        await _all_is_found(system, records, end)
        await _all_is_found_in_the_log(system, end)
    finally:
        await delete_topics(system.connection, system.topic_prefix)


async def _recorded(system: System) -> tuple[Records, int]:
    """What some seconds of all kinds of tasks leave, and the last second that can be judged."""
    async with system.client() as client:
        (await client.put("/calendars/days", json={"days": []})).raise_for_status()
        for name, task in TASKS.items():
            (await client.put(f"/tasks/{name}", json=task)).raise_for_status()
        (await client.post("/tasks/asked/trigger", json={})).raise_for_status()
        begin = utc_now()

        async def settled() -> AuditResult | None:
            try:
                found = await audit(system, system.topic_prefix)
            except NothingToAudit:
                return None
            return found if found.last - begin.timestamp() >= SECONDS else None

        past = {"start": begin.isoformat(), "end": (begin + timedelta(seconds=2)).isoformat(), "rate": 6000}
        await asyncio.wait_for(_backfilled(system, past), 30)
        (await client.put("/calendars/days", json={"days": EVERY_DAY})).raise_for_status()
        result = await eventually(settled, "seconds that can be judged", 60)
    found = result.findings
    assert (found.is_right, found.unaudited) == (True, {}), (found.examples, found.unaudited)
    assert (found.counted["manual runs"], found.counted["chained runs"], found.counted["backfill runs"]) == (1, 1, 2)
    assert (result.tasks, found.outcomes["failed"] > 0, found.counted["due"] > 2 * SECONDS) == (len(TASKS), True, True)
    return await copied(system), result.last


async def _backfilled(system: System, past: Json) -> None:
    """Backfill two seconds, once they are over."""

    async def asked() -> bool:
        async with system.client() as client:
            return (await client.post("/tasks/every-second/backfills", json=past)).is_success

    await eventually(asked, "a backfill", 30)


async def _all_is_found(system: System, records: Records, end: int) -> None:
    for tamper, expected in TAMPERED:
        prefix = await write_copy(system, records, tamper)
        try:
            found = (await audit(system, prefix, end)).findings
        finally:
            await delete_topics(system.connection, prefix)
        assert dict(found.counts) == expected, (tamper.__name__, found.examples)


async def _all_is_found_in_the_log(system: System, end: int) -> None:
    client: AsyncMongoClient[Json] = AsyncMongoClient(system.mongodb_url, tz_aware=True)
    runs = client.get_default_database()["runs"]
    first, second, third, fourth = await runs.find({"kind": "scheduled"}).sort("effective_at").limit(4).to_list()
    await runs.delete_one({"_id": first["_id"]})
    await runs.update_one({"_id": second["_id"]}, {"$set": {"state": "cancelled"}})
    await runs.update_one({"_id": third["_id"]}, {"$set": {"logged_at": third["logged_at"] + timedelta(minutes=1)}})
    await runs.insert_one(fourth | {"_id": "f" * 32})
    await client.close()
    found: Findings = (await audit(system, system.topic_prefix, end)).findings
    assert dict(found.counts) == {"unlogged": 1, "wrongly_logged": 2, "logged_late": 1}, found.examples


def test_the_command_says_what_is_the_matter(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert main(["verify", "--since", "10m"]) == 2
    assert "is KAFKA_BOOTSTRAP_SERVERS right?" in capsys.readouterr().err
    monkeypatch.setenv("TASKER_TOPIC_PREFIX", "not a prefix")
    assert main(["verify"]) == 2
    assert "topic_prefix" in capsys.readouterr().err
    for wrong in (["--since", "10"], ["--late", "soon"], ["--from", "noon"], ["--to", "2026-01-01T00:00:00"]):
        assert main(["verify", *wrong]) == 2
