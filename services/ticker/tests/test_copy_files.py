"""The files of the copies: broken, locked, of another form, and who may read them."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tasker_runtime.testing import RecordedLog
from tasker_ticker.kafka.committed_records import RecordMark
from tasker_ticker.state_copies.copy_file import ROWS_AT_ONCE, CopyChanged, CopyPosition
from tasker_ticker.state_copies.state_copies import state_copies
from tasker_ticker.testing.copied_partition import TOPICS, CopiedPartition


@pytest.fixture
def machine(tmp_path: Path) -> CopiedPartition:
    return CopiedPartition(tmp_path / "copies")


async def test_a_position_is_written_over_the_one_that_was_read_alone(machine: CopiedPartition) -> None:
    file, position = machine.copies.file(0), CopyPosition(RecordMark(1, 0), 0)
    file.write({}, None, position)
    with pytest.raises(CopyChanged):
        file.write({b"task/a": None}, position._replace(as_of_ms=5), position)


async def test_many_records_are_put_and_removed_at_once(machine: CopiedPartition) -> None:
    names = [f"{n}" for n in range(2 * ROWS_AT_ONCE + 3)]
    machine.put(*names)
    await machine.copier.copy_wanted()
    await machine.whole()
    for name in names[2:]:
        machine.delete(name)
    machine.put("new")
    await machine.copier.copy_wanted()
    assert await machine.whole() == max(machine.state.records) + 1


@pytest.mark.parametrize("broken", [b"", b"no database at all" * 1000])
async def test_a_broken_file_costs_a_start_nothing_but_time(machine: CopiedPartition, broken: bytes) -> None:
    machine.put("a")
    machine.copies.file(0).path.write_bytes(broken)
    assert await machine.whole() == 0
    await machine.copier.copy_wanted()
    assert await machine.whole() > 0


async def test_a_copy_that_cannot_be_decoded_is_removed(machine: CopiedPartition) -> None:
    machine.put("a")
    await machine.copier.copy_wanted()
    with closing(sqlite3.connect(machine.copies.file(0).path)) as database, database:
        database.execute("INSERT INTO state VALUES (x'ff', 'x', NULL, NULL)")
    assert await machine.whole() == 0
    assert not machine.copies.file(0).path.exists()


async def test_a_file_of_another_form_is_made_anew(machine: CopiedPartition) -> None:
    machine.put("a")
    with closing(sqlite3.connect(machine.copies.file(0).path)) as database, database:
        database.execute("CREATE TABLE state (something TEXT)")
        database.execute("PRAGMA user_version = 99")
    assert await machine.whole() == 0
    await machine.copier.copy_wanted()
    assert await machine.whole() > 0


async def test_a_start_waits_for_no_lock_and_leaves_the_copy(machine: CopiedPartition) -> None:
    machine.put("a")
    await machine.copier.copy_wanted()
    with closing(sqlite3.connect(machine.copies.file(0).path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        async with asyncio.timeout(2):
            assert await machine.whole() == 0
    assert await machine.whole() > 0


async def test_nobody_else_may_read_a_copy(machine: CopiedPartition) -> None:
    machine.folder.chmod(0o755)
    machine.put("a")
    await machine.copier.copy_wanted()
    assert {name.stat().st_mode & 0o777 for name in machine.folder.iterdir()} == {0o600}


def test_a_folder_that_is_of_no_use_is_told_at_the_start(tmp_path: Path) -> None:
    log = RecordedLog()
    machine = CopiedPartition(tmp_path / "copies")
    assert state_copies(None, TOPICS, machine, log) is None
    (tmp_path / "file").write_text("")
    assert state_copies(tmp_path / "file" / "below", TOPICS, machine, log) is None
    assert log.fields_of("no copies of the state: a restart reads all from Kafka")[0]["setting"]
    made = state_copies(tmp_path / "new" / "folder", TOPICS, machine, log)
    assert made is not None
    assert (tmp_path / "new" / "folder").stat().st_mode & 0o777 == 0o700
    assert os.listdir(tmp_path / "new" / "folder") == []
