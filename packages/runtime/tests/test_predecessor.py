"""Who starts in the place of a dead member of a group: the group does not wait for that one."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from tasker_core.topics import Topics
from tasker_devstack.polling import eventually
from tasker_runtime.kafka.admin_client import admin_client, describe_group
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.client_id import ServiceInstance, client_id_of
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.group.group_consumer import GroupConsumer
from tasker_runtime.kafka.group.predecessor import remove_predecessor
from tasker_runtime.testing import RecordedLog


def _as(kafka: str, service: str, name: str, instance_id: str | None) -> KafkaConnection:
    return KafkaConnection(kafka, client_id=client_id_of(ServiceInstance(service, "1.2.3", name, instance_id)))


@asynccontextmanager
async def _member(connection: KafkaConnection, group: str, topic: str) -> AsyncGenerator[GroupConsumer]:
    """A member that has joined; polled no more, it is dead to nobody, as its heartbeats go on."""

    async def ignored(_: frozenset[TopicPartition]) -> None:
        return

    consumer = GroupConsumer(connection, group, [topic], assigned=ignored, revoked=ignored)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


@pytest.mark.parametrize(
    ("service", "instance_id", "removed"),
    [
        ("ticker", "ticker-0", ["host-7"]),
        ("ticker", "ticker-1", []),
        ("ticker", None, []),
        ("executor", "ticker-0", []),
    ],
)
async def test_only_members_of_the_same_service_and_instance_are_removed(
    kafka: str, topics: str, service: str, instance_id: str | None, removed: list[str]
) -> None:
    log, group, topic = RecordedLog(), f"{topics}-g", Topics(topics)["due-tasks"]
    before = _as(kafka, "ticker", "host-7", "ticker-0")
    async with _member(before, group, topic), admin_client(KafkaConnection(kafka)) as admin:

        async def members() -> set[str]:
            return {member.id for member in (await describe_group(admin, group)).members}

        (first,) = await eventually(members, "the member")
        await remove_predecessor(_as(kafka, service, "host-8", instance_id), group, log)
        assert (first in await members()) is not bool(removed)
    assert log.fields_of("predecessor removed") == ([{"group": group, "members": removed}] if removed else [])
