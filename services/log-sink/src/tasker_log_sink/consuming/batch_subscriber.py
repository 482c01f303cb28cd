"""The batch subscriber: raw records in, whatever they hold, handed on in the order of their partitions.

What became of runs goes first: an import of very many tasks, whose verdicts take minutes to be projected, must not hold
up the log.
"""

import asyncio
from collections.abc import Sequence
from itertools import chain
from time import monotonic
from typing import Any, Final

from aiokafka import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage

from tasker_core.kafka_record import Record
from tasker_log_sink.consuming.consumer_interface import BatchHandler, PartitionConsumer
from tasker_log_sink.consuming.read_turns import ReadTurns
from tasker_runtime.kafka.client import TopicPartition, buffered_partitions, record_of
from tasker_runtime.kafka.group.group_consumer import HEARTBEAT_MS, SESSION_MS

POLL_MS: Final = 20
"""As long again is slept after an empty poll: this is what it adds on average to the latency of a record."""
FETCH_MS: Final = 50
"""A pending fetch delays the partitions that are not in it by as much."""
OTHERS_AT_ONCE: Final = 1_000
"""So many are read at once where others are among them: what comes of the urgent one meanwhile waits for them."""


class BatchSubscriber:
    """FastStream's subscriber of all topics in one consumer.

    `urgent` is the topic that goes first. The range assignor gives a member the same partitions of each topic, so that
    all records of a task come to one member, which writes one transaction at a time: no other one conflicts with it.
    """

    def __init__(
        self,
        broker: KafkaBroker,
        topics: Sequence[str],
        urgent: str,
        group: str,
        max_records: int,
        listener: ConsumerRebalanceListener,
    ) -> None:
        self._urgent, self._max_records = urgent, max_records
        self._turns = ReadTurns()
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
        self._subscriber.get_msg = self._next_records  # by which FastStream reads

    async def _next_records(self, consumer: Any) -> tuple[Any, ...]:
        """What is handled next: of the urgent topic as much as is there, else of all of them, a little at once."""
        is_urgent, little = self._turns.is_urgent(monotonic()), min(OTHERS_AT_ONCE, self._max_records)
        first = [partition for partition in consumer.assignment() if (partition.topic == self._urgent) == is_urgent]
        found: dict[TopicPartition, list[Any]] = {}
        if first:
            count = self._max_records if is_urgent else little
            found = await consumer.getmany(*first, timeout_ms=0, max_records=count)
        if not found:
            is_urgent = False
            found = await consumer.getmany(timeout_ms=POLL_MS, max_records=little)
        if not found:
            await asyncio.sleep(POLL_MS / 1000)
        elif not is_urgent:
            self._turns.note_others(monotonic())
        return tuple(chain.from_iterable(found.values()))


async def parse_batch(raw: tuple[Any, ...]) -> KafkaMessage:
    """The records as they are: FastStream's own parser raises when a header is binary or null."""
    return KafkaMessage(body=b"", raw_message=raw, consumer=FAKE_CONSUMER)


async def decode_records(message: KafkaMessage) -> list[Record]:
    """The records in our form."""
    batch: Any = message.raw_message  # a tuple, for a batch subscriber
    return [record_of(raw) for raw in batch]
