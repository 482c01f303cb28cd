"""How producers are set up, and how one whose records are in doubt is discarded.

aiokafka's producer has no types: it is `Any` for those who use it.
"""

from typing import Any, Final

from aiokafka import AIOKafkaProducer

from tasker_runtime.kafka.client import KafkaError, stop_bounded
from tasker_runtime.kafka.connection import KafkaConnection

BATCH_BYTES: Final = 1024 * 1024
"""One batch of a partition is on its way at a time, so that a large one is what makes a producer of many fast."""
SINGLE_BATCH_BYTES: Final = 16 * 1024
"""Of single records to any topic: its `max.message.bytes` holds for a batch, which is refused as a whole."""
MAX_REQUEST_BYTES: Final = 2 * BATCH_BYTES


def idempotent_producer(connection: KafkaConnection, *, batch_bytes: int, request_seconds: float = 10.0) -> Any:
    """A producer, not started, whose records all replicas acknowledge and that adds no duplicates of its own."""
    return _producer(connection, batch_bytes, request_seconds, enable_idempotence=True, retry_backoff_ms=100)


def transactional_producer(
    connection: KafkaConnection, transactional_id: str, *, transaction_seconds: float, request_seconds: float
) -> Any:
    """A producer, not started, of transactions. Its start aborts what an earlier one of this id left open."""
    return _producer(
        connection,
        BATCH_BYTES,
        request_seconds,
        transactional_id=transactional_id,
        transaction_timeout_ms=int(transaction_seconds * 1000),
        retry_backoff_ms=20,
    )


async def discard_producer(producer: Any, what: str) -> None:
    """Stop a started producer within a bound, with whatever it has not sent.

    With idempotence aiokafka 0.14 retries for ever, and its `stop` waits for that: so its sender is cancelled first.
    """
    if producer._sender.sender_task is not None:
        producer._sender.sender_task.cancel()
    await stop_bounded(producer.stop(), what)
    accumulator = producer._message_accumulator
    unsent = [batch for batches in accumulator._batches.values() for batch in batches]
    accumulator._pending_batches.update(unsent)  # where aiokafka removes each from that ends after a retry
    accumulator.fail_all(KafkaError("discarded"))
    for batch in unsent:
        batch._drain_waiter.exception()  # nobody waits for it any more


def _producer(connection: KafkaConnection, batch_bytes: int, request_seconds: float, **options: Any) -> Any:
    return AIOKafkaProducer(
        **connection.client_options(),
        acks="all",
        max_batch_size=batch_bytes,
        max_request_size=MAX_REQUEST_BYTES,
        request_timeout_ms=int(request_seconds * 1000),
        linger_ms=0,
        **options,
    )
