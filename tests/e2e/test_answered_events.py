"""Whatever is sent to the task events is answered: what names no task, too, beside its dead letter."""

import json
from collections.abc import Sequence
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from tasker_core.kafka_record import Record
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually

Json = dict[str, Any]
SCHEDULE = {"every": "P1D"}
Header = tuple[str, bytes]

SENT: list[tuple[bytes, list[Header], str | None, str, str]] = [
    (json.dumps({"type": "put", "id": "bad-put", "task": {"id": "br-kü", "schedule": SCHEDULE}}).encode(),
     [], "bad-put", "br-kü", "/id"),
    (json.dumps({"type": "pause", "id": "too-long", "task_id": "x" * 129}).encode(),
     [], "too-long", "x" * 127 + "…", "/task_id"),
    (b'{"type": "pause", "id": "no-text", "task_id": 7}', [], "no-text", "", "/task_id"),
    (b'{"type": "pause", "id": "missing"}', [], "missing", "", "/task_id"),
    (b'{"type": "pause", "task_id": "a/b"}', [], None, "a/b", "/task_id"),
    (b"not JSON", [("ce_type", b"tasker.put"), ("ce_id", b"bin/ary")], "bin/ary", "", ""),
    (b"[]", [], None, "", ""),
    (b"", [], None, "", ""),
]  # fmt: skip
"""Value, headers, the event's id if it has one, the task id of its verdict, and the place of its error."""


async def _entry(client: httpx.AsyncClient, event_id: str, **params: str) -> Json:
    async def look() -> Json | None:
        answer = await client.get(f"/journal/{event_id}", params=params)
        return answer.json() if answer.status_code == 200 else None

    return await eventually(look, f"the verdict on {event_id}")


def _is_dead(records: Sequence[Record], value: bytes) -> bool:
    return any((record.value or b"") == value for record in records)


async def test_what_names_no_task_is_answered_once_beside_its_dead_letter(system: System) -> None:
    topic = f"{system.topic_prefix}.task-events"
    plain: Any = AIOKafkaProducer(bootstrap_servers=system.kafka)
    async with system.client() as client, plain as producer:
        for number, (value, headers, event_id, task_id, pointer) in enumerate(SENT):
            sent = await producer.send_and_wait(topic, value, partition=number, headers=headers)
            name = event_id or f"{sent.partition}-{sent.offset}"
            entry = await _entry(client, name)
            assert (entry["event_id"], entry["verdict"], entry["task_id"]) == (name, "rejected", task_id)
            assert pointer in [error["pointer"] for error in entry["errors"]], entry
            if task_id:
                assert await _entry(client, name, task_id=task_id) == entry
        allowed = await producer.send_and_wait(topic, b'{"type": "pause", "task_id": "nobody"}')
        await _entry(client, f"{allowed.partition}-{allowed.offset}")
    verdicts = await system.records("verdicts")
    answers = [(record.partition, record.key, json.loads(record.value or b"")) for record in verdicts]
    for number, (*_, event_id, task_id, _pointer) in enumerate(SENT):
        found = [a for a in answers if a[0] == number and a[2]["verdict"] == "rejected" and a[2]["task_id"] == task_id]
        assert [key for _, key, verdict in found if event_id in (None, verdict["event_id"])] == [None]
    dead = await system.records("dead-letters")
    assert all(_is_dead(dead, value) for value, *_ in SENT)
