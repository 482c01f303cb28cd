"""Where each owned partition is read from: the applied offset that MongoDB holds.

A partition has a position once it is read from there; until then it is paused and its records are not taken. Every
rebalance and every failed batch take positions away, and one loop restores them, for as long as it takes: so a member
stays in the group while MongoDB is away.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Final

from aiokafka import ConsumerRebalanceListener

from tasker_core.documents.partitions import WatermarkFields
from tasker_core.kafka_record import Record
from tasker_core.time.instant import from_ms
from tasker_log_sink.consuming.consumer_interface import PartitionConsumer, Subscriber
from tasker_log_sink.consuming.gap_detector import GapDetector
from tasker_log_sink.store.partition_offsets import OffsetAdvance, OffsetConflict
from tasker_log_sink.store.store_interface import BatchStore
from tasker_runtime.clock import Clock, is_set_within
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition, bounded
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

CHECK: Final = "positions"
RETRY_SECONDS: Final = 0.5
ANSWER_SECONDS: Final = 5.0


@dataclass(slots=True)
class PartitionPosition:
    """Of one partition: the offset that is stored, and the next one to be read.

    What is read below `applied` is applied already, and read again for progress that may not be written yet.
    """

    stored: int
    applied: int
    next_offset: int


class PartitionPositions(ConsumerRebalanceListener):
    """The positions of the partitions that are ours.

    `subscribe` makes the subscriber whose rebalances this object listens to; `progress_topics` are the topics whose
    records bring progress of tasks.
    """

    def __init__(
        self,
        subscribe: Callable[[ConsumerRebalanceListener], Subscriber],
        progress_topics: frozenset[str],
        store: BatchStore,
        gaps: GapDetector,
        clock: Clock,
        health: Health,
        log: Log,
    ) -> None:
        self._progress_topics, self._store, self._gaps = progress_topics, store, gaps
        self._clock, self._health, self._log = clock, health, log
        self._positions: dict[TopicPartition, PartitionPosition] = {}
        self._missing: set[TopicPartition] = set()
        self._wake = asyncio.Event()
        health.expect(CHECK)
        self.subscriber = subscribe(self)

    @property
    def partitions(self) -> frozenset[TopicPartition]:
        """The partitions that have a position."""
        return frozenset(self._positions)

    def applied_offsets(self) -> dict[TopicPartition, int]:
        """Of each partition that has a position up to where its records are applied."""
        return {
            partition: max(position.applied, position.next_offset) for partition, position in self._positions.items()
        }

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] -- awaited
        """Forget all positions. A batch that is being written may still commit: its compare-and-set decides."""
        self._positions.clear()
        self._missing.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] -- awaited
        """Only note it: no heartbeats are sent meanwhile."""
        assigned = list(assigned)
        self._log.info("assigned", partitions=len(assigned))
        self._positions.clear()
        self._missing.clear()
        self.invalidate(assigned)

    def invalidate(self, partitions: Iterable[TopicPartition]) -> None:
        """Take no more records of these until their positions are restored."""
        consumer = self._consumer
        ours = consumer.assignment()
        for partition in partitions:
            self._positions.pop(partition, None)
            if partition in ours:
                consumer.pause(partition)
                self._missing.add(partition)
        self._wake.set()

    async def unread(self, records: Sequence[Record]) -> Sequence[Record]:
        """The records from the position on.

        Raises OffsetConflict when some were read before the position of their partition was restored last: between
        them and what is applied others may be missing.
        """
        consumer, ranges = self._consumer, offset_ranges(records)
        for partition, (_, last) in ranges.items():
            if partition not in self._positions:
                raise OffsetConflict(f"{partition.topic} {partition.partition} has no position")
            if await bounded(consumer.position(partition), ANSWER_SECONDS, "position") <= last:
                raise OffsetConflict(f"the position of {partition.topic} {partition.partition} was restored meanwhile")
        return _from_offsets(records, ranges, {p: position.next_offset for p, position in self._positions.items()})

    def unapplied(self, records: Sequence[Record]) -> Sequence[Record]:
        """Those that were not applied before: the others are read again only for their progress."""
        applied = {partition: position.applied for partition, position in self._positions.items()}
        return _from_offsets(records, offset_ranges(records), applied)

    def advances(
        self, records: Sequence[Record], watermarks: Mapping[TopicPartition, WatermarkFields]
    ) -> list[OffsetAdvance]:
        """The applied offsets after these records. Raises OffsetConflict when a partition was revoked meanwhile."""
        found: list[OffsetAdvance] = []
        for partition, (first, last) in offset_ranges(records).items():
            position = self._positions.get(partition)
            if position is None:
                raise OffsetConflict(f"{partition.topic} {partition.partition} was revoked")
            if first > position.next_offset:
                self._gaps.note_jump(partition, position.next_offset, first)
            applied = max(position.applied, last + 1)
            found.append(OffsetAdvance(partition, position.stored, applied, watermarks.get(partition)))
        return found

    def committed(self, advances: Sequence[OffsetAdvance], records: Sequence[Record]) -> dict[TopicPartition, int]:
        """Note that these advances are committed; returns up to which offsets records that bring progress are read."""
        for advance in advances:
            if position := self._positions.get(advance.partition):
                position.stored = position.applied = advance.next_offset
        read = {partition: last + 1 for partition, (_, last) in offset_ranges(records).items()}
        for partition, offset in read.items():
            if position := self._positions.get(partition):
                position.next_offset = offset
        return {partition: offset for partition, offset in read.items() if partition.topic in self._progress_topics}

    async def restore(self, seconds: float) -> None:
        """Restore missing positions; returns when that is done or has failed, or after `seconds` of nothing to do."""
        if not self._missing:
            await is_set_within(self._wake, seconds)
        self._wake.clear()
        try:
            if self._missing:
                await self._restore()
        except (PyMongoError, KafkaError, KafkaTimeout) as error:
            self._health.fail(CHECK, f"can't be read, and will be asked for again: {error}"[:500])
            self._log.warning("positions unknown", partitions=len(self._missing), reason=str(error)[:300])
            await asyncio.sleep(RETRY_SECONDS)
        else:
            self._health.ok(CHECK)

    async def _restore(self) -> None:
        missing, consumer = sorted(self._missing), self._consumer
        stored = await self._store.claim(missing, from_ms(self._clock.now_ms()))
        first, end = await asyncio.gather(
            bounded(consumer.beginning_offsets(missing), ANSWER_SECONDS, "first offsets"),
            bounded(consumer.end_offsets(missing), ANSWER_SECONDS, "end offsets"),
        )
        # A rebalance may have come meanwhile: what is not ours any more is not missing either, and what is ours again
        # may get a position that is old by now. The compare-and-set of its next batch finds that out.
        for partition in [p for p in missing if p in self._missing]:
            position = stored[partition]
            start = self._gaps.start_offset(partition, position.next_offset, first[partition], end[partition])
            applied = min(position.next_offset, start)
            if partition.topic in self._progress_topics:
                start = max(first[partition], min(start, position.tasks_offset))
            consumer.seek(partition, start)
            consumer.resume(partition)
            self._positions[partition] = PartitionPosition(position.next_offset, applied, start)
            self._missing.discard(partition)
        self._log.info("positions restored", partitions=len(missing))

    @property
    def _consumer(self) -> PartitionConsumer:
        return self.subscriber.consumer


def offset_ranges(records: Iterable[Record]) -> dict[TopicPartition, tuple[int, int]]:
    """The first and the last offset of each partition; its records come in their order."""
    found: dict[TopicPartition, tuple[int, int]] = {}
    for (topic, number), group in groupby(records, attrgetter("topic", "partition")):
        partition, some = TopicPartition(topic, number), list(group)
        found[partition] = found.get(partition, (some[0].offset,))[0], some[-1].offset
    return found


def _from_offsets(
    records: Sequence[Record],
    ranges: Mapping[TopicPartition, tuple[int, int]],
    starts: Mapping[TopicPartition, int],
) -> Sequence[Record]:
    """The records from an offset of each partition on: as a rule all of them."""
    if all(first >= starts.get(partition, 0) for partition, (first, _) in ranges.items()):
        return records
    return [r for r in records if r.offset >= starts.get(TopicPartition(r.topic, r.partition), 0)]
