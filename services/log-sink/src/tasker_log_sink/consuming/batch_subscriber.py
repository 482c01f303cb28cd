"""The batch subscriber: raw records in, whatever they hold, handed on in the order of their partitions.

What became of runs goes first: an import of very many tasks, whose verdicts take minutes to be projected, must not hold
up the log.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from time import monotonic
from typing import Any, Final, cast

from aiokafka import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage

from tasker_core.kafka_record import Record
from tasker_log_sink.consuming.consumer_interface import BatchHandler, PartitionConsumer
from tasker_log_sink.consuming.read_turns import OTHERS_AT_ONCE, ReadTurns
from tasker_runtime.kafka.client import TopicPartition, buffered_partitions, record_of, set_fetch_wait
from tasker_runtime.kafka.group.commit_guard import guard_commits
from tasker_runtime.kafka.group.group_consumer import HEARTBEAT_MS, SESSION_MS

POLL_MS: Final = 200
"""So long is waited for what comes, then it is looked who has joined or left."""
FETCH_MS: Final = 50
"""A pending fetch delays the partitions that are not in it by as much: those whose records wait to be read, or that are
paused."""
IDLE_FETCH_MS: Final = 250
"""While there are none of these, all partitions are in it."""


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
        consumer: Any = self._subscriber.consumer
        if consumer is not None:
            guard_commits(consumer)
        return cast("PartitionConsumer", consumer)

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
        """What is handled next: of the urgent topic or of the others, whose turn it is, or else what comes first.

        Where much waits it is never of both, so that what fails of the one does not have the other read again.
        """
        urgent, others = list[TopicPartition](), list[TopicPartition]()
        for partition in consumer.assignment():
            (urgent if partition.topic == self._urgent else others).append(partition)
        now = monotonic()
        few = min(self._max_records, OTHERS_AT_ONCE)
        reads = [(urgent, self._max_records), (others, few)]
        for partitions, count in reads if self._turns.is_urgents(now) else reversed(reads):
            if partitions and (found := await consumer.getmany(*partitions, timeout_ms=0, max_records=count)):
                return self._noted(found)
        set_fetch_wait(consumer, FETCH_MS if consumer.paused() else IDLE_FETCH_MS)
        try:
            return self._noted(await consumer.getmany(timeout_ms=POLL_MS, max_records=few))
        finally:
            set_fetch_wait(consumer, FETCH_MS)

    def _noted(self, found: Mapping[TopicPartition, Sequence[Any]]) -> tuple[Any, ...]:
        if found and not any(one.topic == self._urgent for one in found):
            self._turns.note_others_read(monotonic())
        return tuple(chain.from_iterable(found.values()))


async def parse_batch(raw: tuple[Any, ...]) -> KafkaMessage:
    """The records as they are: FastStream's own parser raises when a header is binary or null."""
    return KafkaMessage(body=b"", raw_message=raw, consumer=FAKE_CONSUMER)


async def decode_records(message: KafkaMessage) -> list[Record]:
    """The records in our form."""
    batch: Any = message.raw_message  # a tuple, for a batch subscriber
    return [record_of(raw) for raw in batch]
