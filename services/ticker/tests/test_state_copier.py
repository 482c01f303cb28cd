"""How copies of the state are kept up to date, and what happens where that fails."""

import asyncio
import os
import shutil
from collections import defaultdict
from pathlib import Path
from unittest.mock import AsyncMock

import pytest

from tasker_core.kafka_record import Record
from tasker_runtime.kafka.client import KafkaTimeout, TopicPartition
from tasker_ticker import metrics
from tasker_ticker.kafka.committed_records import RecordMark
from tasker_ticker.kafka.restore import SNAPSHOT_MS
from tasker_ticker.state_copies import copier as copier_module
from tasker_ticker.state_copies import state_copies as copies_module
from tasker_ticker.state_copies.copier import FAILED_MS, UNCHANGED_MS, StateCopier
from tasker_ticker.state_copies.copy_file import CopyPosition
from tasker_ticker.testing.copied_partition import STATE, TOPICS, CopiedPartition, until
from tasker_ticker.testing.stored_log import StoredLog, StoredLogReader


@pytest.fixture
def machine(tmp_path: Path) -> CopiedPartition:
    return CopiedPartition(tmp_path / "copies")


async def test_the_age_of_a_copy_is_that_of_the_beginning_of_its_reading(machine: CopiedPartition) -> None:
    machine.put("a")
    began = machine.now

    class SlowReader(StoredLogReader):
        async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
            found = await StoredLogReader.bounds(self, partition)
            machine.now += 5_000
            return found

    slow = SlowReader(defaultdict(StoredLog, {STATE: machine.state}))
    await StateCopier(machine.copies, lambda: slow, TOPICS, lambda: [0], machine, machine.log, 60).copy_wanted()
    position = machine.position()
    assert position is not None
    assert position.as_of_ms == began


