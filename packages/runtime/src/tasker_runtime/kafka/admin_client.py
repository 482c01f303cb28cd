"""The client for asking about a cluster and for making topics."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient

from tasker_runtime.kafka.client import START_SECONDS, bounded, stop_bounded


@asynccontextmanager
async def admin_client(bootstrap: str) -> AsyncGenerator[Any]:
    """A connected client (aiokafka's has no types), closed in any case. Raises KafkaError or KafkaTimeout."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await bounded(admin.start(), START_SECONDS, "connecting to Kafka")
        yield admin
    finally:
        await stop_bounded(admin.close(), "the admin client")
