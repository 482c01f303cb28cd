"""Progress follows what is applied: none is lost, no offset is saved before it, and it gives way to a burst."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic

import pytest
import structlog

from tasker_log_sink import task_progress_writer
from tasker_log_sink.backlog import LARGE_BATCH, Backlog
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.tasks.task_progress import TaskProgress
from tasker_log_sink.store.partition_offsets import StoredPosition
from tasker_log_sink.task_progress_writer import CHUNK, PORTION, REST, WAIT_PER_WRITE, ProgressWriter
from tasker_log_sink.testing.messages import finished
from tasker_log_sink.testing.stores import InMemoryStore
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

HERE = TopicPartition("r", 0)


def progress(task_id: str, nominal: float) -> TaskProgress:
    """Where the run of one second brings a task."""
    record = decode_record("results", finished(f"{task_id}-{nominal}", task_id, 3, nominal))
    assert record.run is not None
    assert record.next_time is not None
    return TaskProgress.of(record.next_time, record.run, record.finished)


class Parts:
    def __init__(self) -> None:
        log: Log = structlog.get_logger()
        self.health, self.store, self.backlog = Health(), InMemoryStore(), Backlog()
        self.store.positions = {HERE: StoredPosition(100, 0)}
        self.writer = ProgressWriter(self.store, self.backlog, SystemClock(), self.health, log)

    def last_runs(self) -> dict[str, str]:
        return {one: task["last_run"]["run_id"] for one, task in self.store.documents["tasks"].items()}

    def saved(self) -> int:
        return self.store.positions[HERE].tasks_offset


class InterruptedStore(InMemoryStore):
    """The first write fails, and something happens meanwhile."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._meanwhile: Callable[[], None] | None = meanwhile

    async def write_progress(self, progress: Mapping[str, TaskProgress], now: datetime) -> None:
        if self._meanwhile is not None:
            self._meanwhile()
            self._meanwhile = None
            raise PyMongoError("away")
        await super().write_progress(progress, now)


async def test_progress_is_written_and_then_its_offset_is_saved() -> None:
    parts = Parts()
    parts.writer.add({"a": progress("a", 20), "b": progress("b", 20)}, {HERE: 2})
    parts.writer.add({"a": progress("a", 19)}, {HERE: 3})
    await parts.writer.flush()
    assert parts.last_runs() == {"a": "a-20", "b": "b-20"}
    assert parts.saved() == 3


async def test_no_offset_is_saved_before_the_progress_is_written() -> None:
    parts = Parts()
    parts.store.errors = [PyMongoError("away")]
    many = {f"t{n}": progress(f"t{n}", 20) for n in range(CHUNK + 1)}
    parts.writer.add(many, {HERE: 9})
    writing = asyncio.create_task(parts.writer.write_pending(0))
    async with asyncio.timeout(5):
        while parts.health.report()[1]:
            await asyncio.sleep(0)
    parts.writer.add({"t0": progress("t0", 21)}, {HERE: 10})
    await parts.writer.save_offsets()
    assert parts.saved() == 0
    writing.cancel()
    await asyncio.wait({writing})
    await parts.writer.flush()
    assert parts.last_runs() == {task_id: f"{task_id}-20" for task_id in many} | {"t0": "t0-21"}
    assert (parts.saved(), parts.health.report()[1]) == (10, True)


async def test_progress_that_comes_while_a_write_fails_is_kept() -> None:
    parts = Parts()
    parts.store = InterruptedStore(lambda: parts.writer.add({"a": progress("a", 21)}, {HERE: 2}))
    parts.store.positions = {HERE: StoredPosition(100, 0)}
    parts.writer = ProgressWriter(parts.store, parts.backlog, SystemClock(), parts.health, structlog.get_logger())
    parts.writer.add({"a": progress("a", 20), "b": progress("b", 20)}, {HERE: 1})
    writing = asyncio.create_task(parts.writer.write_pending(0))
    async with asyncio.timeout(5):
        while parts.health.report()[1]:
            await asyncio.sleep(0)
    writing.cancel()
    await asyncio.wait({writing})
    await parts.writer.flush()
    assert (parts.last_runs(), parts.saved()) == ({"a": "a-21", "b": "b-20"}, 2)


