"""Local copies of the state: a start begins with them where they are of what Kafka holds, and reads all otherwise."""

import asyncio
import shutil
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasker_ticker.kafka.restore import SNAPSHOT_MS
from tasker_ticker.kafka.transaction import TransactionUncertain
from tasker_ticker.testing.copied_partition import CopiedPartition, until
from tasker_ticker.testing.lone_ticker import LoneTicker


@pytest.fixture
def machine(tmp_path: Path) -> CopiedPartition:
    return CopiedPartition(tmp_path / "copies")


async def test_a_start_reads_only_what_came_after_the_copy(machine: CopiedPartition) -> None:
    machine.put("a", "b", "c")
    await machine.copier.copy_wanted()
    copied = max(machine.state.records) + 1
    assert await machine.whole() == copied
    machine.delete("b")
    machine.put("d", "a")
    assert await machine.whole() == copied
    await machine.copier.copy_wanted()
    assert await machine.whole() == max(machine.state.records) + 1


async def test_without_a_copy_all_is_read(machine: CopiedPartition) -> None:
    machine.put("a")
    assert await machine.whole() == 0


async def test_a_topic_that_was_made_anew_is_not_taken_for_the_old_one(machine: CopiedPartition) -> None:
    machine.put("a", "b")
    await machine.copier.copy_wanted()
    machine.remake()
    machine.put("x", "y", "z")
    assert await machine.whole() == 0
    await machine.copier.copy_wanted()
    machine.delete("x")
    assert await machine.whole() > 0


async def test_a_topic_that_was_cut_is_read_whole(machine: CopiedPartition) -> None:
    machine.put("a", "b", "c")
    await machine.copier.copy_wanted()
    machine.remake()
    machine.put("a")
    assert await machine.whole() == 0


async def test_what_takes_the_offsets_of_a_lost_tail_is_read(machine: CopiedPartition) -> None:
    machine.put("a")
    machine.abort(50)
    await machine.copier.copy_wanted()
    machine.lose_tail()
    machine.put("b", "c")
    await machine.whole()
    await machine.copier.copy_wanted()
    await machine.new_copier().copy_wanted()
    await machine.whole()


async def test_a_copy_whose_last_record_is_superseded_and_gone_is_not_used(machine: CopiedPartition) -> None:
    machine.put("a", "b")
    await machine.copier.copy_wanted()
    machine.put("b")
    machine.state.compact()
    assert await machine.whole() == 0


async def test_a_copy_that_is_older_than_tombstones_may_be_is_not_used(machine: CopiedPartition) -> None:
    machine.put("a", "b")
    await machine.copier.copy_wanted()
    machine.now += SNAPSHOT_MS + 1
    machine.delete("a")
    machine.state.compact(tombstones=False)
    assert await machine.whole() == 0
    await machine.copier.copy_wanted()
    await machine.new_copier().copy_wanted()
    assert await machine.whole() > 0


async def test_a_copy_of_before_a_start_of_the_machine_is_not_used(machine: CopiedPartition) -> None:
    machine.put("a")
    await machine.copier.copy_wanted()
    machine.made_by = machine.made_by._replace(boot="another start")
    assert await machine.whole() == 0
    machine.put("b")
    await machine.new_copier().copy_wanted()
    assert await machine.whole() > 0


async def test_of_a_copy_of_another_software_the_records_are_used_and_the_times_are_not(
    machine: CopiedPartition,
) -> None:
    def times() -> list[tuple[int | None, int | None]]:
        reading = machine.copies.file(0).open()
        assert reading is not None
        found = [row[2:] for row in chain.from_iterable(reading.portions(10))]
        reading.close()
        return found

    machine.put("a", "b")
    await machine.copier.copy_wanted()
    known = times()
    assert None not in chain.from_iterable(known)
    machine.made_by = machine.made_by._replace(software="another software")
    assert times() == [(None, None)] * 2
    machine.put("b")
    assert await machine.whole() > 0
    await machine.new_copier().copy_wanted()
    assert times() == known, "made anew, by the other software"
    assert await machine.whole() > 0


@pytest.mark.parametrize(
    ("failure", "kept"), [(TransactionUncertain("Kafka is away"), True), (KeyError("task"), False)]
)
async def test_a_copy_with_which_an_owner_fails_is_not_used_again(
    machine: CopiedPartition, failure: Exception, kept: bool
) -> None:
    machine.put("a")
    await machine.copier.copy_wanted()
    ticker = LoneTicker(failures=1, failure=failure, copies=machine.copies)
    ticker.state = machine.state
    async with ticker.prefetched():
        await ticker.be_given(0)
        await until(lambda: bool(ticker.log.fields_of("owner discarded")))
        await until(lambda: machine.copies.file(0).path.exists() is kept)


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("abcdef")),
        st.tuples(st.just("delete"), st.sampled_from("abcdef")),
        st.tuples(
            st.sampled_from(
                [
                    "copy",
                    "copy",
                    "compact",
                    "other process",
                    "abort",
                    "lose tail",
                    "remake",
                    "upgrade",
                    "new start",
                ]
            ),
            st.just(""),
        ),
        st.tuples(st.just("pass"), st.sampled_from(["600000", "3600001"])),
    ),
    max_size=40,
)


@given(changes=CHANGES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_a_start_with_a_copy_finds_what_kafka_holds(
    changes: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    async def play(machine: CopiedPartition) -> None:
        for change, name in changes:
            match change:
                case "put":
                    machine.put(name)
                case "delete":
                    machine.delete(name)
                case "copy":
                    await machine.copier.copy_wanted()
                case "other process":
                    machine.copier = machine.new_copier()
                case "abort":
                    machine.abort(3)
                case "lose tail":
                    machine.lose_tail()
                case "remake":
                    machine.remake()
                case "upgrade":
                    machine.made_by = machine.made_by._replace(software=machine.made_by.software + "+")
                    machine.copier = machine.new_copier()
                case "new start":
                    machine.made_by = machine.made_by._replace(boot=machine.made_by.boot + "+")
                    machine.copier = machine.new_copier()
                case "pass":
                    machine.now += int(name)
                case _:
                    machine.state.compact()
            await machine.whole()

    folder = tmp_path_factory.mktemp("copies")
    asyncio.run(play(CopiedPartition(folder / "copies")))
    shutil.rmtree(folder)
