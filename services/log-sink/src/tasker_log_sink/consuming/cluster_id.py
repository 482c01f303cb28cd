"""Which Kafka cluster this is: offsets mean nothing in another one."""

from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import START_SECONDS, bounded
from tasker_runtime.kafka.connection import KafkaConnection


async def cluster_id(kafka: KafkaConnection) -> str:
    """The id of the cluster. Raises KafkaError or KafkaTimeout."""
    async with admin_client(kafka) as admin:
        description = await bounded(admin.describe_cluster(), START_SECONDS, "describing the cluster")
    found: str = description["cluster_id"]
    return found
