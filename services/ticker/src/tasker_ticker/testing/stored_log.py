"""For tests: partitions as they are kept after compaction, and a reader of them that needs no Kafka."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from tasker_core.kafka_record import Record
from tasker_core.messages.base import encode
from tasker_core.ticker_state import AcceptedTask, TaskState
from tasker_runtime.kafka.client import TopicPartition


@dataclass(slots=True)
class StoredLog:
    """What is left of one partition: offset → (key, value). Before `end` markers may stand, and what was compacted.

    All of it was appended at one time, `appended_ms`.
    """

    records: dict[int, tuple[bytes, bytes | None]] = field(default_factory=dict[int, tuple[bytes, bytes | None]])
    end: int = 0
    appended_ms: int = 0

    def append(self, key: bytes, value: bytes | None, markers: int = 0) -> None:
        """Append a record, and so many markers."""
        self.records[self.end] = key, value
        self.end += 1 + markers

    def compact(self, *, tombstones: bool = True) -> None:
        """Drop what is superseded, as Kafka's cleaner does, and tombstones, too, unless they are kept still."""
        last = {key: offset for offset, (key, _) in self.records.items()}
        self.records = {
            offset: (key, value)
            for offset, (key, value) in self.records.items()
            if last[key] == offset and (tombstones or value is not None)
        }


@dataclass(slots=True)
class StoredLogReader:
    """A CommittedReader to which everything has been fetched already, so that no poll waits.

    While `answering` is not set, it hears of no bounds. `offsets` are the next ones to be read, `sought` where that
    began.
    """

    logs: Mapping[TopicPartition, StoredLog]
    answering: asyncio.Event | None = None
    offsets: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])
    sought: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])
    assigned: TopicPartition | None = None
    fetch_ms: int = 0

    async def start(self) -> None:
        """There is nothing to connect to."""

    async def stop(self) -> None:
        """There is nothing to disconnect from."""

    def assign(self, *partitions: TopicPartition, fetch_ms: int = 250) -> None:
        """As CommittedReader says; one at a time."""
        assert len(partitions) <= 1
        self.assigned, self.fetch_ms = next(iter(partitions), None), fetch_ms
        if self.assigned is not None:
            self.offsets[self.assigned] = 0

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """As CommittedReader says."""
        self.offsets[partition] = self.sought[partition] = offset

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        """As CommittedReader says."""
        if self.answering is not None:
            await self.answering.wait()
        return 0, self.logs[partition].end

    async def position(self, partition: TopicPartition) -> int:
        """As CommittedReader says."""
        return self.offsets[partition]

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        """As CommittedReader says."""
        assert self.assigned is not None
        here, log = self.assigned, self.logs[self.assigned]
        offsets = [offset for offset in log.records if offset >= self.offsets[here]][:limit]
        self.offsets[here] = offsets[-1] + 1 if offsets else log.end
        return [
            Record(here.topic, here.partition, offset, log.appended_ms, *log.records[offset], ()) for offset in offsets
        ]


YEARLY: Final = b'{"cron":"0 0 29 2 *","timezone":"UTC"}'


def stored_task(name: str, version: int = 1, schedule: bytes = YEARLY) -> tuple[bytes, bytes]:
    """The key and the value of a task in `ticker-state`."""
    task = AcceptedTask(id=name, name=name, schedule=msgspec.Raw(schedule))
    return f"task/{name}".encode(), encode(TaskState(generation=1, version=version, task=task, since=0))
