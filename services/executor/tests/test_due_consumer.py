"""The member of the group: what a rebalance amid a poll does, and errors of the loops beside that nobody foresaw."""

import asyncio
from collections.abc import Collection, Iterable, Mapping

import pytest

from tasker_core.kafka_record import Record
from tasker_executor.consumer import commits, lag_probe
from tasker_executor.consumer import consumer as consumer_module
from tasker_executor.consumer.commits import OffsetCommitter
from tasker_executor.consumer.consumer import DueConsumer
from tasker_executor.testing.runner_harness import NewRunnerHarness, RunnerHarness
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.group.group_consumer import Assigned, GroupConsumer, KeptOffsets, PartitionProgress
from tasker_runtime.kafka.lost_records import LossNotes
from tasker_runtime.testing import RecordedLog


class MemberWithoutServer(GroupConsumer):
    """A member whose group gives it no partitions. What a test sets as `errors` is raised by the call of that name."""

    def __init__(self, assigned: Assigned, errors: Mapping[str, Exception]) -> None:
        self._assign, self._errors = assigned, errors

    async def start(self) -> None:
        await self._assign(frozenset())

    async def committed(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, tuple[int, str]]:
        return {}

    async def poll(
        self, wait_ms: int, limit: int | None = None, partitions: Collection[TopicPartition] | None = None
    ) -> list[Record]:
        await asyncio.sleep(0)
        return []

    async def progress(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, PartitionProgress]:
        self._fail("progress")
        return {}

    async def kept(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, KeptOffsets]:
        return {}

    async def ping(self, seconds: float) -> None:
        self._fail("ping")

    async def stop(self) -> None:
        pass

    def _fail(self, call: str) -> None:
        if call in self._errors:
            raise self._errors[call]


NAME = TopicPartition("live", 0)


class MemberAmidRebalance(MemberWithoutServer):
    """A member of which nothing was ever committed. In its first poll the group assigns the same partition once more,
    and the poll goes on under that assignment, as aiokafka's does; the partition begins at `first`."""

    def __init__(self, assigned: Assigned, revoked: Assigned, log: list[Record], first: int) -> None:
        super().__init__(assigned, {})
        self._revoke, self._log, self._first = revoked, log, first
        self.position: int | None = None
        self.has_rebalanced = False

    async def start(self) -> None:
        await self._assign(frozenset({NAME}))

    async def kept(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, KeptOffsets]:
        return {name: KeptOffsets(self._first, self._log[-1].offset + 1) for name in partitions}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.position = offset

    async def commit(self, offsets: Mapping[TopicPartition, tuple[int, str]], seconds: float = 5.0) -> None:
        pass

    async def poll(
        self, wait_ms: int, limit: int | None = None, partitions: Collection[TopicPartition] | None = None
    ) -> list[Record]:
        await asyncio.sleep(0)
        if not self.has_rebalanced:
            self.has_rebalanced = True
            await self._revoke(frozenset({NAME}))
            self.position = None
            await self._assign(frozenset({NAME}))
        position = self._first if self.position is None else self.position
        records = [record for record in self._log if record.offset >= position]
        self.position = self._log[-1].offset + 1
        return records


@pytest.mark.parametrize("first", [0, 2])
async def test_what_a_poll_fetches_after_a_rebalance_is_read_again_though_nothing_was_ever_committed(
    new_runner_harness: NewRunnerHarness, first: int
) -> None:
    harness, health, log = new_runner_harness(), Health(), RecordedLog()
    harness.paused_lanes.add("live")
    runs = [harness.run(handler="default").run_id for _ in range(5)]
    kept = harness.emitted["live"][first:]
    members = list[MemberAmidRebalance]()

    def join(assigned: Assigned, revoked: Assigned) -> GroupConsumer:
        members.append(MemberAmidRebalance(assigned, revoked, kept, first))
        return members[-1]

    committer = OffsetCommitter("writer", LossNotes(SystemClock().now_ms), health, log)
    consumer = DueConsumer(join, {NAME.topic: "live"}, committer, harness.runner, SystemClock(), health, log)
    stopping, drained = asyncio.Event(), asyncio.Event()
    reading = asyncio.create_task(consumer.run(stopping, drained))
    try:
        async with asyncio.timeout(5):
            while len(harness.started) < len(kept):
                await asyncio.sleep(0)
            stopping.set()
            drained.set()
            await reading
    finally:
        reading.cancel()
    assert harness.started == runs[first:]


class PollingMember(MemberWithoutServer):
    """A member of whose polls what each asks for is kept; it gets its partition when a test assigns it."""

    def __init__(self, assigned: Assigned) -> None:
        super().__init__(assigned, {})
        self.polled = list[tuple[TopicPartition, ...]]()

    async def start(self) -> None:
        pass

    async def assign(self) -> None:
        await self._assign(frozenset({NAME}))

    async def kept(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, KeptOffsets]:
        return {name: KeptOffsets(0, 0) for name in partitions}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        pass

    async def commit(self, offsets: Mapping[TopicPartition, tuple[int, str]], seconds: float = 5.0) -> None:
        pass

    async def poll(
        self, wait_ms: int, limit: int | None = None, partitions: Collection[TopicPartition] | None = None
    ) -> list[Record]:
        await asyncio.sleep(0)
        assert partitions is not None
        self.polled.append(tuple(partitions))
        return []


async def test_who_waits_for_partitions_or_lets_its_runs_end_polls_nothing_so_that_it_stays_in_the_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer_module, "WAIT_MS", 1)
    health, log, members = Health(), RecordedLog(), list[PollingMember]()

    def join(assigned: Assigned, _: Assigned) -> GroupConsumer:
        members.append(PollingMember(assigned))
        return members[-1]

    committer = OffsetCommitter("writer", LossNotes(SystemClock().now_ms), health, log)
    consumer = DueConsumer(join, {NAME.topic: "live"}, committer, RunnerHarness().runner, SystemClock(), health, log)
    stopping, drained = asyncio.Event(), asyncio.Event()
    reading = asyncio.create_task(consumer.run(stopping, drained))

    async def until_polled(*partitions: TopicPartition) -> None:
        while not members or members[0].polled[-3:] != [partitions] * 3:
            await asyncio.sleep(0.001)

    try:
        async with asyncio.timeout(5):
            await until_polled()
            await members[0].assign()
            await until_polled(NAME)
            stopping.set()
            await until_polled()
            drained.set()
            await reading
    finally:
        reading.cancel()


@pytest.mark.parametrize("call", ["progress", "ping"])
async def test_an_error_that_nobody_foresaw_in_a_loop_beside_ends_the_consumer(
    monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    monkeypatch.setattr(lag_probe, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(commits, "PROOF_SECONDS", 0.0)
    health, log = Health(), RecordedLog()
    errors = {call: ZeroDivisionError()}
    consumer = DueConsumer(
        lambda assigned, _: MemberWithoutServer(assigned, errors),
        {},
        OffsetCommitter("writer", LossNotes(SystemClock().now_ms), health, log),
        RunnerHarness().runner,
        SystemClock(),
        health,
        log,
    )
    async with asyncio.timeout(5):
        with pytest.raises(ZeroDivisionError):
            await consumer.run(asyncio.Event(), asyncio.Event())
