"""Deletes the topics of a test: each partition holds an open file of the broker, and a session of tests makes many."""

import asyncio
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code

DELETE_SECONDS = 30


async def delete_topics(kafka: str, prefix: str) -> None:
    """Delete all topics of a prefix. Raises KafkaError, TimeoutError."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=kafka)
    async with asyncio.timeout(DELETE_SECONDS):
        await admin.start()
        try:
            names = [name for name in await admin.list_topics() if name.startswith(f"{prefix}.")]
            for name, code in (await admin.delete_topics(names)).topic_error_codes:
                if code:
                    raise for_code(code)(name)
        finally:
            await admin.close()
