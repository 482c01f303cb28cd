"""Restoring a large state, beside partitions that fire already, and a small one, which waits for nothing."""

import asyncio
from dataclasses import dataclass

import pytest
import structlog

from tasker_core.kafka_record import Record
from tasker_core.messages.base import encode
from tasker_core.messages.watermark import Watermark
from tasker_core.topics import Topics
from tasker_runtime.kafka.client import TopicPartition
from tasker_ticker.kafka.committed_records import AT_ONCE
from tasker_ticker.kafka.restore import StateSnapshot, read_state, restore
from tasker_ticker.testing.stored_log import StoredLog, StoredLogReader, stored_task
from tasker_ticker.testing.virtual_time import run_in_virtual_time

TOPICS = Topics("t")
STATE, MARKS = TopicPartition(TOPICS["ticker-state"], 0), TopicPartition(TOPICS["watermarks"], 0)
MARK = Watermark(time="2026-11-29T00:00:00Z", next_offset=7, base=1, turn=1, owner="o")


async def test_others_get_their_turn_while_a_large_state_is_read() -> None:
    portions = 4
    names = [f"held-{n:05d}" for n in range(portions * AT_ONCE)]
    state, marks = StoredLog(), StoredLog()
    for name in names:
        state.append(*stored_task(name))
    marks.append(b"0", encode(MARK))
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


@dataclass(slots=True)
class WaitingReader(StoredLogReader):
    """As aiokafka reads: a fetch that finds nothing waits at the broker, and those of the next assignment behind it; a
    poll that gets nothing but markers goes on waiting."""

    busy_until: float = 0.0

    def assign(self, *partitions: TopicPartition, fetch_ms: int = 250) -> None:
        loop = asyncio.get_running_loop()
        if self.assigned is not None:
            self.busy_until = loop.time() + self.fetch_ms / 1000
        StoredLogReader.assign(self, *partitions, fetch_ms=fetch_ms)

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_ms / 1000
        if loop.time() < self.busy_until:
            await asyncio.sleep(min(self.busy_until, until) - loop.time())
        found = await StoredLogReader.poll(self, wait_ms, limit) if loop.time() >= self.busy_until else []
        if not found:
            await asyncio.sleep(until - loop.time())
        return found


@pytest.mark.parametrize("prefetched", [False, True])
def test_an_idle_partition_is_restored_without_waiting_for_records_that_do_not_come(prefetched: bool) -> None:
    state, marks = StoredLog(), StoredLog()
    state.append(*stored_task("held"), markers=1)
    marks.append(b"0", encode(MARK), markers=1)

    async def restore_seconds() -> float:
        logs, log, snapshot = {STATE: state, MARKS: marks}, structlog.get_logger(), StateSnapshot()
        if prefetched:
            await read_state(WaitingReader(logs), TOPICS, 0, log, snapshot)
        began = asyncio.get_running_loop().time()
        restored = await restore(WaitingReader(logs), TOPICS, 0, log, snapshot)
        assert list(restored.stored.tasks) == ["held"]
        return asyncio.get_running_loop().time() - began

    assert run_in_virtual_time(restore_seconds()) < 0.1
