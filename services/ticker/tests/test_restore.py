"""Restoring a large state, beside partitions that fire already."""

import asyncio

import structlog

from tasker_core.messages.base import encode
from tasker_core.messages.watermark import Watermark
from tasker_core.topics import Topics
from tasker_runtime.kafka.client import TopicPartition
from tasker_ticker.kafka.restore import AT_ONCE, restore
from tasker_ticker.testing.stored_log import StoredLog, StoredLogReader, stored_task

TOPICS = Topics("t")
STATE, MARKS = TopicPartition(TOPICS["ticker-state"], 0), TopicPartition(TOPICS["watermarks"], 0)


async def test_others_get_their_turn_while_a_large_state_is_read() -> None:
    mark = Watermark(time="2026-11-29T00:00:00Z", next_offset=7, base=1, turn=1, owner="o")
    portions = 4
    names = [f"held-{n:05d}" for n in range(portions * AT_ONCE)]
    state, marks = StoredLog(), StoredLog()
    for name in names:
        state.append(*stored_task(name))
    marks.append(b"0", encode(mark))
    reader = StoredLogReader({STATE: state, MARKS: marks})
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
