"""Records that must be acknowledged before an offset may be committed: sent again and again until they are."""

import asyncio
from collections.abc import Awaitable, Callable

from tasker_core.errors import TaskerError
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError
from tasker_runtime.logs import Log

RETRY_SECONDS = 1.0


async def send_until_acknowledged(
    send: Callable[[], Awaitable[object]], topic: str, check: str, health: Health, log: Log
) -> None:
    """Return when it is acknowledged. Until then the health check of that name fails."""
    while True:
        try:
            await send()
        except (TaskerError, KafkaError) as error:
            health.fail(check, f"can't write to {topic}: {error}")
            log.error("not written", topic=topic, reason=str(error))
            await asyncio.sleep(RETRY_SECONDS)
        else:
            health.ok(check)
            return
