"""Due runs that Kafka has lost are told: by retention, by a log that was cut, at the start and while reading."""

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from tasker_core.loss_note import LossNote, note_in
from tasker_core.topics import partition_of
from tasker_devstack.polling import eventually
from tasker_executor.consumer.lost_run_probe import LostRunProbe
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.partition.offsets import OffsetProgress, OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.testing.executor_harness import ExecutorHarness
from tasker_runtime.health import Health
from tasker_runtime.kafka.admin_client import admin_client, group_commits
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.group.group_consumer import KeptOffsets
from tasker_runtime.kafka.lost_records import CHECK, LossNotes
from tasker_runtime.testing import RecordedLog

NAME = TopicPartition("due-tasks", 0)
QUICK = LocalHandlers(quick={"default": lambda run: None}, slow={}, hosts={})


class KeptBySomebody:
    """What a test says that Kafka holds."""

    def __init__(self) -> None:
        self.offsets = KeptOffsets(0, 10)

    async def kept(self, partitions: Any) -> dict[TopicPartition, KeptOffsets]:
        return dict.fromkeys(partitions, self.offsets)


class Probed:
    """A probe of one partition, of which 0 to 9 are read and finished."""

    def __init__(self) -> None:
        self.health, self.kafka = Health(), KeptBySomebody()
        self.notes = LossNotes(lambda: 1_000)
        self.probe = LostRunProbe(self.notes, self.health, RecordedLog())
        self.tracker = OffsetTracker(OffsetProgress(10))
        self._partitions = {NAME: LanePartition("live", self.tracker)}

    async def look(self) -> str:
        await self.probe.look(self.kafka, self._partitions)
        return self.health.checks[CHECK].detail


async def test_runs_that_were_deleted_before_the_start_are_told_however_fast_reading_goes_on() -> None:
    probed = Probed()
    probed.probe.begin(NAME, 10)
    probed.kafka.offsets = KeptOffsets(15, 30)
    for offset in range(15, 30):
        probed.tracker.accept(offset)
    assert "offsets 10 to 14 of due-tasks partition 0 were deleted unread" in await probed.look()
    assert probed.notes.of(NAME) == LossNote(5, 1_000)


async def test_runs_that_are_deleted_while_reading_are_told_and_markers_are_none() -> None:
    probed = Probed()
    probed.kafka.offsets = KeptOffsets(0, 50)
    probed.probe.begin(NAME, 10)
    for offset in (10, 12, 14, 40):
        probed.tracker.accept(offset)
    assert await probed.look() == "ok"
    for offset in (42, 60, 62):
        probed.tracker.accept(offset)
    probed.kafka.offsets = KeptOffsets(60, 70)
    assert "offsets 43 to 59" in await probed.look()


async def test_a_log_that_was_cut_is_told() -> None:
    probed = Probed()
    probed.tracker.accept(10)
    probed.kafka.offsets = KeptOffsets(0, 4)
    assert "ends at offset 4, and was read up to 11" in await probed.look()


async def test_an_idle_partition_whose_last_marker_expired_is_no_loss() -> None:
    probed = Probed()
    probed.probe.begin(NAME, 10)
    probed.kafka.offsets = KeptOffsets(11, 11)
    assert await probed.look() == "ok"


async def test_what_retention_takes_while_no_executor_runs_is_told_and_the_others_run(
    harness: ExecutorHarness,
) -> None:
    async with harness.executor(QUICK):
        task = harness.task_in()
        await harness.all_finished([await harness.send(task_id=task)])
    gone = [await harness.send(task_id=task) for _ in range(5)]
    kept = await harness.send(task_id=task)
    partition = TopicPartition(harness.topics["due-tasks"], partition_of(task, 12))
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=harness.bootstrap)
    await admin.start()
    await admin.delete_records({partition: RecordsToDelete(before_offset=6)})
    await admin.close()
    async with harness.executor(QUICK) as health:
        await harness.all_finished([kept])
        await harness.until(lambda: not health.checks[CHECK].good, "the loss is told")
        assert f"offsets 1 to 5 of {partition.topic}" in health.checks[CHECK].detail
        assert health.report().ready, "it serves the others"
        async with admin_client(KafkaConnection(harness.bootstrap)) as client:

            async def noted() -> bool:
                commits = await group_commits(client, f"{harness.prefix}-executor")
                note = note_in(commits[partition].metadata)
                return note is not None and note.records == 5

            await eventually(noted, "it stands beside the commit, for the API")
    assert not {run.run_id for run in gone} & harness.finished().keys()
