"""What becomes of a batch that fails: it is read again whole, but for the one record that nothing can store."""

import asyncio
from datetime import datetime

import pytest

from tasker_core.kafka_record import Record
from tasker_core.time.instant import from_ms
from tasker_log_sink.consuming import batch_writer
from tasker_log_sink.consuming.batch_writer import BATCHES, DATABASE
from tasker_log_sink.store.partition_offsets import OffsetConflict
from tasker_log_sink.testing.members import RESULTS, SingleMember
from tasker_log_sink.testing.messages import NOON_MS, finished
from tasker_runtime.mongo import PyMongoError


@pytest.fixture
async def member() -> SingleMember:
    return await started()


async def started(max_records: int = 100) -> SingleMember:
    member = SingleMember(max_records)
    await member.join()
    return member


def record(offset: int, value: bytes | None = b"") -> Record:
    return Record("r", 0, offset, 0, None, finished(f"r{offset}", "t", 3, 20) if value == b"" else value, ())


async def test_all_is_applied_in_batches() -> None:
    member = await started(max_records=3)
    await member.subscriber.deliver([record(n) for n in range(8)])
    assert member.runs == [f"r{n}" for n in range(8)]
    assert (member.applied, member.reads_again, member.health.checks[DATABASE].good) == (8, False, True)


@pytest.mark.parametrize("error", [PyMongoError("away"), OffsetConflict("by another")])
async def test_a_batch_that_fails_takes_the_rest_with_it(error: Exception) -> None:
    member = await started(max_records=3)
    member.store.errors = [error]
    await member.subscriber.deliver([record(n) for n in range(8)])
    assert (member.runs, member.applied, member.reads_again) == ([], 0, True)


async def test_after_a_failure_it_reads_on_from_what_is_stored(member: SingleMember) -> None:
    await member.subscriber.deliver([record(0), record(1)])
    member.store.errors = [PyMongoError("away"), PyMongoError("still away")]
    await member.subscriber.deliver([record(2)])
    await member.positions.restore(0)
    assert member.reads_again
    await member.positions.restore(0)
    assert member.consumer.positions[RESULTS] == 0, "progress was never saved: it is read again"
    await member.subscriber.deliver([record(n) for n in range(3)])
    assert (member.runs, member.applied, member.reads_again) == (["r0", "r1", "r2"], 3, False)


async def test_the_one_that_cannot_be_stored_is_found_and_becomes_a_dead_letter(member: SingleMember) -> None:
    records = [record(n) for n in range(8)]
    records[5] = record(5, finished("r5", "t", 3, 20, attempt=2**53 - 1))
    member.store.max_storable = 2**50
    await member.subscriber.deliver(records)
    assert member.runs == [f"r{n}" for n in range(8) if n != 5]
    assert (member.dead_letters.offsets, member.applied, member.reads_again) == ([5], 8, False)


async def test_the_search_for_it_publishes_no_other_dead_letter_again(member: SingleMember) -> None:
    records = [record(n) for n in range(8)]
    records[2] = record(2, b"odd")
    records[3] = record(3, finished("r3", "t", 3, 20, attempt=2**53 - 1))
    member.store.max_storable = 2**50
    await member.subscriber.deliver(records)
    assert (sorted(member.dead_letters.offsets), member.applied) == ([2, 3], 8)


async def test_a_dead_letter_that_is_not_acknowledged_stops_the_batch(member: SingleMember) -> None:
    member.dead_letters.is_up = False
    records = [record(0), record(1, b"odd"), record(2)]
    await member.subscriber.deliver(records)
    assert (member.runs, member.reads_again, member.health.checks[BATCHES].good) == ([], True, False)
    member.dead_letters.is_up = True
    await member.positions.restore(0)
    await member.subscriber.deliver(records)
    assert (member.runs, member.dead_letters.offsets) == (["r0", "r2"], [1])
    assert member.health.checks[BATCHES].good


async def test_thousands_of_dead_letters_are_not_on_their_way_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka would take longer for all of them than each has: none of a batch would ever be enough."""
    member, sending, most = await started(max_records=2_000), 0, 0

    async def publish(record: Record, _: str) -> None:
        nonlocal sending, most
        sending += 1
        most = max(most, sending)
        await asyncio.sleep(0)
        sending -= 1
        member.dead_letters.offsets.append(record.offset)

    monkeypatch.setattr(member.dead_letters, "publish", publish)
    await member.subscriber.deliver([record(n, b"odd") for n in range(1_000)])
    assert (member.dead_letters.offsets, member.applied) == (list(range(1_000)), 1_000)
    assert most <= 200


async def test_what_is_read_again_for_its_progress_is_no_second_dead_letter(member: SingleMember) -> None:
    await member.subscriber.deliver([record(0), record(1, b"odd")])
    await member.subscriber.rebalance(RESULTS)
    await member.positions.restore(0)
    await member.subscriber.deliver([record(0), record(1, b"odd"), record(2)])
    assert (member.runs, member.dead_letters.offsets, member.applied) == (["r0", "r2"], [1], 3)


async def test_an_error_that_nobody_foresaw_passes_nothing_over(member: SingleMember) -> None:
    member.store.errors = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        await member.subscriber.deliver([record(0)])
    assert (member.reads_again, member.health.checks[BATCHES].good) == (True, False)


async def test_a_long_read_is_no_batch_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    member, began, now = await started(max_records=3), list[float | None](), 0.0

    def each_batch_takes_a_minute() -> datetime:
        nonlocal now
        began.append(member.writer.busy_since)
        now += 60.0
        return from_ms(NOON_MS)

    monkeypatch.setattr(batch_writer, "monotonic", lambda: now)
    monkeypatch.setattr(member.writer, "_now", each_batch_takes_a_minute)
    await member.subscriber.deliver([record(n) for n in range(8)])
    assert (member.applied, began, member.writer.busy_since) == (8, [0.0, 60.0, 120.0], None)
