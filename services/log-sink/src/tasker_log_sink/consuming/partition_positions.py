"""Where each owned partition is read from: the applied offset that MongoDB holds.

A partition is *placed* once its position is read from there; until then it is paused and its records are not taken.
Every rebalance and every failed batch leave partitions unplaced, and one loop places them again, for as long as it
takes: so a member keeps its place and its membership while MongoDB is away.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import ConsumerRebalanceListener

from tasker_core.record import Record
from tasker_core.time.instant import from_ms
from tasker_log_sink.consuming.gap_detector import GapDetector
from tasker_log_sink.store.projection_store import OffsetAdvance, OffsetConflict, ProjectionStore
from tasker_runtime.clock import Clock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition, bounded
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

CHECK = "placement"
RETRY_SECONDS = 0.5
ANSWER_SECONDS = 5.0


@dataclass(slots=True)
class PartitionPosition:
    """Of one partition: the offset that is stored, and the next one to be read.

    What is read below `applied` is applied already, and read again for the moves that may not be made yet.
    """

    stored: int
    applied: int
    next_offset: int


class PartitionPositions(ConsumerRebalanceListener):
    """The places of the partitions that are ours; `moving` are the topics whose records bring moves.

    `consumer` gives the group's consumer once it is made.
    """

    def __init__(
        self,
        store: ProjectionStore,
        moving: frozenset[str],
        clock: Clock,
        history: GapDetector,
        health: Health,
        log: Log,
    ) -> None:
        self._store, self._moving, self._clock = store, moving, clock
        self._history, self._health, self._log = history, health, log
        self.consumer: Callable[[], Any] = lambda: None
        self.places: dict[TopicPartition, PartitionPosition] = {}
        self._unplaced: set[TopicPartition] = set()
        self._wake = asyncio.Event()
        health.expect(CHECK)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] -- awaited
        """Forget all of them; a batch under way may still commit: its compare-and-set decides whether it counts."""
        self.places.clear()
        self._unplaced.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] -- awaited
        """Only note it, since heartbeats rest meanwhile."""
        assigned = list(assigned)
        self._log.info("assigned", partitions=len(assigned))
        self.places.clear()
        self._unplaced.clear()
        self.doubt(assigned)

    def doubt(self, partitions: Iterable[TopicPartition]) -> None:
        """Take no more records of these until their positions are read again."""
        consumer = self.consumer()
        ours = consumer.assignment()
        for partition in partitions:
            self.places.pop(partition, None)
            if partition in ours:
                consumer.pause(partition)
                self._unplaced.add(partition)
        self._wake.set()

    async def fresh(self, records: Sequence[Record]) -> list[Record]:
        """The records that are not applied yet.

        Raises OffsetConflict when some were read before the position of their partition was set last: between them and
        what is applied others may be missing.
        """
        last = {TopicPartition(r.topic, r.partition): r.offset for r in records}
        consumer = self.consumer()
        for partition, offset in last.items():
            if partition not in self.places:
                raise OffsetConflict(f"{partition.topic} {partition.partition} is not placed")
            if await bounded(consumer.position(partition), ANSWER_SECONDS, "position") <= offset:
                raise OffsetConflict(f"{partition.topic} {partition.partition} was placed after the records were read")
        following = {partition: place.next_offset for partition, place in self.places.items()}
        return [r for r in records if r.offset >= following[TopicPartition(r.topic, r.partition)]]

    def advances(self, records: Sequence[Record], watermarks: Mapping[TopicPartition, datetime]) -> list[OffsetAdvance]:
        """The applied offsets after these records. Raises OffsetConflict when a partition of theirs went meanwhile."""
        first: dict[TopicPartition, int] = {}
        last: dict[TopicPartition, int] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            first.setdefault(partition, record.offset)
            last[partition] = record.offset
        moves: list[OffsetAdvance] = []
        for partition, offset in last.items():
            place = self.places.get(partition)
            if place is None:
                raise OffsetConflict(f"{partition.topic} {partition.partition} went to another member")
            if first[partition] > place.next_offset:
                self._history.jump(partition, place.next_offset, first[partition])
            moves.append(
                OffsetAdvance(partition, place.stored, max(place.applied, offset + 1), watermarks.get(partition))
            )
        return moves

    def advance(self, advances: Sequence[OffsetAdvance], records: Sequence[Record]) -> dict[TopicPartition, int]:
        """Note that these advances are committed; returns the offsets up to which records that bring moves are read."""
        for advance in advances:
            if place := self.places.get(advance.partition):
                place.stored = place.applied = advance.next_offset
        reached = {TopicPartition(r.topic, r.partition): r.offset + 1 for r in records}
        for partition, offset in reached.items():
            if place := self.places.get(partition):
                place.next_offset = offset
        return {partition: offset for partition, offset in reached.items() if partition.topic in self._moving}

    def is_applied(self, record: Record) -> bool:
        """Whether a record was applied before, and is read again only for its move."""
        place = self.places.get(TopicPartition(record.topic, record.partition))
        return place is not None and record.offset < place.applied

    async def place(self, seconds: float) -> None:
        """Place what is unplaced; returns when that is done or has failed, or after `seconds` of nothing to do."""
        if not self._unplaced:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), seconds)
        self._wake.clear()
        try:
            if self._unplaced:
                await self._place()
        except (PyMongoError, KafkaError, KafkaTimeout) as error:
            self._health.fail(CHECK, f"positions can't be read; keeping the place: {error}"[:500])
            self._log.warning("positions unknown", partitions=len(self._unplaced), reason=str(error)[:300])
            await asyncio.sleep(RETRY_SECONDS)
        else:
            self._health.ok(CHECK)

    async def _place(self) -> None:
        needed_ids, consumer = sorted(self._unplaced), self.consumer()
        stored = await self._store.claim(needed_ids, from_ms(self._clock.now_ms()))
        first, end = await asyncio.gather(
            bounded(consumer.beginning_offsets(needed_ids), ANSWER_SECONDS, "first offsets"),
            bounded(consumer.end_offsets(needed_ids), ANSWER_SECONDS, "end offsets"),
        )
        # A rebalance may have come meanwhile: what is not ours any more is not unplaced either, and what is ours
        # again may be read from a position that is old by now. Its compare-and-set will tell.
        for partition in [p for p in needed_ids if p in self._unplaced]:
            position = stored[partition]
            start = self._history.start(partition, position.next_offset, first[partition], end[partition])
            applied = min(position.next_offset, start)
            if partition.topic in self._moving:
                start = max(first[partition], min(start, position.tasks_offset))
            consumer.seek(partition, start)
            consumer.resume(partition)
            self.places[partition] = PartitionPosition(position.next_offset, applied, start)
            self._unplaced.discard(partition)
        self._log.info("placed", partitions=len(needed_ids))
