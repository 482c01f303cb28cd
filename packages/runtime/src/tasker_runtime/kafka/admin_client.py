"""The client for asking about a cluster and for making topics."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupIdNotFound, NoError, for_code

from tasker_runtime.kafka.client import START_SECONDS, bounded, stop_bounded
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


async def group_members(admin: Any, group: str) -> int:
    """How many members a consumer group has; one that is not there has none. Raises KafkaError or KafkaTimeout."""
    answers = await bounded(admin.describe_consumer_groups([group]), START_SECONDS, "describing a group")
    members = 0
    for error_code, *_, described in (one[:6] for answer in answers for one in answer.groups):
        if error_code not in (NoError.errno, GroupIdNotFound.errno):  # aiokafka leaves it to us
            raise for_code(error_code)(f"the members of group {group} can't be known")
        members += len(described)
    return members


async def _until_controlled(admin: Any) -> None:
    """A broker that has just started may know no controller yet, and aiokafka takes for granted that there is one."""
    while admin._client.cluster.controller is None:
        await admin._client.force_metadata_update()
        await asyncio.sleep(0.1)
