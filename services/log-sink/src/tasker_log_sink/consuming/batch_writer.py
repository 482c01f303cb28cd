"""Writes batches: from the records that were read to the documents in MongoDB, each record once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final, Protocol

from tasker_core.kafka_record import Record
from tasker_core.time.instant import from_ms
from tasker_core.topics import TopicName
from tasker_log_sink import metrics
from tasker_log_sink.backlog import Backlog
from tasker_log_sink.consuming.batch import DecodedBatch, UnusableRecord, decode_batch, split
from tasker_log_sink.consuming.partition_positions import PartitionPositions
from tasker_log_sink.log_spans import LogSpans
from tasker_log_sink.store.partition_offsets import OffsetConflict
from tasker_log_sink.store.store_interface import BatchStore
from tasker_log_sink.task_progress_writer import ProgressWriter
from tasker_runtime.clock import Clock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition
from tasker_runtime.logs import Log
from tasker_runtime.mongo import UNSTORABLE, PyMongoError

DATABASE: Final = "mongodb"
BATCHES: Final = "batches"
DEAD_LETTERS_AT_ONCE: Final = 200
"""Each has a time-out: of thousands that are sent at once the last ones would run into it, again and again."""


class DeadLetterPublisher(Protocol):
    """What the runtime's DeadLetterProducer does."""

    async def publish(self, record: Record, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What one transaction takes at most: records, and bytes of their values."""

    records: int
    size: int


class BatchWriter:
    """Writes what the group's consumer reads. `busy_since` (monotonic seconds) is when the batch began that is being
    written, and shows one that hangs."""

    def __init__(
        self,
        sources: Mapping[str, TopicName],
        limits: BatchLimits,
        store: BatchStore,
        positions: PartitionPositions,
        progress_writer: ProgressWriter,
        backlog: Backlog,
        dead_letters: DeadLetterPublisher,
        clock: Clock,
        health: Health,
        log: Log,
        spans: LogSpans | None = None,
    ) -> None:
        self._spans = spans
        self._sources, self._limits = sources, limits
        self._store, self._positions, self._progress_writer, self._backlog = store, positions, progress_writer, backlog
        self._dead_letters, self._clock, self._health, self._log = dead_letters, clock, health, log
        self.busy_since: float | None = None
        health.expect(BATCHES)
        health.ok(BATCHES)

    async def write(self, records: Sequence[Record]) -> None:
        """Write records batch by batch. After a failure the rest is left to be read again from the stored positions."""
        self._backlog.batch_begins(len(records))
        is_written = False
        try:
            for batch in split(records, self._limits.records, self._limits.size):
                self.busy_since = monotonic()
                is_written = await self._is_written(batch)
                if not is_written:
                    break
        finally:  # FastStream goes on with the next records after any error: these must not be passed over
            if not is_written:
                self._positions.invalidate({TopicPartition(r.topic, r.partition) for r in records})
            self.busy_since = None
            self._backlog.batch_ends(len(records))

    async def _is_written(self, batch: Sequence[Record]) -> bool:
        try:
            if unread := await self._positions.unread(batch):
                await self._write(unread)
                await self._progress_writer.make_room()
        except OffsetConflict as conflict:
            metrics.CONFLICTS.inc()
            self._log.warning("batch discarded", reason=str(conflict))
            return False
        except PyMongoError as error:
            self._report_failure(DATABASE, error)
            return False
        except (KafkaError, KafkaTimeout) as error:
            self._report_failure(BATCHES, error)
            return False
        except Exception as error:
            self._report_failure(BATCHES, error)
            raise  # not foreseen: FastStream logs it whole
        return True

    async def _write(self, records: Sequence[Record]) -> None:
        batch = decode_batch(records, self._sources)
        if batch.unusable:
            unapplied = self._positions.unapplied([one.record for one in batch.unusable])
            await self._publish_dead_letters([one for one in batch.unusable if one.record in unapplied])
        await self._apply(records, batch)

    async def _apply(self, records: Sequence[Record], batch: DecodedBatch) -> None:
        started, unapplied = monotonic(), self._positions.unapplied(records)
        advances = self._positions.advances(records, batch.watermarks)
        try:
            progress = await self._store.apply(advances, batch.records, self._now())
        except UNSTORABLE as error:
            await self._write_halves(records, UnusableRecord(records[0], f"{type(error).__name__}: {error}"))
            return
        offsets = self._positions.committed(advances, records)
        self._progress_writer.add(progress, offsets)
        self._health.ok(DATABASE)
        self._health.ok(BATCHES)
        if unapplied:
            self._count(unapplied, batch if unapplied is records else decode_batch(unapplied, self._sources), started)

    def _count(self, records: Sequence[Record], batch: DecodedBatch, started: float) -> None:
        """Count records that have become readable by this transaction, which began at `started`."""
        topics, logged_ms = [self._sources[r.topic] for r in records], self._clock.now_ms()
        metrics.count_batch(topics, batch.records, batch.watermarks, logged_ms, monotonic() - started)
        if self._spans is not None:
            self._spans.record(batch.with_origins(records), logged_ms)

    async def _write_halves(self, records: Sequence[Record], unusable: UnusableRecord) -> None:
        """Find the one record that can't be stored: it becomes a dead letter, the others are written."""
        half = len(records) // 2
        if half:
            for part in (records[:half], records[half:]):
                await self._apply(part, decode_batch(part, self._sources))
            return
        await self._publish_dead_letters([unusable])
        advances = self._positions.advances(records, {})
        await self._store.apply(advances, [], self._now())
        self._positions.committed(advances, records)

    async def _publish_dead_letters(self, unusable: Sequence[UnusableRecord]) -> None:
        """Publish before the offset moves on; if then it does not, they are published again."""
        for start in range(0, len(unusable), DEAD_LETTERS_AT_ONCE):
            some = unusable[start : start + DEAD_LETTERS_AT_ONCE]
            await asyncio.gather(*(self._dead_letters.publish(record, reason) for record, reason in some))
        for record, reason in unusable:
            origin = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            self._log.warning("dead letter", **origin, reason=reason[:300])

    def _report_failure(self, check: str, error: Exception) -> None:
        metrics.FAILURES.inc()
        self._health.fail(check, f"a batch can't be written, and will be read again: {error}"[:500])
        self._log.error("batch failed", reason=f"{type(error).__name__}: {error}"[:500])

    def _now(self) -> datetime:
        return from_ms(self._clock.now_ms())
