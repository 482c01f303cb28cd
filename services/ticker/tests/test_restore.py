"""Restoring a large state, beside partitions that fire already."""

import asyncio
from dataclasses import dataclass, field

import msgspec
import structlog

from tasker_core.kafka_record import Record
from tasker_core.messages.base import encode
from tasker_core.messages.watermark import Watermark
from tasker_core.ticker_state import AcceptedTask, TaskState
from tasker_core.topics import Topics
from tasker_runtime.kafka.client import TopicPartition
from tasker_ticker.kafka.restore import AT_ONCE, restore

TOPICS = Topics("t")
STATE, MARKS = TopicPartition(TOPICS["ticker-state"], 0), TopicPartition(TOPICS["watermarks"], 0)


@dataclass
class FetchedReader:
    """A reader to which everything has been fetched already, so that no poll waits."""

    values: dict[TopicPartition, list[tuple[bytes, bytes]]]
    offsets: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])
    assigned: TopicPartition = STATE

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def assign(self, *partitions: TopicPartition) -> None:
        (self.assigned,) = partitions

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.offsets[partition] = offset

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        return 0, len(self.values[partition])

    async def position(self, partition: TopicPartition) -> int:
        return self.offsets[partition]

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        here, first = self.assigned, self.offsets[self.assigned]
        found = self.values[here][first:][:limit]
        self.offsets[here] += len(found)
        return [Record(here.topic, 0, first + n, 0, key, value, ()) for n, (key, value) in enumerate(found)]


def _task(name: str) -> tuple[bytes, bytes]:
    task = AcceptedTask(id=name, name=name, schedule=msgspec.Raw(b'{"cron":"0 0 29 2 *","timezone":"UTC"}'))
    return f"task/{name}".encode(), encode(TaskState(generation=1, version=1, task=task, since=0))


async def test_others_get_their_turn_while_a_large_state_is_read() -> None:
    mark = Watermark(time="2026-11-29T00:00:00Z", next_offset=7, base=1, turn=1, owner="o")
    portions = 4
    names = [f"held-{n:05d}" for n in range(portions * AT_ONCE)]
    reader = FetchedReader({STATE: [_task(name) for name in names], MARKS: [(b"0", encode(mark))]})
    turns, heard = 0, list[int]()

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(count_turns())
    restored = await restore(reader, TOPICS, 0, structlog.get_logger(), progress=heard.append)
    other.cancel()
    assert list(restored.stored.tasks) == names
    assert restored.position is not None
    assert restored.position.next_offset == 7
    assert heard == [AT_ONCE * (n + 1) for n in range(portions)]
    assert turns >= portions
