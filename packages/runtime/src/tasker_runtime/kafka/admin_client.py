"""The client for asking about a cluster and for making topics."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient

from tasker_runtime.kafka.client import stop_bounded
from tasker_runtime.kafka.connecting import connect
from tasker_runtime.kafka.connection import KafkaConnection


@asynccontextmanager
async def admin_client(connection: KafkaConnection) -> AsyncGenerator[Any]:
    """A connected client (aiokafka's has no types), closed in any case. Raises KafkaError or KafkaTimeout."""
    admin = AIOKafkaAdminClient(**connection.client_options(), request_timeout_ms=10_000)
    try:
        await connect(admin.start(), connection, "connecting to Kafka")
        yield admin
    finally:
        await stop_bounded(admin.close(), "the admin client")
