"""Local copies of the state: a start begins with them where they are of what Kafka holds, and reads all otherwise."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasker_core.topics import Topics
from tasker_runtime.kafka.client import KafkaTimeout, TopicPartition
from tasker_runtime.testing import RecordedLog
from tasker_ticker.kafka.restore import SNAPSHOT_MS, RecordMark, restore
from tasker_ticker.state_copies.copied_records import CopiedRecord
from tasker_ticker.state_copies.copier import UNCHANGED_MS, StateCopier
from tasker_ticker.state_copies.copy_file import CopyChanged, CopyPosition
from tasker_ticker.state_copies.state_copies import StateCopies
from tasker_ticker.testing.stored_log import StoredLog, StoredLogReader, stored_task

TOPICS = Topics("t")
STATE = TopicPartition(TOPICS["ticker-state"], 0)
MARKS = TopicPartition(TOPICS["watermarks"], 0)


class Machine:
    """One partition of `ticker-state`, a clock, and the folder of the copies."""

    def __init__(self, folder: Path) -> None:
        self.now, self.state, self.log = 1_700_000_000_000, StoredLog(), RecordedLog()
        self.copies = StateCopies(folder, TOPICS, self, self.log)
        self.copies.prepare()
        self.readers = list[StoredLogReader]()
        self.copier = self.new_copier()

    def now_ms(self) -> int:
        return self.now

    def new_copier(self) -> StateCopier:
        """That of another process."""
        return StateCopier(self.copies, self.reader, TOPICS, lambda: [0], self, self.log, 60)

    def reader(self) -> StoredLogReader:
        self.readers.append(StoredLogReader(defaultdict(StoredLog, {STATE: self.state})))
        return self.readers[-1]

    async def restored(self) -> tuple[list[str], int]:
        """The tasks that a start finds, and from which offset on it has read the state."""
        reader, snapshot = self.reader(), await self.copies.load(0)
        found = await restore(reader, TOPICS, 0, self.log, snapshot)
        return sorted(found.stored.tasks), reader.sought[STATE]

    def put(self, *names: str, markers: int = 1) -> None:
        for name in names:
            self.state.append(*stored_task(name), markers=markers)

    def delete(self, name: str) -> None:
        self.state.append(f"task/{name}".encode(), None, markers=1)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "copies")


async def test_a_start_reads_only_what_came_after_the_copy(machine: Machine) -> None:
    machine.put("a", "b", "c")
    await machine.copier.copy_owned()
    assert await machine.restored() == (["a", "b", "c"], machine.state.end)
    copied = machine.state.end
    machine.delete("b")
    machine.put("d")
    assert await machine.restored() == (["a", "c", "d"], copied)
    await machine.copier.copy_owned()
    assert await machine.restored() == (["a", "c", "d"], machine.state.end)


async def test_without_a_copy_all_is_read(machine: Machine) -> None:
    machine.put("a")
    assert await machine.restored() == (["a"], 0)


async def test_a_topic_that_was_made_anew_is_not_taken_for_the_old_one(machine: Machine) -> None:
    machine.put("a", "b")
    await machine.copier.copy_owned()
    machine.state = StoredLog(appended_ms=5)
    machine.put("a", "b", "x")
    assert await machine.restored() == (["a", "b", "x"], 0)
    assert machine.log.fields_of("copy of the state not used: Kafka holds another one")
    await machine.copier.copy_owned()
    machine.delete("a")
    assert (await machine.restored())[0] == ["b", "x"]


async def test_a_topic_that_was_cut_is_read_whole(machine: Machine) -> None:
    machine.put("a", "b", "c")
    await machine.copier.copy_owned()
    cut = StoredLog()
    cut.append(*stored_task("a"))
    machine.state = cut
    assert await machine.restored() == (["a"], 0)


async def test_a_copy_whose_last_record_is_superseded_and_gone_is_not_used(machine: Machine) -> None:
    machine.put("a", "b")
    await machine.copier.copy_owned()
    (last,) = [offset for offset, (key, _) in machine.state.records.items() if key == b"task/b"]
    machine.put("b")
    del machine.state.records[last]
    assert await machine.restored() == (["a", "b"], 0)


async def test_a_copy_that_is_older_than_tombstones_may_be_is_not_used(machine: Machine) -> None:
    machine.put("a", "b")
    await machine.copier.copy_owned()
    machine.now += SNAPSHOT_MS + 1
    machine.state.records = {offset: pair for offset, pair in machine.state.records.items() if pair[0] != b"task/a"}
    assert await machine.restored() == (["b"], 0)
    await machine.copier.copy_owned()
    await machine.new_copier().copy_owned()
    assert await machine.restored() == (["b"], machine.state.end)


async def test_a_copy_of_what_does_not_change_stays_young(machine: Machine) -> None:
    machine.put("a")
    await machine.copier.copy_owned()
    for _ in range(2 * SNAPSHOT_MS // UNCHANGED_MS):
        machine.now += UNCHANGED_MS
        await machine.copier.copy_owned()
    assert await machine.restored() == (["a"], machine.state.end)


async def test_while_nothing_changes_nothing_is_read_or_written(machine: Machine) -> None:
    machine.put("a")
    await machine.copier.copy_owned()
    file = machine.copies.file(0).path
    written = file.stat().st_mtime_ns
    await machine.copier.copy_owned()
    assert file.stat().st_mtime_ns == written
    assert STATE not in machine.readers[-1].sought


async def test_processes_that_share_a_copy_do_not_mix_what_they_write(machine: Machine) -> None:
    machine.put("a", "b")
    other = machine.new_copier()
    await other.copy_owned()
    await machine.copier.copy_owned()
    machine.delete("a")
    await machine.copier.copy_owned()
    machine.put("c")
    with pytest.raises(CopyChanged):
        await other.copy_owned()
    await other.copy_owned()
    assert await machine.restored() == (["b", "c"], machine.state.end)


@pytest.mark.parametrize("broken", [b"", b"no database at all" * 1000])
async def test_a_broken_file_costs_a_start_nothing_but_time(machine: Machine, broken: bytes) -> None:
    machine.put("a")
    machine.copies.file(0).path.write_bytes(broken)
    assert await machine.restored() == (["a"], 0)
    await machine.copier.copy_owned()
    await machine.copier.copy_owned()
    assert await machine.restored() == (["a"], machine.state.end)


async def test_a_file_of_another_form_is_made_anew(machine: Machine) -> None:
    machine.put("a")
    with sqlite3.connect(machine.copies.file(0).path) as database:
        database.execute("CREATE TABLE state (something TEXT)")
        database.execute("PRAGMA user_version = 99")
    assert await machine.restored() == (["a"], 0)
    await machine.copier.copy_owned()
    assert await machine.restored() == (["a"], machine.state.end)


async def test_where_a_copy_cannot_be_written_it_is_said_and_the_start_reads_all(machine: Machine) -> None:
    machine.put("a")
    machine.copies.file(0).path.mkdir()
    await machine.copier.copy_owned()
    assert await machine.restored() == (["a"], 0)
    assert machine.log.fields_of("copy of the state removed")


async def test_a_copy_that_is_being_made_is_good_as_far_as_it_goes(machine: Machine) -> None:
    """As after a kill amid the first copy."""
    machine.put("a", "b")
    last = RecordMark(0, 0)
    key, value = stored_task("a")
    machine.copies.file(0).write({key: CopiedRecord(value)}, None, CopyPosition(1, last, machine.now))
    assert await machine.restored() == (["a", "b"], 1)


async def test_rounds_go_on_after_an_error_until_they_are_to_stop(machine: Machine) -> None:
    failing = True

    def owned() -> list[int]:
        if failing:
            raise KafkaTimeout("the test says so")
        return [0]

    machine.put("a")
    copier = StateCopier(machine.copies, machine.reader, TOPICS, owned, machine, machine.log, 0.001)
    running = asyncio.create_task(copier.run())
    await _until(lambda: bool(machine.log.fields_of("state not copied")))
    failing = False
    await _until(lambda: machine.copies.file(0).position() is not None)
    copier.stop()
    async with asyncio.timeout(5):
        await running


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("abcdef")),
        st.tuples(st.just("delete"), st.sampled_from("abcdef")),
        st.tuples(st.just("copy"), st.just("")),
        st.tuples(st.just("compact"), st.just("")),
        st.tuples(st.just("restart"), st.just("")),
    ),
    max_size=40,
)


@given(changes=CHANGES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_a_start_with_a_copy_finds_what_one_without_finds(
    changes: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def play() -> None:
        machine = Machine(tmp_path_factory.mktemp("copies"))
        expected = set[str]()
        for change, name in changes:
            match change:
                case "put":
                    machine.put(name)
                    expected.add(name)
                case "delete":
                    machine.delete(name)
                    expected.discard(name)
                case "copy":
                    await machine.copier.copy_owned()
                case "restart":
                    machine.copier = machine.new_copier()
                case _:
                    machine.state.compact()
            assert (await machine.restored())[0] == sorted(expected)

    asyncio.run(play())


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.005)