async def test_what_is_written_before_a_failure_is_not_written_again() -> None:
    parts, written = Parts(), list[str]()

    class FailingStore(InMemoryStore):
        async def write_progress(self, progress: Mapping[str, TaskProgress], now: datetime) -> None:
            await super().write_progress(progress, now)
            written.extend(progress)
            if len(written) == CHUNK:
                self.errors = [PyMongoError("away")]

    parts.store = FailingStore()
    parts.store.positions = {HERE: StoredPosition(100, 0)}
    writer = ProgressWriter(parts.store, parts.backlog, SystemClock(), parts.health, structlog.get_logger(), no_rest)
    many = {f"t{n}": progress(f"t{n}", 20) for n in range(2 * CHUNK)}
    writer.add(many, {HERE: 7})
    writing = asyncio.create_task(writer.write_pending(0))
    async with asyncio.timeout(5):
        while parts.health.report()[1]:
            await asyncio.sleep(0)
    writing.cancel()
    await asyncio.wait({writing})
    await writer.flush()
    assert sorted(written) == sorted(many)
    assert parts.saved() == 7


async def test_an_offset_is_saved_as_soon_as_what_comes_before_it_is_written() -> None:
    parts, saved = Parts(), list[int]()

    class NotingStore(InMemoryStore):
        async def write_progress(self, progress: Mapping[str, TaskProgress], now: datetime) -> None:
            await writer.save_offsets()
            saved.append(self.positions[HERE].tasks_offset)
            await super().write_progress(progress, now)

    parts.store = NotingStore()
    parts.store.positions = {HERE: StoredPosition(100, 0)}
    writer = ProgressWriter(parts.store, parts.backlog, SystemClock(), parts.health, structlog.get_logger(), no_rest)
    writer.add({f"t{n}": progress(f"t{n}", 20) for n in range(PORTION)}, {HERE: 5})
    writer.add({"t0": progress("t0", 21)}, {HERE: 6})
    assert writer.pending == PORTION, "a task that is pending stays one entry"
    writer.add({"u": progress("u", 20)}, {HERE: 7})
    await writer.write_pending(0)
    assert (saved[0], saved[-1], saved.count(6)) == (0, 6, 1)
    await writer.save_offsets()
    assert (parts.saved(), parts.last_runs()["t0"]) == (7, "t0-21")


async def test_what_is_too_much_at_once_is_written_in_smaller_parts() -> None:
    parts = Parts()

    class NarrowStore(InMemoryStore):
        async def write_progress(self, progress: Mapping[str, TaskProgress], now: datetime) -> None:
            if len(progress) > CHUNK // 2:
                raise PyMongoError("rolled back for the cache")
            await super().write_progress(progress, now)

    parts.store = NarrowStore()
    parts.store.positions = {HERE: StoredPosition(100, 0)}
    writer = ProgressWriter(parts.store, parts.backlog, SystemClock(), parts.health, structlog.get_logger(), no_rest)
    writer.add({f"t{n}": progress(f"t{n}", 20) for n in range(CHUNK + 1)}, {HERE: 5})
    async with asyncio.timeout(30):
        while writer.pending:
            await writer.write_pending(0)
    await writer.save_offsets()
    assert (len(parts.last_runs()), parts.saved()) == (CHUNK + 1, 5)


async def test_one_that_cannot_be_stored_holds_up_no_other() -> None:
    parts = Parts()

    class ChoosyStore(InMemoryStore):
        async def write_progress(self, progress: Mapping[str, TaskProgress], now: datetime) -> None:
            if "t3" in progress:
                raise OverflowError("more than 8 bytes")
            await super().write_progress(progress, now)

    parts.store = ChoosyStore()
    parts.store.positions = {HERE: StoredPosition(100, 0)}
    writer = ProgressWriter(parts.store, parts.backlog, SystemClock(), parts.health, structlog.get_logger(), no_rest)
    writer.add({f"t{n}": progress(f"t{n}", 20) for n in range(9)}, {HERE: 5})
    await writer.write_pending(0)
    await writer.save_offsets()
    assert (sorted(parts.last_runs()), parts.saved()) == ([f"t{n}" for n in range(9) if n != 3], 5)


