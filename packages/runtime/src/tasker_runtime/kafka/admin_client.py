"""The client for asking about a cluster and for making topics."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import GroupIdNotFound, NoError, for_code

from tasker_runtime.kafka.client import START_SECONDS, TopicPartition, bounded, stop_bounded
from tasker_runtime.kafka.connecting import connect
from tasker_runtime.kafka.connection import KafkaConnection


@asynccontextmanager
async def admin_client(connection: KafkaConnection) -> AsyncGenerator[Any]:
    """A connected client (aiokafka's has no types), closed in any case. Raises KafkaError or KafkaTimeout."""
    admin = AIOKafkaAdminClient(**connection.client_options(), request_timeout_ms=10_000)
    try:
        await connect(admin.start(), connection, "connecting to Kafka")
        await bounded(_until_controlled(admin), START_SECONDS, "the cluster's controller")
        yield admin
    finally:
        await stop_bounded(admin.close(), "the admin client")


class ConsumerGroupMember(NamedTuple):
    """A member of a group: how its client is called, from where it is connected, and how many partitions it reads.

    `id` is what the coordinator calls it.
    """

    client_id: str
    host: str
    partitions: int
    id: str


class ConsumerGroup(NamedTuple):
    """A consumer group; one that is not there has no members."""

    name: str
    state: str
    members: tuple[ConsumerGroupMember, ...]


async def describe_group(admin: Any, group: str, seconds: float = START_SECONDS) -> ConsumerGroup:
    """A group with its members. Raises KafkaError or KafkaTimeout.

    One at a time: aiokafka 0.14 can't decode the answer for several.
    """
    answers = await bounded(admin.describe_consumer_groups([group]), seconds, "describing a group")
    found = ConsumerGroup(group, "Dead", ())
    for error_code, name, state, _, _, members in (one[:6] for answer in answers for one in answer.groups):
        if error_code not in (NoError.errno, GroupIdNotFound.errno):  # aiokafka leaves it to us
            raise for_code(error_code)(f"the members of group {group} can't be known")
        described = (ConsumerGroupMember(one[1], one[2].lstrip("/"), _assigned(one[4]), one[0]) for one in members)
        found = ConsumerGroup(name, state, tuple(described))
    return found


def _assigned(assignment: bytes) -> int:
    """How many partitions a member has; none while the group is being balanced."""
    if not assignment:
        return 0
    decoded: Any = ConsumerProtocolMemberAssignment.decode(assignment)
    return sum(len(partitions) for _, partitions in decoded.assignment)


class GroupCommit(NamedTuple):
    """What a group has committed of a partition."""

    offset: int
    metadata: str


async def group_commits(admin: Any, group: str, seconds: float = START_SECONDS) -> dict[TopicPartition, GroupCommit]:
    """The commits of a group. Raises KafkaError or KafkaTimeout."""
    answer = await bounded(admin.list_consumer_group_offsets(group), seconds, "offsets of a group")
    return {
        partition: GroupCommit(found.offset, found.metadata or "")
        for partition, found in answer.items()
        if found.offset >= 0
    }


async def _until_controlled(admin: Any) -> None:
    """A broker that has just started may know no controller yet, and aiokafka takes for granted that there is one."""
    while admin._client.cluster.controller is None:
        await admin._client.force_metadata_update()
        await asyncio.sleep(0.1)
