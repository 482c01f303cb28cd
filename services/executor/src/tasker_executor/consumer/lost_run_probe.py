"""Looks whether Kafka still holds the due runs that are to be read: after each rebalance, and every few seconds."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Final, Protocol

from tasker_executor import metrics
from tasker_executor.partition.partition import LanePartition
from tasker_runtime.clock import is_set_within
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition
from tasker_runtime.kafka.group.group_consumer import KeptOffsets
from tasker_runtime.kafka.lost_records import LossNotes, LostRecords
from tasker_runtime.kafka.partition_lag import LOOK_SECONDS
from tasker_runtime.logs import Log

REMEDY: Final = (
    "These runs were not carried out, and the log has nothing of them: `tasker verify` names them, a backfill makes up "
    "for them"
)


class KeptSource(Protocol):
    """What the runtime's GroupConsumer does."""

    async def kept(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, KeptOffsets]: ...


class LostRunProbe:
    """Compares offsets: where reading begins or has come to, and what there is."""

    def __init__(self, notes: LossNotes, health: Health, log: Log) -> None:
        self._lost = LostRecords(metrics.count_lost, REMEDY, notes, health, log, markers=1)
        self._begins: dict[TopicPartition, int] = {}
        self._wake = asyncio.Event()

    def begin(self, partition: TopicPartition, offset: int) -> None:
        """A partition is read from an offset on: it is looked at soon, whatever is read meanwhile."""
        self._begins[partition] = offset
        self._wake.set()

    async def run(self, consumer: KeptSource, partitions: Mapping[TopicPartition, LanePartition]) -> None:
        """Look until cancelled. What can't be looked at is looked at the next time."""
        while True:
            await is_set_within(self._wake, LOOK_SECONDS)
            self._wake.clear()
            try:
                await self.look(consumer, partitions)
            except (KafkaError, KafkaTimeout):
                continue  # who reads reports it

    async def look(self, consumer: KeptSource, partitions: Mapping[TopicPartition, LanePartition]) -> None:
        """One look. Raises KafkaError or KafkaTimeout."""
        begins, read = dict(self._begins), {name: one.offsets for name, one in partitions.items()}
        reached = {name: offsets.read_to for name, offsets in read.items()}
        gaps = {name: gap for name, offsets in read.items() if (gap := offsets.take_gap())}
        for name, kept in (await consumer.kept(list(read))).items():
            if (begin := begins.get(name)) is not None:
                self._lost.look(name, begin, kept.first, kept.end)
                if self._begins.get(name) == begin:
                    del self._begins[name]
            if (offset := reached[name]) is not None and offset > kept.end:
                self._lost.look(name, offset, kept.first, kept.end)
            if (gap := gaps.get(name)) is not None and kept.first >= gap[1]:
                self._lost.look(name, gap[0], gap[1], kept.end)
