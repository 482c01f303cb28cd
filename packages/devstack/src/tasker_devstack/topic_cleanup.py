"""Deletes the topics of a test: each partition holds an open file of the broker, and a session of tests makes many."""

from aiokafka.errors import for_code

from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import bounded
from tasker_runtime.kafka.connection import KafkaConnection

DELETE_SECONDS = 30


async def delete_topics(kafka: KafkaConnection, prefix: str) -> None:
    """Delete all topics of a prefix. Raises KafkaError or KafkaTimeout."""
    async with admin_client(kafka) as admin:
        topics = await bounded(admin.list_topics(), DELETE_SECONDS, "listing topics")
        names = [name for name in topics if name.startswith(f"{prefix}.")]
        answer = await bounded(admin.delete_topics(names), DELETE_SECONDS, "deleting topics")
        for name, code in answer.topic_error_codes:
            if code:
                raise for_code(code)(name)
