"""Making the topics on a real Kafka: harmless to repeat, and no other number of partitions is taken for right."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tasker_core.topics import TOPICS, Topics
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.topic_setup import create_topics, main


async def test_every_topic_has_its_partitions_and_settings_and_a_repeat_changes_nothing(kafka: str) -> None:
    prefix = f"t{uuid4().hex[:10]}"
    for _ in range(2):
        await create_topics(KafkaConnection(kafka), prefix, partitions=3)
    names = Topics(prefix)
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        described = {topic["topic"]: topic for topic in await admin.describe_topics([names[t.name] for t in TOPICS])}
        wanted = [ConfigResource(ConfigResourceType.TOPIC, names[topic.name]) for topic in TOPICS]
        (answer,) = await admin.describe_configs(wanted)
    finally:
        await admin.close()
    settings: dict[str, dict[str, str]] = {
        name: {entry[0]: entry[1] for entry in entries} for _, _, _, name, entries in answer.resources
    }
    for topic in TOPICS:
        name = names[topic.name]
        assert len(described[name]["partitions"]) == (1 if topic.single else 3)
        assert topic.config().items() <= settings[name].items()


async def test_topics_with_another_number_of_partitions_are_refused(kafka: str) -> None:
    prefix = f"t{uuid4().hex[:10]}"
    await create_topics(KafkaConnection(kafka), prefix, partitions=2)
    with pytest.raises(ValueError, match=f"topic {prefix}.* has 2 partitions, expected 3: .* set TASKER_PARTITIONS"):
        await create_topics(KafkaConnection(kafka), prefix, partitions=3)


async def command(*arguments: str) -> int:
    return await asyncio.to_thread(main, arguments)


async def test_a_check_makes_nothing_and_says_what_is_missing_or_different(
    kafka: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = f"t{uuid4().hex[:10]}"
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    monkeypatch.setenv("TASKER_TOPIC_PREFIX", prefix)
    monkeypatch.setenv("TASKER_PARTITIONS", "3")
    for _ in range(2):
        assert await command("--check") == 1
        assert f"topics: missing: {prefix}.task-events, " in capsys.readouterr().err
    assert await command() == 0
    assert await command("--check") == 0
    monkeypatch.setenv("TASKER_PARTITIONS", "4")
    assert await command("--check") == 1
    assert f"{prefix}.task-events has 3 partitions, expected 4" in capsys.readouterr().err


async def test_it_waits_for_a_broker_and_says_so(
    kafka_broker: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_broker.bootstrap)
    await kafka_broker.stop()
    assert await command("--wait", "0") == 1
    assert "can't be reached" in capsys.readouterr().err
    making, checking = (asyncio.create_task(command(*more, "--wait", "100")) for more in ((), ("--check",)))
    await kafka_broker.start()
    assert await asyncio.gather(making, checking) == [0, 0]
    assert "topics: waiting, for 100 s at most: Kafka at 127.0.0.1:" in capsys.readouterr().err