async def test_a_copy_of_what_does_not_change_stays_young(machine: CopiedPartition) -> None:
    machine.put("a")
    await machine.copier.copy_wanted()
    for _ in range(2 * SNAPSHOT_MS // UNCHANGED_MS):
        machine.now += UNCHANGED_MS
        await machine.copier.copy_wanted()
    assert await machine.whole() > 0


async def test_while_nothing_changes_nothing_is_read_or_written(machine: CopiedPartition) -> None:
    machine.put("a")
    await machine.copier.copy_wanted()
    written = machine.copies.file(0).path.stat().st_mtime_ns
    machine.readers[-1].sought.clear()
    await machine.copier.copy_wanted()
    assert machine.copies.file(0).path.stat().st_mtime_ns == written
    assert STATE not in machine.readers[-1].sought


async def test_between_rounds_it_stays_connected_and_reads_nothing(machine: CopiedPartition) -> None:
    machine.put("a")
    await machine.copier.copy_wanted()
    assert machine.readers[-1].assigned is None
    machine.put("b")
    await machine.copier.copy_wanted()
    assert (len(machine.readers), machine.readers[-1].assigned) == (1, None)
    assert await machine.whole() > 0


async def test_after_an_error_it_connects_anew(machine: CopiedPartition, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.put("a")
    with monkeypatch.context() as failing:
        failing.setattr(StoredLogReader, "bounds", AsyncMock(side_effect=KafkaTimeout("the test says so")))
        await machine.copier.copy_wanted()
    await machine.copier.copy_wanted()
    assert len(machine.readers) == 2
    assert await machine.whole() > 0


async def test_the_age_is_shown_of_what_it_copies_alone(machine: CopiedPartition) -> None:
    def shown() -> dict[str, float]:
        return {one.labels["partition"]: one.value for family in metrics.COPIED.collect() for one in family.samples}

    machine.put("a")
    wanted = [0]
    copier = StateCopier(machine.copies, machine.reader, TOPICS, lambda: wanted, machine, machine.log, 60)
    await copier.copy_wanted()
    assert shown() == {"0": machine.now / 1000}
    wanted.clear()
    await copier.copy_wanted()
    assert shown() == {}


async def test_files_that_nobody_keeps_any_more_are_removed(machine: CopiedPartition) -> None:
    machine.put("a")
    await machine.copier.copy_wanted()
    kept, left = machine.copies.file(0), machine.copies.file(1)
    left.write({}, None, CopyPosition(RecordMark(1, 0), 0))
    await machine.copier.copy_wanted()
    assert left.path.exists()
    for path in machine.folder.glob(f"{left.path.name}*"):
        os.utime(path, (0, machine.now / 1000 - copies_module.UNUSED_SECONDS - 1))
    await machine.copier.copy_wanted()
    assert {path.name for path in machine.folder.iterdir()} == {kept.path.name}


async def test_processes_that_share_a_copy_go_on_where_another_one_has_ended(machine: CopiedPartition) -> None:
    other = machine.new_copier()
    for copier in (machine.copier, other, machine.copier, other):
        machine.put("a", "b")
        await copier.copy_wanted()
        assert await machine.whole() == max(machine.state.records) + 1
    assert machine.log.fields_of("state not copied") == []


async def test_processes_that_share_a_copy_do_not_mix_what_they_write(machine: CopiedPartition) -> None:
    machine.put("a", "b")
    other = machine.new_copier()
    await machine.copier.copy_wanted()
    machine.delete("a")

    class Overtaken(StoredLogReader):
        async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
            found = await StoredLogReader.poll(self, wait_ms, limit)
            if "c" not in machine.tasks:
                machine.put("c")
                await other.copy_wanted()
            return found

    slow = Overtaken(defaultdict(StoredLog, {STATE: machine.state}))
    copier = StateCopier(machine.copies, lambda: slow, TOPICS, lambda: [0], machine, machine.log, 60)
    await copier.copy_wanted()
    assert "changed by another process" in str(machine.log.fields_of("state not copied"))
    assert await machine.whole() == max(machine.state.records) + 1


async def test_a_partition_whose_copy_cannot_be_written_is_left_alone_for_a_while(machine: CopiedPartition) -> None:
    machine.put("a")
    machine.copies.file(0).path.mkdir()
    await machine.copier.copy_wanted()
    readers = len(machine.readers)
    await machine.copier.copy_wanted()
    assert len(machine.readers) == readers
    assert await machine.whole() == 0
    machine.copies.file(0).path.rmdir()
    machine.now += FAILED_MS
    await machine.copier.copy_wanted()
    assert await machine.whole() > 0


async def test_a_disk_that_is_nearly_full_is_left_to_others(
    machine: CopiedPartition, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.put("a")
    monkeypatch.setattr(copies_module, "LEAST_FREE", 1 << 62)
    await machine.copier.copy_wanted()
    assert machine.position() is None
    assert "are free" in machine.log.fields_of("state not copied")[0]["reason"]


async def test_copies_may_be_deleted_at_any_time(machine: CopiedPartition) -> None:
    machine.put("a")
    await machine.copier.copy_wanted()
    shutil.rmtree(machine.folder)
    machine.put("b")
    await machine.copier.copy_wanted()
    await machine.whole()
    await machine.copier.copy_wanted()
    assert await machine.whole() > 0


async def test_a_copy_that_was_stopped_midway_is_good_as_far_as_it_goes(
    machine: CopiedPartition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copier_module, "READ_AT_ONCE", 2)
    monkeypatch.setattr(copier_module, "WRITTEN_AT_ONCE", 2)
    machine.put("a", "b", "c", "d", "e")
    machine.copier.stop()
    await StateCopier.copy_wanted(machine.copier)
    assert machine.position() is None
    stopping = machine.new_copier()
    running = asyncio.create_task(stopping.copy_wanted())
    await until(lambda: machine.position() is not None)
    stopping.stop()
    await running
    position = machine.position()
    assert position is not None
    assert await machine.whole() == position.last.offset + 1
    await machine.new_copier().copy_wanted()
    assert await machine.whole() == max(machine.state.records) + 1


async def test_others_are_copied_beside_a_partition_that_cannot_be_read(machine: CopiedPartition) -> None:
    second = TopicPartition(STATE.topic, 1)

    class FirstIsAway(StoredLogReader):
        async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
            if partition == STATE:
                raise KafkaTimeout("the test says so")
            return await StoredLogReader.bounds(self, partition)

    machine.put("a")
    reader = FirstIsAway(defaultdict(StoredLog, {second: machine.state}))
    copier = StateCopier(machine.copies, lambda: reader, TOPICS, lambda: [0, 1], machine, machine.log, 60)
    await copier.copy_wanted()
    assert (machine.position(), machine.copies.file(1).position() is None) == (None, False)


async def test_rounds_go_on_after_an_error_until_they_are_to_stop(machine: CopiedPartition) -> None:
    failing = True

    def owned() -> list[int]:
        if failing:
            raise KafkaTimeout("the test says so")
        return [0]

    machine.put("a")
    copier = StateCopier(machine.copies, machine.reader, TOPICS, owned, machine, machine.log, 0.001)
    running = asyncio.create_task(copier.run())
    await until(lambda: bool(machine.log.fields_of("state not copied")))
    failing = False
    await until(lambda: machine.position() is not None)
    copier.stop()
    async with asyncio.timeout(5):
        await running


def next_times(machine: CopiedPartition) -> dict[bytes, int | None]:
    """By key, the next time that a start takes from the copy."""
    reading = machine.copies.file(0).open()
    assert reading is not None
    found = {row[0]: row[3] for rows in reading.portions(100) for row in rows}
    reading.close()
    return found


async def test_next_times_that_have_passed_are_computed_anew_for_tasks_that_run_seldom(
    machine: CopiedPartition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copier_module, "READ_AT_ONCE", 2)
    hourly = {f"hourly-{n}": b'{"cron":"0 * * * *","timezone":"UTC"}' for n in range(5)}
    often = {f"often-{n}": b'{"cron":"*/5 * * * *","timezone":"UTC"}' for n in range(5)}
    machine.put("yearly")
    for name, schedule in (hourly | often).items():
        machine.put(name, schedule=schedule)
    await machine.copier.copy_wanted()
    before = next_times(machine)
    for _ in range(2 * 3_600_000 // UNCHANGED_MS):
        machine.now += UNCHANGED_MS
        await machine.copier.copy_wanted()
    after, second = next_times(machine), machine.now // 1000
    assert after[b"task/yearly"] == before[b"task/yearly"]
    for name in hourly:
        assert after[f"task/{name}".encode()] == second // 3600 * 3600 + 3600
    for name in often:
        assert after[f"task/{name}".encode()] == before[f"task/{name}".encode()]
    assert await machine.whole() > 0
