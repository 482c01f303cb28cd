"""Applies records: from what was read to what stands in MongoDB, each record once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from tasker_core.record import Record
from tasker_core.time.instant import from_ms
from tasker_core.topics import TopicName
from tasker_log_sink import metrics
from tasker_log_sink.consuming.batch import UnusableRecord, decode_batch, split
from tasker_log_sink.consuming.partition_positions import PartitionPositions
from tasker_log_sink.progress_writer import ProgressWriter
from tasker_log_sink.store.projection_store import OffsetConflict, ProjectionStore
from tasker_runtime.clock import Clock
from tasker_runtime.dead_letters import DeadLetterProducer
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition
from tasker_runtime.logs import Log
from tasker_runtime.mongo import UNSTORABLE, PyMongoError

DATABASE, BATCHES = "mongodb", "batches"
MANY = 1000
"""Records at a time that show that more are waiting."""
BUSY_SECONDS, BREATH_SECONDS = 60.0, 0.1


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What one transaction takes at most: records, and bytes of their values."""

    records: int
    size: int


class BatchWriter:
    """Applies what the group's consumer reads. `busy_since` (monotonic seconds) shows a batch that hangs."""

    def __init__(
        self,
        sources: Mapping[str, TopicName],
        limits: BatchLimits,
        store: ProjectionStore,
        placement: PartitionPositions,
        trail: ProgressWriter,
        dead_letters: DeadLetterProducer,
        clock: Clock,
        health: Health,
        log: Log,
    ) -> None:
        self._sources, self._limits = sources, limits
        self._store, self._placement, self._trail = store, placement, trail
        self._dead_letters, self._clock, self._health, self._log = dead_letters, clock, health, log
        self.busy_since: float | None = None
        self._pressed_until = 0.0
        trail.pressed = lambda: monotonic() < self._pressed_until
        health.expect(BATCHES)
        health.ok(BATCHES)

    async def take(self, records: Sequence[Record]) -> None:
        """Apply records, piece by piece. On any doubt the rest is left to be read again from the stored positions."""
        self.busy_since, many = monotonic(), len(records) >= MANY
        if many:
            self._pressed_until = self.busy_since + BUSY_SECONDS
        applied = False
        try:
            for piece in split(records, self._limits.records, self._limits.size):
                applied = await self._applied(piece)
                if not applied:
                    break
        finally:  # FastStream goes on with the next records after any error: these must not be passed over
            if not applied:
                self._placement.doubt({TopicPartition(r.topic, r.partition) for r in records})
            self.busy_since = None
            self._pressed_until = monotonic() + BREATH_SECONDS if many else 0.0

    async def _applied(self, piece: Sequence[Record]) -> bool:
        try:
            if fresh := await self._placement.fresh(piece):
                await self._apply(fresh)
        except OffsetConflict as moved:
            metrics.CONFLICTS.inc()
            self._log.warning("batch given up", reason=str(moved))
            return False
        except PyMongoError as error:
            self._put_back(DATABASE, error)
            return False
        except (KafkaError, KafkaTimeout) as error:
            self._put_back(BATCHES, error)
            return False
        except Exception as error:
            self._put_back(BATCHES, error)
            raise  # not foreseen: FastStream logs it whole
        return True

    async def _apply(self, records: Sequence[Record]) -> None:
        batch, started = decode_batch(records, self._sources), monotonic()
        await self._bury([r for r in batch.refused if not self._placement.is_applied(r.record)])
        advances = self._placement.advances(records, batch.watermarks)
        try:
            moves = await self._store.apply(advances, batch.facts, self._now())
        except UNSTORABLE as error:
            await self._apply_halves(records, UnusableRecord(records[0], f"{type(error).__name__}: {error}"))
            return
        reached = self._placement.advance(advances, records)
        self._trail.add(moves, reached)
        self._health.ok(DATABASE)
        self._health.ok(BATCHES)
        logged_ms = self._clock.now_ms()
        metrics.count([self._sources[r.topic] for r in records], batch.facts, logged_ms, monotonic() - started)

    async def _apply_halves(self, records: Sequence[Record], refused: UnusableRecord) -> None:
        """Find the one record that can't be stored: it goes to the dead letters, the others stand."""
        half = len(records) // 2
        if half:
            await self._apply(records[:half])
            await self._apply(records[half:])
            return
        await self._bury([refused])
        advances = self._placement.advances(records, {})
        await self._store.apply(advances, [], self._now())
        self._placement.advance(advances, records)

    async def _bury(self, refused: Sequence[UnusableRecord]) -> None:
        """Bury before the offset moves on; if then it does not, they are buried again."""
        await asyncio.gather(*(self._dead_letters.publish(record, reason) for record, reason in refused))
        for record, reason in refused:
            metrics.DEAD_LETTERS.labels(self._sources[record.topic]).inc()
            place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            self._log.warning("dead letter", reason=reason[:300], **place)

    def _put_back(self, check: str, error: Exception) -> None:
        metrics.FAILURES.inc()
        self._health.fail(check, f"a batch can't be applied; keeping the place: {error}"[:500])
        self._log.error("batch put back", reason=f"{type(error).__name__}: {error}"[:500])

    def _now(self) -> datetime:
        return from_ms(self._clock.now_ms())
