"""A week of edits, in half a minute: what a restore reads stays in proportion to what is held."""

import asyncio
from typing import Any
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tasker_core.topics import TOPICS, Topics
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.backends.kafka_proxy import KafkaProxy
from tasker_devstack.occurrence_audit import read_records
from tasker_devstack.polling import eventually
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.topic_setup import create_topics
from tasker_ticker.testing.ticker_harness import TickerHarness

FASTER = 20_000
"""So a week passes in 30 s, and the broker's cleaner is given as much less time for everything."""
HELD, ROUNDS = 200, 40
PASSING = 15
"""Tasks that are created and deleted again in each fifth round: what is left of them are tombstones."""


async def shortened(bootstrap: str, prefix: str) -> None:
    """The topics, with the real settings of the ticker's memory on a shortened clock."""
    state = next(topic for topic in TOPICS if topic.name == "ticker-state")
    config = {
        name: str(max(1, int(value) // FASTER)) if name.endswith(".ms") else value
        for name, value in state.config().items()
    }
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(Topics(prefix)[state.name], 1, 1, topic_configs=config)])
    await admin.close()
    await create_topics(KafkaConnection(bootstrap), prefix, partitions=1)


def put(task: str, n: int) -> dict[str, Any]:
    return {"type": "put", "task": {"id": task, "schedule": {"cron": f"{n % 60} 3 * * *"}, "description": "x" * 200}}


async def records(bootstrap: str, partition: TopicPartition) -> int:
    """How many records there are to read, tombstones too."""
    reader, found = PartitionReader(KafkaConnection(bootstrap)), 0
    await reader.start()
    try:
        _, end = await reader.bounds(partition)
        reader.assign(partition)
        async with asyncio.timeout(20):
            while await reader.position(partition) < end:
                found += len(await reader.poll(50))
    finally:
        await reader.stop()
    return found


async def test_a_restore_reads_at_most_twice_what_is_held(proxied: tuple[EmbeddedKafka, KafkaProxy]) -> None:
    broker, _ = proxied
    harness = TickerHarness(broker.bootstrap, f"t{uuid4().hex[:10]}", partitions=1)
    await shortened(harness.bootstrap, harness.prefix)
    written = 0

    async def decided() -> bool:
        return len(await read_records(harness.bootstrap, harness.prefix, "verdicts")) >= written

    async def remembered() -> int:
        return await records(harness.bootstrap, TopicPartition(Topics(harness.prefix)["ticker-state"], 0))

    async with harness.running_ticker():
        for n in range(ROUNDS):
            passing = [f"passing-{n}-{k}" for k in range(PASSING)] if n % 5 == 0 else []
            held = [f"held-{k:03d}" for k in range(HELD)]
            await asyncio.gather(*(harness.send(put(task, n), task) for task in (*held, *passing)))
            # Only then: what waits for room in the producer at once does not keep its order.
            await asyncio.gather(*(harness.send({"type": "delete", "task_id": task}, task) for task in passing))
            written += len(held) + 2 * len(passing)
        await eventually(decided, "all edits decided", 30)

        async def cleaned() -> bool:
            """An edit now and then, as there always are: only a new record ends the last segment."""
            nonlocal written
            await harness.send(put("held-000", written), "held-000")
            written += 1
            return await remembered() <= 2 * HELD

        await eventually(cleaned, "the memory compacted to twice what is held at most", 30)
    assert written > 20 * 2 * HELD
    async with harness.running_ticker() as restored:

        async def owned() -> bool:
            return bool(restored.log.fields_of("owned"))

        await eventually(owned, "a restore")
        assert restored.log.fields_of("owned")[0]["tasks"] == HELD
