"""The loops beside the one that reads: an error in one of them that nobody foresaw is not passed over."""

import asyncio
from collections.abc import Collection, Iterable, Mapping

import pytest

from tasker_core.kafka_record import Record
from tasker_executor.consumer import commits, lag_probe
from tasker_executor.consumer.commits import OffsetCommitter
from tasker_executor.consumer.consumer import DueConsumer
from tasker_executor.testing.runner_harness import RunnerHarness
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
