"""Copies of a Tasker's topics, record by record with its time, that can be tampered with before they are written."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic

from tasker_core.topics import TopicName
from tasker_devstack.isolated_system import System
from tasker_runtime.kafka.admin_client import admin_client

COPIED: Final[tuple[TopicName, ...]] = (
    "task-events",
    "verdicts",
    "due-tasks",
    "due-background",
    "results",
    "watermarks",
    "calendars",
)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CopiedRecord:
    """One record. `topic` is its name without the prefix, `ms` when it was appended."""

    topic: str
    partition: int
    ms: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def message(self) -> Json:
        """What it says."""
        found: Json = json.loads(self.value)
        return found

    def saying(self, **changes: Any) -> "CopiedRecord":
        """The same with other fields."""
        return replace(self, value=json.dumps(self.message | changes).encode())


async def copied(system: System) -> list[CopiedRecord]:
    """Every record of the topics that an audit reads."""
    return [
        CopiedRecord(
            record.topic.removeprefix(f"{system.topic_prefix}."),
            record.partition,
            record.timestamp,
            record.key,
            record.value or b"",
            tuple(record.headers),
        )
        for record in await system.records(*COPIED)
    ]


async def write_copy(system: System, records: list[CopiedRecord], change: Callable[[list[CopiedRecord]], None]) -> str:
    """Write the records, tampered with, to topics of their own; returns their prefix."""
    prefix, tampered = f"t{uuid4().hex[:10]}", list(records)
    change(tampered)
    # The producer says when a record was appended: in Tasker's own topics only the broker does.
    config = {"message.timestamp.type": "CreateTime"}
    names = [f"{prefix}.{name}" for name in COPIED]
    async with admin_client(system.connection) as admin:
        await admin.create_topics([NewTopic(name, system.partitions, 1, topic_configs=config) for name in names])
    producer: Any = AIOKafkaProducer(bootstrap_servers=system.kafka)
    await producer.start()
    for name in names:
        await producer.partitions_for(name)  # once it is known that they are there
    for one in tampered:
        await producer.send(
            f"{prefix}.{one.topic}", one.value, one.key, one.partition, timestamp_ms=one.ms, headers=list(one.headers)
        )
    await producer.stop()
    return prefix
