"""Reads topics once more, up to where they end, and projects what they say on top of what is stored."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from tasker_core.documents.runs import RunContent, RunDocument
from tasker_core.kafka_record import Record
from tasker_core.time.instant import from_ms
from tasker_core.topics import TopicName
from tasker_log_sink.consuming.batch import decode_batch, split
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.store.partition_offsets import OffsetConflict
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_runtime.kafka.client import KafkaTimeout, TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.mongo import PyMongoError

READ_RECORDS: Final = 2_000
BATCH_RECORDS: Final = 500
"""In one transaction: of some thousand tasks with all of their indexes MongoDB rolls it back for its cache, and the log
sink, which writes beside it, would wait for too long."""
BATCH_BYTES: Final = 4 * 1024 * 1024
POLL_MS: Final = 500
EMPTY_POLLS: Final = 120
TRIES: Final = 8
RETRY_SECONDS: Final = 0.25

Progress = Callable[[str, int, int], None]
"""Told of what, how much is done, and how much there is."""
Offsets = dict[TopicPartition, int]


async def bounds(reader: PartitionReader, partitions: Sequence[TopicPartition]) -> tuple[Offsets, Offsets]:
    """The first and the end offsets of partitions as they are now. Raises KafkaError or KafkaTimeout."""
    found = {partition: await reader.bounds(partition) for partition in partitions}
    return {p: first for p, (first, _) in found.items()}, {p: end for p, (_, end) in found.items()}


class TopicReplay:
    """Projects records into one store. They may be applied already, or come again: the documents are the same."""

    def __init__(
        self,
        reader: PartitionReader,
        sources: Mapping[str, TopicName],
        store: ProjectionStore,
        now: Callable[[], datetime],
        progress: Progress,
    ) -> None:
        self._reader, self._sources, self._store, self._now = reader, sources, store, now
        self._progress = progress
        self.unusable = 0

    async def run(self, what: str, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> int:
        """Apply the records of partitions from `starts` up to `ends`; returns how many.

        Raises KafkaError, KafkaTimeout, PyMongoError.
        """
        reader = self._reader
        left = {partition for partition, end in ends.items() if starts[partition] < end}
        total, done, records, empty = sum(ends[p] - starts[p] for p in left), 0, 0, 0
        while left:
            reader.assign(*left)
            for partition in left:
                reader.seek(partition, starts[partition])
            moved: Offsets = {}
            while left and not any(moved[p] >= ends[p] for p in left & moved.keys()):
                polled = [r for r in await reader.poll(POLL_MS, READ_RECORDS) if r.offset < ends[_of(r)]]
                await self._apply(polled)
                records += len(polled)
                for partition in left:
                    moved[partition] = await reader.position(partition)
                empty = 0 if polled else empty + 1
                if empty > EMPTY_POLLS:
                    raise KafkaTimeout(
                        f"{what}: no progress in {EMPTY_POLLS * POLL_MS // 1000} s, though there is more"
                    )
                done = total - sum(max(0, ends[p] - moved[p]) for p in left)
                self._progress(what, done, total)
            starts = dict(starts) | moved
            left = {partition for partition in left if moved[partition] < ends[partition]}
        return records

    async def _apply(self, records: Sequence[Record]) -> None:
        for some in split(records, BATCH_RECORDS, BATCH_BYTES):
            batch = decode_batch(some, self._sources)
            self.unusable += len(batch.unusable)  # they are dead letters since they were read first
            for record, decoded in batch.with_origins(some):
                if decoded.run is not None:
                    _log_at(decoded.run, from_ms(record.timestamp))
            await self.write(batch.records)

    async def write(self, records: Sequence[DecodedRecord]) -> None:
        """Apply what records say, however many there are."""
        for start in range(0, len(records), BATCH_RECORDS):
            await self._write_batch(records[start : start + BATCH_RECORDS])

    async def _write_batch(self, records: Sequence[DecodedRecord]) -> None:
        """The log sink may be writing the same documents: then this is tried again."""
        for left in reversed(range(TRIES)):
            try:
                progress = await self._store.apply([], records, self._now())
                if progress:
                    await self._store.write_progress(progress, self._now())
                return
            except (OffsetConflict, PyMongoError) as error:
                transient = isinstance(error, OffsetConflict) or error.has_error_label("TransientTransactionError")
                if not left or not transient:
                    raise
            await asyncio.sleep(RETRY_SECONDS * (TRIES - left))


def _log_at(run: RunContent, appended: datetime) -> None:
    """What is not in the log any more was logged when Kafka had it, or a moment later: not today."""
    document: RunDocument = run  # pyright: ignore[reportAssignmentType] -- what has the field already keeps it
    document["logged_at"] = appended


def _of(record: Record) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)
