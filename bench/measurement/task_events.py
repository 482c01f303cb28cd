"""Task events from a plain producer, and waiting for instants."""

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer

from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_devstack.isolated_system import System
from tasker_runtime.clock import utc_now

BATCH = 5_000


async def send_events(system: System, events: Iterable[dict[str, Any]]) -> None:
    """Produce task events as any Kafka client does, some thousand at a time."""
    topic = Topics(system.topic_prefix)["task-events"]
    producer: Any = AIOKafkaProducer(
        bootstrap_servers=system.kafka, acks="all", enable_idempotence=True, linger_ms=5, max_batch_size=256 * 1024
    )
    await producer.start()
    try:
        waiting: list[Awaitable[Any]] = []
        for event in events:
            task = event["task"]["id"] if "task" in event else event["task_id"]
            home, value = partition_of(task, PARTITIONS), msgspec.json.encode(event)
            waiting.append(await producer.send(topic, value, key=task.encode(), partition=home))
            if len(waiting) == BATCH:
                await asyncio.gather(*waiting)
                waiting.clear()
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()


def soon(seconds: int) -> datetime:
    """A whole second, this many seconds from now."""
    return (utc_now() + timedelta(seconds=seconds)).replace(microsecond=0)


async def until(instant: datetime) -> None:
    """Wait for an instant."""
    await asyncio.sleep(max(0.0, (instant - utc_now()).total_seconds()))
