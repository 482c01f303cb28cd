"""How producers are set up, and how one whose records are in doubt is discarded.

aiokafka's producer has no types: it is `Any` for those who use it.
"""

import asyncio
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from tasker_runtime.kafka.client import KafkaError, stop_bounded
from tasker_runtime.kafka.connection import KafkaConnection

BATCH_BYTES: Final = 1024 * 1024
"""One batch of a partition is on its way at a time, so that a large one is what makes a producer of many fast."""
SINGLE_BATCH_BYTES: Final = 16 * 1024
"""Of single records to any topic: its `max.message.bytes` holds for a batch, which is refused as a whole."""
MAX_REQUEST_BYTES: Final = 2 * BATCH_BYTES
REQUEST_END_SECONDS: Final = 0.2
"""So long a request that is on its way may end by itself when its producer is stopped."""


def idempotent_producer(connection: KafkaConnection, *, batch_bytes: int, request_seconds: float = 10.0) -> Any:
    """A producer, not started, whose records all replicas acknowledge and that adds no duplicates of its own."""
    options = _options(connection, batch_bytes, request_seconds)
    return AIOKafkaProducer(**options, enable_idempotence=True, retry_backoff_ms=100)


def transactional_producer(
    connection: KafkaConnection, transactional_id: str, *, transaction_seconds: float, request_seconds: float
) -> Any:
    """A producer, not started, of transactions. Its start aborts what an earlier one of this id left open.

    Its `stop` waits for nothing that is not sent.
    """
    return _TransactionalProducer(
        **_options(connection, BATCH_BYTES, request_seconds),
        transactional_id=transactional_id,
        transaction_timeout_ms=int(transaction_seconds * 1000),
        retry_backoff_ms=20,
    )


async def discard_producer(producer: Any, what: str) -> None:
    """Stop a started producer within a bound, with whatever it has not sent.

    With idempotence aiokafka 0.14 retries for ever, and its `stop` waits for that: so its sender is ended first.
    """
    await _end_sender(producer)
    await stop_bounded(producer.stop(), what)
    _drop_unsent(producer)


class _TransactionalProducer(AIOKafkaProducer):
    """While Kafka is away aiokafka's `stop` does not end, and one that is given up leaves everything running: a sender
    that looks for its coordinator for ever, fifty times a second, and what wakes up with it when Kafka is back."""

    async def stop(self) -> None:
        await _end_sender(self)
        await super().stop()
        _drop_unsent(self)


async def _end_sender(producer: Any) -> None:
    """Cancel a producer's sender: the first time it waits for its request, which the second time is cancelled."""
    sender: asyncio.Task[None] | None = producer._sender.sender_task
    for _ in range(2):
        if sender is not None and not sender.done():
            sender.cancel()
            await asyncio.wait({sender}, timeout=REQUEST_END_SECONDS)


def _drop_unsent(producer: Any) -> None:
    accumulator = producer._message_accumulator
    unsent = [batch for batches in accumulator._batches.values() for batch in batches]
    accumulator._pending_batches.update(unsent)  # where aiokafka removes each from that ends after a retry
    failed = list(accumulator._pending_batches)
    accumulator.fail_all(KafkaError("discarded"))
    for batch in failed:
        for future in (batch.future, batch._drain_waiter, *(one for one, _ in batch._msg_futures)):
            if future.done() and not future.cancelled():
                future.exception()  # who has given up does not wait for it any more


def _options(connection: KafkaConnection, batch_bytes: int, request_seconds: float) -> dict[str, Any]:
    return connection.client_options() | {
        "acks": "all",
        "max_batch_size": batch_bytes,
        "max_request_size": MAX_REQUEST_BYTES,
        "request_timeout_ms": int(request_seconds * 1000),
        "linger_ms": 0,
    }
