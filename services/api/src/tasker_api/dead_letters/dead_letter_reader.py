"""The dead letters, read straight from Kafka: a page at a time, bounded in number, size and time."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from itertools import zip_longest
from typing import NamedTuple

from tasker_api.dead_letters.letter_filter import LetterFilter
from tasker_api.dead_letters.letter_groups import GroupKey, LetterGroup, add_to_groups
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
SCAN_SECONDS = 2.5
"""So long is looked for those that a filter lets pass; then the page ends early."""
MAX_GROUPED = 10_000
POLL_MS = 100


ALL = LetterFilter()
LetterPlace = tuple[int, int]
"""A partition and an offset in it."""


class DeadLetterPage(NamedTuple):
    """Dead letters, newest first, and by partition the offset before which the next page begins; None: that is all."""

    dead_letters: list[DeadLetter]
    before: dict[int, int] | None


class GroupedLetters(NamedTuple):
    """The newest dead letters by what they have in common; how many these are, and whether they are all."""

    groups: dict[GroupKey, LetterGroup]
    looked_at: int
    complete: bool


class DeadLetterReader:
    """Reads dead letters, and sends records back to where they came from."""

    def __init__(self, kafka: KafkaConnection, topics: Topics, partitions: int, producer: RecordProducer) -> None:
        self._kafka, self.topics, self.partitions = kafka, topics, partitions
        self._topic = topics["dead-letters"]
        self._producer, self._readers = producer, asyncio.Semaphore(MAX_READERS)

    async def page(
        self, before: Mapping[int, int] | None, limit: int, letter_filter: LetterFilter = ALL
    ) -> DeadLetterPage:
        """The newest dead letters before these offsets (None: of all), by the time at which they were written.

        Raises KafkaError or KafkaTimeout when Kafka does not answer in time.
        """
        async with self._reading() as reader:
            scans, found = await self._scans(reader, before), list[DeadLetter]()
            async with aclosing(self._newest_first(reader, scans)) as letters:
                async for dead_letter in letters:
                    if letter_filter.passes(dead_letter):
                        found.append(dead_letter)
                    if len(found) == limit:
                        break
            is_more = any(scan.before > scan.first for scan in scans.values())
            return DeadLetterPage(found, {p: scan.before for p, scan in scans.items()} if is_more else None)

    async def groups(self) -> GroupedLetters:
        """The newest dead letters by service, topic and cause. Raises as `page`."""
        async with self._reading() as reader:
            scans, looked_at = await self._scans(reader, None), 0
            groups: dict[GroupKey, LetterGroup] = {}
            async with aclosing(self._newest_first(reader, scans)) as letters:
                async for dead_letter in letters:
                    looked_at += 1
                    add_to_groups(groups, dead_letter, self.topics)
                    if looked_at == MAX_GROUPED:
                        break
            complete = all(scan.before <= scan.first for scan in scans.values())
            return GroupedLetters(groups, looked_at, complete)

    async def _newest_first(
        self, reader: PartitionReader, scans: Mapping[int, PartitionScan]
    ) -> AsyncGenerator[DeadLetter]:
        """Dead letters by the time at which they were written, until so many bytes, or so much time, are used up."""
        bytes_left, until = MAX_BYTES, asyncio.get_running_loop().time() + SCAN_SECONDS
        while True:
            if to_load := {p: scan for p, scan in scans.items() if scan.must_load}:
                if bytes_left <= 0 or asyncio.get_running_loop().time() > until:
                    return  # what is there may be newer than what is loaded of other partitions
                bytes_left -= await self._load(reader, to_load)
                continue
            if not (loaded := [scan for scan in scans.values() if scan.loaded]):
                return
            newest = max(loaded, key=lambda scan: (scan.loaded[0].timestamp, scan.loaded[0].partition))
            for dead_letter in _decoded([newest.loaded.popleft()]):
                yield dead_letter

    async def find(self, places: Sequence[LetterPlace]) -> dict[LetterPlace, DeadLetter]:
        """Those of the dead letters at these places that there are (still). Raises as `page`."""
        wanted = defaultdict[int, list[int]](list)
        for partition, offset in places:
            if 0 <= partition < self.partitions:
                wanted[partition].append(offset)
        if not wanted:
            return {}
        found: dict[LetterPlace, DeadLetter] = {}
        async with self._reading() as reader:
            bounds = await asyncio.gather(*(reader.bounds(TopicPartition(self._topic, p)) for p in wanted))
            kept = [
                [offset for offset in offsets if first <= offset < end]
                for offsets, (first, end) in zip(wanted.values(), bounds, strict=True)
            ]
            for some in zip_longest(*kept):  # one of each partition at a time: they are read together
                scans = {p: PartitionScan(at, at + 1) for p, at in zip(wanted, some, strict=True) if at is not None}
                await self._load(reader, scans)
                for dead_letter in _decoded(record for scan in scans.values() for record in scan.loaded):
                    found[dead_letter.partition, dead_letter.offset] = dead_letter
        return found

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
