"""The client for asking about a cluster and for making topics."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient

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


async def _until_controlled(admin: Any) -> None:
    """A broker that has just started may know no controller yet, and aiokafka takes for granted that there is one."""
    while admin._client.cluster.controller is None:
        await admin._client.force_metadata_update()
        await asyncio.sleep(0.1)
