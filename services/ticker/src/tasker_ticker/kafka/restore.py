"""Rebuilds a partition's state from what is committed: after fencing, so nobody else can change it any more."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tasker_core.messages import decode_watermark
from tasker_core.record import Record
from tasker_core.topics import Topics
from tasker_runtime.kafka.client import KafkaTimeout, TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.logs import Log
from tasker_ticker.scheduling.memory.watermark import Position
from tasker_ticker.scheduling.state import Memory

STILL_POLLS = 40
POLL_MS = 250
TAIL = 64
PROGRESS_EVERY = 100_000


@dataclass(slots=True)
class Restored:
    """What stood in the topics. `position` is None for a partition that was never owned."""

    position: Position | None
    memory: Memory


@dataclass(slots=True)
class Recollection:
    """The memory of one partition as far as `ticker-state` was read: up to, without, the offset `read_to`."""

    memory: Memory = field(default_factory=Memory)
    read_to: int = 0


async def restore(
    reader: PartitionReader, topics: Topics, partition: int, log: Log, known: Recollection | None = None
) -> Restored:
    """Read the watermark and the memory, or what has come since it was `known`. Raises KafkaError or KafkaTimeout."""
    mark = await _last(reader, TopicPartition(topics["watermarks"], partition))
    known = known or Recollection()
    await recollect(reader, topics, partition, log, known)
    position = Position.of(decode_watermark(mark.value)) if mark is not None and mark.value else None
    return Restored(position, known.memory)


async def recollect(reader: PartitionReader, topics: Topics, partition: int, log: Log, known: Recollection) -> None:
    """Read on to the end of the memory as it is now. Raises KafkaError or KafkaTimeout."""
    state, read = TopicPartition(topics["ticker-state"], partition), 0
    first, end = await reader.bounds(state)
    reader.assign(state)
    reader.seek(state, max(first, known.read_to))
    async for record in _until(reader, state, end):
        known.memory.recall(record.key or b"", record.value)
        known.read_to = record.offset + 1
        read += 1
        if read % PROGRESS_EVERY == 0:
            log.info("restoring", partition=partition, records=read, of=end - first)


async def _last(reader: PartitionReader, partition: TopicPartition) -> Record | None:
    """The last record of a partition, found from its tail."""
    first, end = await reader.bounds(partition)
    reader.assign(partition)
    tail = TAIL
    while True:
        start = max(first, end - tail)
        reader.seek(partition, start)
        found = None
        async for record in _until(reader, partition, end):
            found = record
        if found is not None or start == first:
            return found
        tail *= 8


async def _until(reader: PartitionReader, partition: TopicPartition, end: int) -> AsyncIterator[Record]:
    """The records of one partition up to an end offset; a trailing marker moves the position, but is no record."""
    still = 0
    while await reader.position(partition) < end:
        records = await reader.poll(POLL_MS)
        still = 0 if records else still + 1
        if still > STILL_POLLS:
            raise KafkaTimeout(f"{partition}: no progress towards offset {end}")
        for record in records:
            if record.offset < end:
                yield record
