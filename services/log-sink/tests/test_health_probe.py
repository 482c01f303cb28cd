"""What the probe sees of what goes on by itself."""

from datetime import datetime
from time import monotonic

import pytest

from tasker_core.kafka_record import Record
from tasker_core.time.instant import from_ms
from tasker_log_sink.consuming.batch_writer import DATABASE
from tasker_log_sink.consuming.gap_detector import CHECK as GAPS
from tasker_log_sink.health_probe import ASK_MS, HANGS_SECONDS, KAFKA, LOOP, SILENT_MS, HealthProbe
from tasker_log_sink.testing.members import RESULTS, SingleMember
from tasker_log_sink.testing.messages import NOON_MS, finished
from tasker_runtime.kafka.client import KafkaTimeout, TopicPartition
from tasker_runtime.mongo import PyMongoError

OTHER = TopicPartition(RESULTS.topic, 1)


class SettableClock:
    """`ms` go on as time does, `steps_ms` are what the clock was set by."""

    def __init__(self) -> None:
        self.ms, self.steps_ms = NOON_MS, 0

    def now_ms(self) -> int:
        return self.ms + self.steps_ms


class FakeDatabase:
    is_up = True

    async def ping(self) -> None:
        if not self.is_up:
            raise PyMongoError("away")


class FakeRebuilds:
    began_ms: int | None = None

    async def finished_rebuild(self) -> datetime | None:
        return None if self.began_ms is None else from_ms(self.began_ms)


class Parts:
    def __init__(self) -> None:
        self.clock, self.database, self.rebuilds = SettableClock(), FakeDatabase(), FakeRebuilds()
        self.member = SingleMember(clock=self.clock)
        self.health = self.member.health
        self.health.expect(KAFKA)
        self.health.expect(LOOP)
        member = self.member
        self.probe = HealthProbe(
            member.positions,
            member.writer,
            member.gaps,
            self.database,
            self.rebuilds,
            RESULTS,
            self.health,
            lambda: self.clock.ms,
        )

    def answer(self, *partitions: TopicPartition) -> None:
        """A fetch of these is answered now."""
        self.member.consumer.polled_ms |= dict.fromkeys(partitions, self.clock.now_ms())

    async def seen(self, check: str) -> bool:
        await self.probe.probe()
        return self.health.checks[check].good


@pytest.fixture
async def parts() -> Parts:
    found = Parts()
    await found.member.join()
    return found


async def test_a_subscriber_whose_loop_has_ended_is_seen(parts: Parts) -> None:
    parts.member.subscriber.is_running = False
    assert not await parts.seen(LOOP)
    parts.member.subscriber.is_running = True
    assert await parts.seen(LOOP)


async def test_a_batch_that_hangs_is_seen(parts: Parts) -> None:
    parts.member.writer.busy_since = monotonic() - HANGS_SECONDS
    assert not await parts.seen(LOOP)


async def test_fetches_that_are_not_answered_are_seen(parts: Parts) -> None:
    parts.answer(RESULTS)
    assert await parts.seen(KAFKA)
    parts.clock.ms += SILENT_MS
    assert await parts.seen(KAFKA)
    parts.clock.ms += 1
    assert not await parts.seen(KAFKA)
    parts.answer(RESULTS)
    assert await parts.seen(KAFKA)


async def test_a_partition_that_was_never_answered_is_seen(parts: Parts) -> None:
    assert await parts.seen(KAFKA)
    parts.clock.ms += SILENT_MS + 1
    assert not await parts.seen(KAFKA)


async def test_one_broker_of_several_that_does_not_answer_is_seen(parts: Parts) -> None:
    await parts.member.subscriber.rebalance(RESULTS, OTHER)
    await parts.member.positions.restore(0)
    parts.answer(RESULTS, OTHER)
    assert await parts.seen(KAFKA)
    parts.clock.ms += SILENT_MS + 1
    parts.answer(RESULTS)
    assert not await parts.seen(KAFKA)
    assert parts.health.checks[KAFKA].detail == "no fetch was answered for 10 s of r 1"
    parts.answer(OTHER)
    assert await parts.seen(KAFKA)


