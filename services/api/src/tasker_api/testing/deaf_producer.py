"""A producer that does not hear that its records were taken."""

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import msgspec

from tasker_api.api_context import ApiContext
from tasker_api.publishing.publisher import CommandPublisher
from tasker_api.testing.running_api import RunningApi
from tasker_core.kafka_record import RecordPosition
from tasker_runtime.kafka.client import KafkaTimeout
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import configure


class DeafProducer(RecordProducer):
    """Has another one send each record; of the first `deaf` ones it does not hear that they were taken.

    `sent` are the events, in their order.
    """

    def __init__(self, sending: RecordProducer, deaf: int) -> None:
        self._sending, self._deaf = sending, deaf
        self.sent = list[dict[str, Any]]()

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
        """As RecordProducer says."""
        position = await self._sending.send(
            topic, value, key=key, partition=partition, headers=headers, seconds=seconds
        )
        self.sent.append(msgspec.json.decode(value or b""))
        if len(self.sent) <= self._deaf:
            raise KafkaTimeout("sending: no answer")
        return position


@contextmanager
def deaf_to(api: RunningApi, number: int) -> Generator[DeafProducer]:
    """Inside the block, the API does not hear that the first so many of its events were taken."""
    context: ApiContext = api.app.state.context
    producer = DeafProducer(api.producer, number)
    publisher = CommandPublisher(producer, api.topic, api.verdicts, context.journal, configure("api", "console"))
    api.app.state.context = replace(context, publisher=publisher)
    try:
        yield producer
    finally:
        api.app.state.context = context


def named_key(detail: str) -> str:
    """The key under which a problem says that the request may be repeated."""
    found = re.search(r"`Idempotency-Key: (.+?)` is safe", detail)
    assert found is not None, detail
    return found[1]
