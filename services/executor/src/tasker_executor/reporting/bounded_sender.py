"""A bound on how many single records are on their way at once.

Each has a time-out, which breaks the producer for all others. When thousands of runs fail at once, what waits for its
turn must wait here, and not within its time-out: or none would ever be acknowledged in time, and all be sent again and
again.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from tasker_core.kafka_record import RecordPosition
from tasker_runtime.kafka.record_sender import RecordSender

MAX_SENDS: Final = 200


class BoundedSender:
    """Sends by another sender, so many records at once; the others wait, in order."""

    def __init__(self, sender: RecordSender, limit: int = MAX_SENDS) -> None:
        self._sender, self._sending = sender, asyncio.Semaphore(limit)

    async def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        seconds: float = 10.0,
    ) -> RecordPosition:
        """Send one record and wait for its acknowledgement, `seconds` from its turn on. Raises as the sender does."""
        async with self._sending:
            return await self._sender.send(topic, value, key=key, partition=partition, headers=headers, seconds=seconds)
