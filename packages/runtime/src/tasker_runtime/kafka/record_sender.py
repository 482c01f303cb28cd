"""What those who send single records need of a producer; fakes of tests and the simulation satisfy it too."""

from collections.abc import Sequence
from typing import Protocol

from tasker_core.kafka_record import RecordPosition


class RecordSender(Protocol):
    """Sends single records, acknowledged. The real one is RecordProducer."""

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
        """Send one record and wait for its acknowledgement. Raises KafkaError or KafkaTimeout: outcome unknown."""
        ...
