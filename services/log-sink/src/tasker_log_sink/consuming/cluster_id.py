"""Which Kafka cluster this is: offsets mean nothing in another one."""

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient

from tasker_runtime.kafka.client import START_SECONDS, bounded, stop_bounded


async def cluster_id(bootstrap: str) -> str:
    """The id of the cluster. Raises KafkaError or KafkaTimeout."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await bounded(admin.start(), START_SECONDS, "connecting to Kafka")
        description = await bounded(admin.describe_cluster(), START_SECONDS, "describing the cluster")
    finally:
        await stop_bounded(admin.close(), "the admin client")
    found: str = description["cluster_id"]
    return found
