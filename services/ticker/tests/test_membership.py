"""A member of the group that has no partitions, as the last of too many tickers has none: ready while Kafka answers."""

import asyncio

from tasker_core.topics import Topics
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.polling import eventually
from tasker_runtime.health import Health
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.testing import RecordedLog
from tasker_runtime.topic_setup import create_topics
from tasker_ticker.kafka.membership import Membership


async def test_a_member_without_partitions_is_ready_only_while_kafka_answers_and_lives_in_any_case(
    kafka_broker: EmbeddedKafka,
) -> None:
    kafka, stopping = KafkaConnection(kafka_broker.bootstrap), asyncio.Event()
    await create_topics(kafka, "t", partitions=1)
    healths = [Health(), Health()]
    members = [Membership(kafka, "g", Topics("t")["task-events"], health, RecordedLog()) for health in healths]
    assert not any(health.report().ready for health in healths)
    running = [asyncio.create_task(member.run(stopping)) for member in members]

    async def ready(expected: bool) -> bool:
        assert all(health.report().live for health in healths)
        return all(health.report().ready == expected for health in healths)

    async def shared() -> bool:
        return sorted(len(member.assignment.partitions) for member in members) == [0, 1]

    await eventually(shared, "one has the partition", 40)
    await eventually(lambda: ready(expected=True), "both are ready", 40)
    await kafka_broker.stop()
    await eventually(lambda: ready(expected=False), "none is ready", 40)
    await kafka_broker.start()
    await eventually(lambda: ready(expected=True), "both are ready again", 60)
    stopping.set()
    await asyncio.gather(*running)
