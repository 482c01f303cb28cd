"""Clients of others: events by the CloudEvents SDK, and librdkafka with both of its partitioners."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from zlib import crc32

import httpx
from cloudevents.core.bindings.kafka import KafkaMessage, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from confluent_kafka import Producer

from tasker_core.topics import PARTITIONS, partition_of
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually

TASKS: Final = 24
SOURCE: Final = "/billing"
CRC32: Final = "consistent_random"
"""What librdkafka does unless it is told otherwise: confluent-kafka, Go, .NET, Node."""
MURMUR2: Final = "murmur2_random"
SECONDS: Final = 60


class Sent(NamedTuple):
    """A record as librdkafka has sent it."""

    task_id: str
    event_id: str
    partition: int


def event(kind: str, event_id: str, data: dict[str, Any]) -> CloudEvent:
    about = {"id": event_id, "source": SOURCE, "type": f"tasker.{kind}", "specversion": "1.0"}
    return CloudEvent({**about, "datacontenttype": "application/json"}, data)


def send(bootstrap: str, topic: str, partitioner: str, messages: Sequence[tuple[str, str, KafkaMessage]]) -> list[Sent]:
    """Send events of tasks, and wait for all of them."""
    producer = Producer({"bootstrap.servers": bootstrap, "partitioner": partitioner, "acks": "all"})
    partitions = dict[str, int]()

    def delivered(error: object, message: Any) -> None:
        assert error is None, error
        partitions[message.key().decode()] = message.partition()

    for task_id, _, message in messages:
        headers: dict[str, str | bytes | None] = {**message.headers}
        producer.produce(topic, message.value, key=task_id.encode(), headers=headers, on_delivery=delivered)
    assert producer.flush(SECONDS) == 0
    return [Sent(task_id, event_id, partitions[task_id]) for task_id, event_id, _ in messages]


async def verdict(client: httpx.AsyncClient, sent: Sent) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        answer = await client.get(f"/journal/{sent.event_id}", params={"task_id": sent.task_id})
        found = answer.json()
        # What is sent on is answered twice: first that it is.
        return found if answer.status_code == 200 and found["verdict"] != "forwarded" else None

    return await eventually(look, f"the verdict on {sent.event_id}", SECONDS)


async def accepted(client: httpx.AsyncClient, all_sent: Sequence[Sent]) -> None:
    for found in await asyncio.gather(*(verdict(client, one) for one in all_sent)):
        assert (found["verdict"], found["actor"], found["channel"]) == ("accepted", SOURCE, "kafka"), found


async def forwarded(system: System) -> set[str]:
    """The ids of the events that were sent on."""
    verdicts = [json.loads(record.value or b"") for record in await system.records("verdicts")]
    return {one["event_id"] for one in verdicts if one.get("verdict") == "forwarded"}


async def test_events_of_other_libraries_reach_their_tasks_whatever_their_partitioner(system: System) -> None:
    topic, ids = f"{system.topic_prefix}.task-events", [f"foreign-{n}" for n in range(TASKS)]
    puts, pauses = list[tuple[str, str, KafkaMessage]](), list[tuple[str, str, KafkaMessage]]()
    for task_id in ids:
        task = {"task": {"id": task_id, "schedule": {"every": "P1D"}, "payload": {"ü": [1, None]}}, "if_version": 0}
        puts.append((task_id, f"put-{task_id}", to_structured_event(event("put", f"put-{task_id}", task))))
        pause = {"task_id": task_id, "note": "Quartal"}
        pauses.append((task_id, f"pause-{task_id}", to_binary_event(event("pause", f"pause-{task_id}", pause))))
    async with system.client() as client:
        by_crc32 = await asyncio.to_thread(send, system.kafka, topic, CRC32, puts)
        assert all(one.partition == crc32(one.task_id.encode()) % PARTITIONS for one in by_crc32)
        astray = {one.event_id for one in by_crc32 if one.partition != partition_of(one.task_id, PARTITIONS)}
        assert len(astray) >= TASKS // 2
        await accepted(client, by_crc32)
        assert await forwarded(system) == astray

        by_murmur2 = await asyncio.to_thread(send, system.kafka, topic, MURMUR2, pauses)
        assert all(one.partition == partition_of(one.task_id, PARTITIONS) for one in by_murmur2)
        await accepted(client, by_murmur2)
        assert await forwarded(system) == astray
        for task_id in ids:
            task = (await client.get(f"/tasks/{task_id}")).json()
            assert (task["state"], task["payload"]) == ("paused", {"ü": [1, None]})
            assert (task["pause"]["by"], task["pause"]["note"]) == (SOURCE, "Quartal")
