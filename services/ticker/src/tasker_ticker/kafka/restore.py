"""Restores a partition's state from what is committed: after fencing, so nobody else can change it any more."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tasker_core.kafka_record import Record
from tasker_core.messages.watermark import decode_watermark
from tasker_core.topics import Topics
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log
from tasker_ticker.kafka.committed_records import POLL_MS, RecordMark, holds_record, records_to
from tasker_ticker.kafka.interfaces import CommittedReader
from tasker_ticker.scheduling.memory.watermark import WatermarkPosition
from tasker_ticker.scheduling.stored_state import StoredState

TAIL = 64
PROGRESS_EVERY = 100_000
SNAPSHOT_MS = 3_600_000
"""So old a snapshot may be. What is deleted leaves a tombstone, which Kafka keeps for `delete.retention.ms` only: who
reads on after that never hears of it."""

Progress = Callable[[int], None]


def _unheard(_: int) -> None:
    """Nobody wants to know how far a restore is."""


@dataclass(slots=True)
class RestoredPartition:
    """What the topics hold of a partition. `position` is None for one that was never owned.

    `read`: how many records of its state were read from Kafka.
    """

    position: WatermarkPosition | None
    stored: StoredState
    read: int


@dataclass(slots=True)
class StateSnapshot:
    """The stored state of one partition as of an offset of `ticker-state`: the next one to read.

    `began_ms`: when its reading began. `last`: the last record that it holds, where Kafka may be another one since.
    `read`: how many records were read from Kafka for it.
    """

    stored: StoredState = field(default_factory=StoredState)
    next_offset: int = 0
    began_ms: int = 0
    last: RecordMark | None = None
    read: int = 0

    def can_be_read_on(self, now_ms: int) -> bool:
        """Whether it is young enough for that, by a clock that may have been set."""
        return abs(now_ms - self.began_ms) <= SNAPSHOT_MS

    def take(self) -> "StateSnapshot":
        """What it holds; whoever reads it still changes that no more."""
        taken, self.stored = replace(self), StoredState()
        return taken

    def clear(self) -> None:
        """Hold nothing: all is to be read."""
        self.stored, self.next_offset, self.last = StoredState(), 0, None


async def restore(
    reader: CommittedReader,
    topics: Topics,
    partition: int,
    log: Log,
    snapshot: StateSnapshot | None = None,
    progress: Progress = _unheard,
) -> RestoredPartition:
    """Read the watermark and the state, or what came after a snapshot. Raises KafkaError or KafkaTimeout.

    `progress` hears now and then how many records of the state are read.
    """
    mark = await _last_record(reader, TopicPartition(topics["watermarks"], partition))
    snapshot = snapshot or StateSnapshot()
    await read_state(reader, topics, partition, log, snapshot, progress)
    position = WatermarkPosition.from_message(decode_watermark(mark.value)) if mark and mark.value else None
    return RestoredPartition(position, snapshot.stored, snapshot.read)


async def read_state(
    reader: CommittedReader,
    topics: Topics,
    partition: int,
    log: Log,
    snapshot: StateSnapshot,
    progress: Progress = _unheard,
) -> None:
    """Bring a snapshot up to the end of the state as it is now. Raises KafkaError or KafkaTimeout."""
    state, read = TopicPartition(topics["ticker-state"], partition), 0
    first, end = await reader.bounds(state)
    reader.assign(state, fetch_ms=POLL_MS)
    if snapshot.last is not None and not await holds_record(reader, state, snapshot.last, end):
        log.info("copy of the state not used: its last record is not in Kafka, or superseded", partition=partition)
        snapshot.clear()
    reader.seek(state, max(first, snapshot.next_offset))
    reported = 0
    async for records in records_to(reader, state, end):
        apply = snapshot.stored.apply
        for record in records:
            apply(record.key or b"", record.value)
        snapshot.next_offset = records[-1].offset + 1
        read += len(records)
        snapshot.read += len(records)
        progress(read)
        if read - reported >= PROGRESS_EVERY:
            reported = read
            log.info("restoring", partition=partition, records=read, of=end - first)
    snapshot.next_offset = end


async def _last_record(reader: CommittedReader, partition: TopicPartition) -> Record | None:
    """The last record of a partition, found from its tail."""
    first, end = await reader.bounds(partition)
    reader.assign(partition, fetch_ms=POLL_MS)
    tail = TAIL
    while True:
        start = max(first, end - tail)
        reader.seek(partition, start)
        found = None
        async for records in records_to(reader, partition, end):
            found = records[-1]
        if found is not None or start == first:
            return found
        tail *= 8
