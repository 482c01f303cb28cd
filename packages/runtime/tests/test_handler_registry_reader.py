"""Following the announced handlers on a real Kafka: from the beginning, up to now, and while it is away."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tasker_core.messages.announcements import HandlerAnnounced
from tasker_core.messages.base import encode
from tasker_core.topics import Topics
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_devstack.polling import eventually
from tasker_runtime.handler_registry_reader import CHECK, HandlerRegistryReader
from tasker_runtime.health import Health
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import configure
from tasker_runtime.topic_setup import create_topics


@asynccontextmanager
async def followed(kafka: str, topic: str, health: Health) -> AsyncGenerator[HandlerRegistryReader]:
    found = HandlerRegistryReader(
        lambda: PartitionReader(KafkaConnection(kafka)), topic, health, configure("test", "console")
    )
    following = asyncio.create_task(found.run())
    try:
        yield found
    finally:
        following.cancel()
        await asyncio.wait({following})


async def say(sender: RecordProducer, topic: str, name: str, value: bytes | None) -> None:
    await sender.send(topic, value, key=name.encode(), partition=0)


async def test_what_was_announced_and_what_is_now_is_known_when_caught_up(kafka: str, topics: str) -> None:
    topic, sender, health = Topics(topics)["handlers"], RecordProducer(KafkaConnection(kafka)), Health()
    await say(sender, topic, "first", encode(HandlerAnnounced(name="first", group="g")))
    await say(sender, topic, "broken", b"{")
    async with followed(kafka, topic, health) as handlers:
        assert await handlers.refresh()
        assert health.report()[1]
        assert handlers.handlers().keys() == {"first"}
        for number in range(20):
            await say(sender, topic, "next", encode(HandlerAnnounced(name="next", group=f"g{number}")))
            assert await handlers.refresh()
            assert handlers.group_of("next") == f"g{number}"
        await say(sender, topic, "first", None)
        assert await handlers.refresh()
        assert [error.pointer for error in handlers.errors("first", None)] == ["/handler"]
        assert handlers.errors("next", None) == []
    await sender.stop()


async def test_while_kafka_is_away_nobody_waits_and_what_was_read_holds(kafka_broker: EmbeddedKafka) -> None:
    await create_topics(KafkaConnection(kafka_broker.bootstrap), "away", 1)
    topic, sender, health = (
        Topics("away")["handlers"],
        RecordProducer(KafkaConnection(kafka_broker.bootstrap)),
        Health(),
    )
    await say(sender, topic, "first", encode(HandlerAnnounced(name="first", group="g")))
    async with followed(kafka_broker.bootstrap, topic, health) as handlers:
        assert await handlers.refresh()
        await kafka_broker.stop()
        assert not await handlers.refresh()
        assert (handlers.group_of("first"), handlers.errors("first", 1)) == ("g", [])
        await kafka_broker.start()
        await say(sender, topic, "second", encode(HandlerAnnounced(name="second", group="g")))

        async def known() -> bool:
            return await handlers.refresh() and handlers.group_of("second") == "g"

        await eventually(known, "it reads on", 60)
        assert health.checks[CHECK].good
    await sender.stop()


async def test_without_kafka_the_unknown_is_told_with_the_reason() -> None:
    health = Health()
    async with followed("127.0.0.1:1", "none", health) as handlers:
        assert not await handlers.refresh()
        (error,) = handlers.errors("first", None)
        assert "can't be read at the moment" in error.message
        assert handlers.errors("default", None) == []
        assert not health.report()[1]