async def test_a_partition_whose_records_wait_here_is_not_asked_for(parts: Parts) -> None:
    parts.answer(RESULTS)
    parts.member.subscriber.waiting = frozenset({RESULTS})
    for _ in range(3):
        parts.clock.ms += SILENT_MS + 1
        assert await parts.seen(KAFKA)
    parts.member.subscriber.waiting = frozenset()
    parts.clock.ms += SILENT_MS
    assert await parts.seen(KAFKA), "it is asked for anew from now on"
    parts.clock.ms += 1
    assert not await parts.seen(KAFKA)


async def test_a_clock_that_is_set_makes_no_fetch_late(parts: Parts) -> None:
    parts.answer(RESULTS)
    assert await parts.seen(KAFKA)
    parts.clock.steps_ms += 3_600_000
    assert await parts.seen(KAFKA)


async def test_without_a_partition_nothing_is_fetched(parts: Parts) -> None:
    await parts.member.subscriber.rebalance()
    parts.clock.ms += SILENT_MS + 1
    assert await parts.seen(KAFKA)


async def test_a_database_that_is_away_is_seen(parts: Parts) -> None:
    parts.database.is_up = False
    assert not await parts.seen(DATABASE)
    parts.database.is_up = True
    assert await parts.seen(DATABASE)


async def test_records_that_kafka_deleted_are_seen_and_skipped_markers_are_not(parts: Parts) -> None:
    async def read(offset: int) -> None:
        value = finished(f"r{offset}", "t", 3, 20)
        await parts.member.subscriber.deliver([Record(RESULTS.topic, RESULTS.partition, offset, 0, None, value, ())])

    await read(2)
    assert await parts.seen(GAPS), "Kafka still holds what was skipped"
    await read(9)
    parts.member.consumer.first = 9
    assert not await parts.seen(GAPS)
    assert "records 3..8" in parts.health.checks[GAPS].detail


async def test_a_gap_is_over_when_a_rebuild_is_done_that_began_after_it(parts: Parts) -> None:
    parts.rebuilds.began_ms = parts.clock.ms - 1
    parts.member.gaps.report_other_clusters("new", ["old"])
    assert not await parts.seen(GAPS)
    parts.clock.ms += 5_000
    parts.rebuilds.began_ms = parts.clock.ms - 1_000
    assert await parts.seen(GAPS)
    parts.member.gaps.report_other_clusters("new", ["older"])
    assert not await parts.seen(GAPS)


async def test_a_rebuild_counts_that_began_between_a_gap_and_the_next_look(parts: Parts) -> None:
    parts.member.gaps.report_other_clusters("new", ["old"])
    parts.clock.ms += 1_000
    parts.rebuilds.began_ms = parts.clock.ms
    parts.clock.ms += 1_000
    assert await parts.seen(GAPS)


async def test_a_member_without_partitions_asks_kafka_whether_it_answers(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = parts.member.consumer
    consumer.assigned.clear()
    assert await parts.seen(KAFKA)

    async def no_answer(_: object) -> dict[TopicPartition, int]:
        raise KafkaTimeout("away")

    monkeypatch.setattr(consumer, "beginning_offsets", no_answer)
    parts.clock.ms += ASK_MS
    assert not await parts.seen(KAFKA)
    monkeypatch.undo()
    assert await parts.seen(KAFKA)


async def test_an_end_that_kafka_has_lost_is_seen_and_what_is_there_is_read_anew(parts: Parts) -> None:
    consumer = parts.member.consumer
    consumer.end = 10
    for offset in range(10):
        value = finished(f"r{offset}", "t", 3, 20)
        await parts.member.subscriber.deliver([Record(RESULTS.topic, RESULTS.partition, offset, 0, None, value, ())])
    parts.clock.ms += ASK_MS
    assert await parts.seen(GAPS)
    consumer.end = 4
    parts.clock.ms += ASK_MS
    assert not await parts.seen(GAPS)
    assert "ends at offset 4, but 10 was applied: it has lost its end" in parts.health.checks[GAPS].detail
    assert RESULTS in consumer.paused, "its position is restored first"
    await parts.member.positions.restore(0)
    assert consumer.positions[RESULTS] == consumer.first