async def test_with_very_much_of_it_progress_gives_way_no_longer_and_batches_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(task_progress_writer, "MAX_PENDING", 2 * CHUNK)
    parts = Parts()
    parts.backlog.batch_begins(LARGE_BATCH)
    writer = ProgressWriter(parts.store, parts.backlog, SystemClock(), parts.health, structlog.get_logger(), no_rest)
    writer.add({f"t{n}": progress(f"t{n}", 20) for n in range(3 * CHUNK)}, {HERE: 5})
    waiting = asyncio.create_task(writer.make_room())
    writing = asyncio.create_task(writer.write_pending(0))
    async with asyncio.timeout(5):
        await waiting
    assert CHUNK <= len(parts.last_runs()) < 3 * CHUNK
    writing.cancel()
    await asyncio.wait({writing})


async def test_offsets_that_could_not_be_saved_are_saved_later() -> None:
    parts = Parts()
    parts.writer.add({}, {HERE: 2})
    await parts.writer.write_pending(0)
    parts.store.errors = [PyMongoError("away")]
    await parts.writer.save_offsets()
    assert (parts.saved(), parts.health.report()[1]) == (0, False)
    await parts.writer.save_offsets()
    assert parts.saved() == 2


async def test_progress_gives_way_to_a_burst() -> None:
    parts = Parts()
    parts.backlog.batch_begins(LARGE_BATCH)
    parts.writer.add({"a": progress("a", 20)}, {HERE: 1})
    writing = asyncio.create_task(parts.writer.write_pending(0))
    for _ in range(10):
        await asyncio.sleep(0)
    assert parts.last_runs() == {}
    parts.backlog.batch_ends(LARGE_BATCH)
    async with asyncio.timeout(5):
        await writing
    assert parts.last_runs() == {"a": "a-20"}


async def test_it_gives_way_to_a_backlog_again_after_each_write() -> None:
    """What was left of one burst must not delay the log of the next one."""
    parts = Parts()
    many = {f"t{n}": progress(f"t{n}", 20) for n in range(3 * CHUNK)}
    writes = list[float]()

    class SlowStore(InMemoryStore):
        async def write_progress(self, progress: Mapping[str, TaskProgress], now: datetime) -> None:
            began = monotonic()
            parts.backlog.batch_begins(LARGE_BATCH)  # as if the next burst came now
            await super().write_progress(progress, now)
            writes.extend((began, monotonic()))

    parts.store = SlowStore()
    parts.store.positions = {HERE: StoredPosition(100, 0)}
    writer = ProgressWriter(parts.store, parts.backlog, SystemClock(), parts.health, structlog.get_logger(), no_rest)
    writer.add(many, {HERE: 1})
    await writer.write_pending(0)
    assert len(parts.last_runs()) == 3 * CHUNK
    first, second, third = ((writes[n], writes[n + 1]) for n in (0, 2, 4))
    for (began, ended), (next_began, _) in ((first, second), (second, third)):
        assert next_began - ended >= WAIT_PER_WRITE * (ended - began)


async def no_rest(seconds: float) -> None:
    del seconds


async def test_it_rests_for_as_long_as_writing_deserves() -> None:
    """So that tasks that run often are written once for several of their runs, and not at all without need."""
    parts, rests = Parts(), list[float]()

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    writer = ProgressWriter(parts.store, parts.backlog, SystemClock(), parts.health, structlog.get_logger(), rest)
    writer.add({}, {HERE: 1})
    await writer.write_pending(0)
    assert rests == []
    writer.add({"a": progress("a", 20)}, {HERE: 2})
    began = monotonic()
    await writer.write_pending(0)
    (rested,) = rests
    assert 0 < rested <= REST * (monotonic() - began)
