"""Task events from a plain producer, and waiting for instants."""

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_devstack.system import System
from tasker_runtime.clock import utc_now
from tasker_runtime.kafka import Sender


async def send(system: System, events: Iterable[dict[str, Any]]) -> None:
    """Produce task events as any Kafka client does, some hundred at a time."""
    sender, topic = Sender(system.kafka), Topics(system.topic_prefix)["task-events"]

    async def one(event: dict[str, Any]) -> None:
        task = event["task"]["id"] if "task" in event else event["task_id"]
        home = partition_of(task, PARTITIONS)
        await sender.send(topic, msgspec.json.encode(event), key=task.encode(), partition=home, seconds=60)

    waiting: list[Awaitable[None]] = []
    for event in events:
        waiting.append(one(event))
        if len(waiting) == 500:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    await sender.stop()


def soon(seconds: int) -> datetime:
    """A whole second, this many seconds from now."""
    return (utc_now() + timedelta(seconds=seconds)).replace(microsecond=0)


async def until(instant: datetime) -> None:
    """Wait for an instant."""
    await asyncio.sleep(max(0.0, (instant - utc_now()).total_seconds()))
