"""The batch subscriber: raw records in, whatever they hold, handed to the sink in the order of their partitions."""

from collections.abc import Sequence
from typing import Any

from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage

from tasker_core.record import Record
from tasker_log_sink.consuming.batch_writer import BatchWriter
from tasker_log_sink.consuming.partition_positions import PartitionPositions
from tasker_runtime.kafka.client import record_of
from tasker_runtime.kafka.group_consumer import HEARTBEAT_MS, SESSION_MS

POLL_MS = 20
"""FastStream sleeps as long again after an empty poll: on average this is what waiting adds to a record's way."""
FETCH_MS = 50
"""A fetch under way delays the partitions that are not in it by as much."""


def subscribe(
    broker: KafkaBroker, topics: Sequence[str], group: str, most: int, placement: PartitionPositions, sink: BatchWriter
) -> Any:
    """The subscriber of all topics in one consumer.

    The range assignor gives a member the same partitions of each topic, so that all that is told of a task comes to
    one member, which writes one transaction at a time: there is nobody to conflict with.
    """
    subscriber = broker.subscriber(
        *topics,
        batch=True,
        group_id=group,
        max_records=most,
        batch_timeout_ms=POLL_MS,
        fetch_max_wait_ms=FETCH_MS,
        max_partition_fetch_bytes=1024 * 1024,
        fetch_max_bytes=16 * 1024 * 1024,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        partition_assignment_strategy=(RangePartitionAssignor,),
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=HEARTBEAT_MS,
        rebalance_timeout_ms=10_000,
        ack_policy=AckPolicy.MANUAL,  # what is applied is known to MongoDB alone
        listener=placement,
        parser=parsed,
        decoder=decoded,
        no_reply=True,
    )
    placement.consumer = lambda: subscriber.consumer

    @subscriber
    async def apply(records: list[Record]) -> None:
        await sink.take(records)

    _ = apply
    return subscriber


async def parsed(raw: tuple[Any, ...]) -> KafkaMessage:
    """The records as they are: FastStream's own parser raises when a header is binary or null."""
    return KafkaMessage(body=b"", raw_message=raw, consumer=FAKE_CONSUMER)


async def decoded(message: KafkaMessage) -> list[Record]:
    """The records in our form."""
    batch: Any = message.raw_message  # a tuple, for a batch subscriber
    return [record_of(raw) for raw in batch]
