"""The dead letters, read straight from Kafka: a page at a time, bounded in number, size and time."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from tasker_core.dead_letter import DeadLetter, NotADeadLetter, parse_dead_letter
from tasker_core.record import Record, RecordPosition
from tasker_core.topics import Topics
from tasker_runtime.kafka.client import KafkaTimeout, TopicPartition, bounded
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer

LOOK_SECONDS = 4.0
SEND_SECONDS = 4.0
MAX_BYTES = 16 * 1024 * 1024
"""So much is read for one page; then the page ends early."""
FIRST_WINDOW, WINDOW = 4, 16
READERS = 2
POLL_MS = 100


class Page(NamedTuple):
    """Letters, newest first, and by partition the offset before which the next page begins; None: that is all."""

    letters: list[DeadLetter]
    before: dict[int, int] | None


@dataclass(slots=True)
class _Shelf:
    """One partition: `loaded` holds records not told yet, the newest first; below `next_offset` none is loaded."""

    first: int
    next_offset: int
    window: int = FIRST_WINDOW
    loaded: deque[Record] = field(default_factory=deque[Record])

    @property
    def before(self) -> int:
        """Everything from this offset on is told."""
        return self.loaded[0].offset + 1 if self.loaded else self.next_offset


class LetterBox:
    """Reads dead letters, and sends records back to where they came from."""

    def __init__(self, bootstrap: str, topics: Topics, partitions: int, sender: RecordProducer) -> None:
        self._bootstrap, self.topics, self.partitions = bootstrap, topics, partitions
        self._topic = topics["dead-letters"]
        self._sender, self._turns = sender, asyncio.Semaphore(READERS)

    async def page(self, before: Mapping[int, int] | None, limit: int) -> Page:
        """The newest letters before these offsets (None: of all), by the time at which they were buried.

        Raises KafkaError or KafkaTimeout when Kafka does not answer in time.
        """
        async with self._reading() as reader:
            shelves = await self._shelves(reader, before)
            found, room = list[DeadLetter](), MAX_BYTES
            while len(found) < limit:
                empty = [p for p, shelf in shelves.items() if not shelf.loaded and shelf.next_offset > shelf.first]
                if empty and room <= 0:
                    break  # what lies there may be newer than what is loaded elsewhere
                if empty:
                    room -= await self._load(reader, {p: shelves[p] for p in empty})
                    continue
                if not (waiting := [shelf for shelf in shelves.values() if shelf.loaded]):
                    break
                newest = max(waiting, key=lambda shelf: (shelf.loaded[0].timestamp, shelf.loaded[0].partition))
                found += _letters([newest.loaded.popleft()])
            is_more = any(shelf.before > shelf.first for shelf in shelves.values())
            return Page(found, {p: shelf.before for p, shelf in shelves.items()} if is_more else None)

    async def one(self, partition: int, offset: int) -> DeadLetter | None:
        """The letter at a place, None when there is none (any more). Raises as `page`."""
        if not 0 <= partition < self.partitions:
            return None
        async with self._reading() as reader:
            first, end = await reader.bounds(TopicPartition(self._topic, partition))
            if not first <= offset < end:
                return None
            shelf = _Shelf(offset, offset + 1)
            await self._load(reader, {partition: shelf})
            return next(iter(_letters(shelf.loaded)), None)

    async def send_back(self, letter: DeadLetter) -> RecordPosition:
        """Send the record that a letter is of to where it came from, as it was. Raises KafkaError or KafkaTimeout."""
        return await self._sender.send(
            letter.topic,
            letter.value,
            key=letter.key,
            partition=letter.source_partition,
            headers=letter.headers,
            seconds=SEND_SECONDS,
        )

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[PartitionReader]:
        reader = PartitionReader(self._bootstrap)
        try:
            async with asyncio.timeout(LOOK_SECONDS), self._turns:
                await bounded(reader.start(), LOOK_SECONDS, "connecting to Kafka")
                yield reader
        except TimeoutError:
            raise KafkaTimeout(f"reading {self._topic}: no answer within {LOOK_SECONDS:g} s") from None
        finally:
            await reader.stop()

    async def _shelves(self, reader: PartitionReader, before: Mapping[int, int] | None) -> dict[int, _Shelf]:
        partitions = [TopicPartition(self._topic, p) for p in range(self.partitions)]
        bounds = await asyncio.gather(*(reader.bounds(partition) for partition in partitions))
        return {
            p: _Shelf(first, end if before is None else max(first, min(end, before.get(p, end))))
            for p, (first, end) in enumerate(bounds)
        }

    async def _load(self, reader: PartitionReader, shelves: Mapping[int, _Shelf]) -> int:
        """Put the next window of each shelf on it; returns how many bytes they hold."""
        places = {p: TopicPartition(self._topic, p) for p in shelves}
        starts = {p: max(shelf.first, shelf.next_offset - shelf.window) for p, shelf in shelves.items()}
        found: dict[int, list[Record]] = {p: [] for p in shelves}
        reader.assign(*places.values())
        for p, start in starts.items():
            reader.seek(places[p], start)
        while any([await reader.position(places[p]) < shelf.next_offset for p, shelf in shelves.items()]):
            for record in await reader.poll(POLL_MS):
                if record.offset < shelves[record.partition].next_offset:
                    found[record.partition].append(record)
        for p, shelf in shelves.items():
            shelf.loaded.extend(reversed(found[p]))
            shelf.next_offset, shelf.window = starts[p], WINDOW
        return sum(len(record.value or b"") for records in found.values() for record in records)


def _letters(records: Sequence[Record] | deque[Record]) -> list[DeadLetter]:
    found: list[DeadLetter] = []
    for record in records:
        try:
            found.append(parse_dead_letter(record))
        except NotADeadLetter:
            continue  # somebody else's: it has no origin to go back to
    return found
