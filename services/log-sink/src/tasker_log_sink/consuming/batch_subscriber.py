"""The batch subscriber: raw records in, whatever they hold, handed on in the order of their partitions."""

from collections.abc import Sequence
from typing import Any, Final

from aiokafka import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage

from tasker_core.kafka_record import Record
from tasker_log_sink.consuming.consumer_interface import BatchHandler, PartitionConsumer
from tasker_runtime.kafka.client import TopicPartition, buffered_partitions, record_of
from tasker_runtime.kafka.group.group_consumer import HEARTBEAT_MS, SESSION_MS

POLL_MS: Final = 20
"""FastStream sleeps as long again after an empty poll: this is what it adds on average to the latency of a record."""
FETCH_MS: Final = 50
"""A pending fetch delays the partitions that are not in it by as much."""


class BatchSubscriber:
    """FastStream's subscriber of all topics in one consumer.

    The range assignor gives a member the same partitions of each topic, so that all records of a task come to one
    member, which writes one transaction at a time: no other one conflicts with it.
    """

    def __init__(
        self,
        broker: KafkaBroker,
        topics: Sequence[str],
        group: str,
        max_records: int,
        listener: ConsumerRebalanceListener,
    ) -> None:
        self._subscriber: Any = broker.subscriber(
            *topics,
            batch=True,
            group_id=group,
            max_records=max_records,
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
            ack_policy=AckPolicy.MANUAL,  # the applied offsets are in MongoDB alone
            listener=listener,
            parser=parse_batch,
            decoder=decode_records,
            no_reply=True,
        )

    @property
    def consumer(self) -> PartitionConsumer:
        """The consumer. There is none before the broker has started."""
        return self._subscriber.consumer

    @property
    def is_running(self) -> bool:
        """Whether its loop goes on."""
        return any(not task.done() for task in self._subscriber.tasks)

    def buffered(self) -> frozenset[TopicPartition]:
        """The partitions whose fetched records wait to be read: nothing more is asked of them meanwhile."""
        return buffered_partitions(self._subscriber.consumer)

    def handle(self, handler: BatchHandler) -> None:
        """Hand every batch to `handler`, one after the other."""

        async def handle_batch(records: list[Record]) -> None:
            await handler(records)

        self._subscriber(handle_batch)


async def parse_batch(raw: tuple[Any, ...]) -> KafkaMessage:
    """The records as they are: FastStream's own parser raises when a header is binary or null."""
    return KafkaMessage(body=b"", raw_message=raw, consumer=FAKE_CONSUMER)


async def decode_records(message: KafkaMessage) -> list[Record]:
    """The records in our form."""
    batch: Any = message.raw_message  # a tuple, for a batch subscriber
    return [record_of(raw) for raw in batch]
