"""The dead letters, read straight from Kafka: a page at a time, bounded in number, size and time."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

from tasker_api.dead_letters.partition_scan import PartitionScan
from tasker_core.kafka_record import Record, RecordPosition
from tasker_core.messages.dead_letter import DeadLetter, NotADeadLetter, parse_dead_letter
from tasker_core.topics import Topics
from tasker_runtime.kafka.client import KafkaTimeout, TopicPartition, bounded
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer

READ_SECONDS = 4.0
SEND_SECONDS = 4.0
MAX_BYTES = 16 * 1024 * 1024
"""So much is read for one page; then the page ends early."""
MAX_READERS = 2
POLL_MS = 100


class DeadLetterPage(NamedTuple):
    """Dead letters, newest first, and by partition the offset before which the next page begins; None: that is all."""

    dead_letters: list[DeadLetter]
    before: dict[int, int] | None


class DeadLetterReader:
    """Reads dead letters, and sends records back to where they came from."""

    def __init__(self, kafka: KafkaConnection, topics: Topics, partitions: int, producer: RecordProducer) -> None:
        self._kafka, self.topics, self.partitions = kafka, topics, partitions
        self._topic = topics["dead-letters"]
        self._producer, self._readers = producer, asyncio.Semaphore(MAX_READERS)

    async def page(self, before: Mapping[int, int] | None, limit: int) -> DeadLetterPage:
        """The newest dead letters before these offsets (None: of all), by the time at which they were written.

        Raises KafkaError or KafkaTimeout when Kafka does not answer in time.
        """
        async with self._reading() as reader:
            scans = await self._scans(reader, before)
            found, bytes_left = list[DeadLetter](), MAX_BYTES
            while len(found) < limit:
                to_load = {p: scan for p, scan in scans.items() if scan.must_load}
                if to_load and bytes_left <= 0:
                    break  # what is there may be newer than what is loaded of other partitions
                if to_load:
                    bytes_left -= await self._load(reader, to_load)
                    continue
                if not (loaded := [scan for scan in scans.values() if scan.loaded]):
                    break
                newest = max(loaded, key=lambda scan: (scan.loaded[0].timestamp, scan.loaded[0].partition))
                found += _decoded([newest.loaded.popleft()])
            is_more = any(scan.before > scan.first for scan in scans.values())
            return DeadLetterPage(found, {p: scan.before for p, scan in scans.items()} if is_more else None)

    async def find(self, partition: int, offset: int) -> DeadLetter | None:
        """The dead letter at an offset, None when there is none (any more). Raises as `page`."""
        if not 0 <= partition < self.partitions:
            return None
        async with self._reading() as reader:
            first, end = await reader.bounds(TopicPartition(self._topic, partition))
            if not first <= offset < end:
                return None
            scan = PartitionScan(offset, offset + 1)
            await self._load(reader, {partition: scan})
            return next(_decoded(scan.loaded), None)

    async def send_back(self, dead_letter: DeadLetter) -> RecordPosition:
        """Send the record of a dead letter to where it came from, as it was. Raises KafkaError or KafkaTimeout."""
        return await self._producer.send(
            dead_letter.topic,
            dead_letter.value,
            key=dead_letter.key,
            partition=dead_letter.source_partition,
            headers=dead_letter.headers,
            seconds=SEND_SECONDS,
        )

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[PartitionReader]:
        reader = PartitionReader(self._kafka)
        try:
            async with asyncio.timeout(READ_SECONDS), self._readers:
                await bounded(reader.start(), READ_SECONDS, "connecting to Kafka")
                yield reader
        except TimeoutError:
            raise KafkaTimeout(f"reading {self._topic}: no answer within {READ_SECONDS:g} s") from None
        finally:
            await reader.stop()

    async def _scans(self, reader: PartitionReader, before: Mapping[int, int] | None) -> dict[int, PartitionScan]:
        partitions = [TopicPartition(self._topic, p) for p in range(self.partitions)]
        bounds = await asyncio.gather(*(reader.bounds(partition) for partition in partitions))
        return {
            p: PartitionScan(first, end if before is None else max(first, min(end, before.get(p, end))))
            for p, (first, end) in enumerate(bounds)
        }

    async def _load(self, reader: PartitionReader, scans: Mapping[int, PartitionScan]) -> int:
        """Read the next window of each scan; returns how many bytes they hold."""
        partitions = {p: TopicPartition(self._topic, p) for p in scans}
        found: dict[int, list[Record]] = {p: [] for p in scans}
        reader.assign(*partitions.values())
        for p, scan in scans.items():
            reader.seek(partitions[p], scan.window_start)
        while any([await reader.position(partitions[p]) < scan.next_offset for p, scan in scans.items()]):
            for record in await reader.poll(POLL_MS):
                if record.offset < scans[record.partition].next_offset:
                    found[record.partition].append(record)
        for p, scan in scans.items():
            scan.add(found[p])
        return sum(len(record.value or b"") for records in found.values() for record in records)


def _decoded(records: Iterable[Record]) -> Iterator[DeadLetter]:
    for record in records:
        try:
            yield parse_dead_letter(record)
        except NotADeadLetter:
            continue  # somebody else's: it has no origin to go back to
