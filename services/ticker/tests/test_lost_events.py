"""Task events that Kafka has lost are told, and what comes in their place is not taken for them."""

from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from tasker_core.kafka_record import Record
from tasker_core.loss_note import note_in
from tasker_core.topics import Topics, partition_of
from tasker_devstack.occurrence_audit import read_records
from tasker_devstack.polling import eventually
from tasker_runtime.health import Health
from tasker_runtime.kafka.admin_client import admin_client, group_commits
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.lost_records import CHECK, LossNotes, LostRecords
from tasker_runtime.testing import RecordedLog
from tasker_ticker import metrics
from tasker_ticker.kafka.event_continuity import EventContinuity, EventsWentBack
from tasker_ticker.testing.ticker_harness import RunningTicker, TickerHarness


class KeptEvents:
    """An event source whose first kept offset a test sets."""

    first = 0

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        raise AssertionError("nobody reads here")

    async def position(self, partition: TopicPartition) -> int:
        raise AssertionError("nobody asks this")

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        return self.first, 1_000


def records(*offsets: int) -> list[Record]:
    return [Record("task-events", 0, offset, 0, None, b"", ()) for offset in offsets]


def continuity(health: Health) -> EventContinuity:
    return EventContinuity(10, LostRecords(metrics.count_lost, "Send again.", LossNotes(int), health, RecordedLog()))


async def test_skipped_offsets_are_a_loss_only_if_kafka_does_not_hold_them() -> None:
    health, source = Health(), KeptEvents()
    events = continuity(health)
    await events.check(records(10, 11), source)
    await events.check(records(13), source)
    assert health.checks[CHECK].good, "a marker"
    source.first = 20
    await events.check(records(20, 21), source)
    assert "offsets 14 to 19 of task-events partition 0 were deleted unread" in health.checks[CHECK].detail


async def test_what_was_read_before_discards_the_owner() -> None:
    health = Health()
    with pytest.raises(EventsWentBack, match="an event of offset 3 came, but 10 is next"):
        await continuity(health).check(records(3, 4), KeptEvents())
    assert "was read up to offset 10, and offset 3 came next" in health.checks[CHECK].detail


async def test_events_that_retention_took_are_told_and_later_ones_are_applied(harness: TickerHarness) -> None:
    tasks = [name for n in range(200) if partition_of(name := f"lost-{n}", harness.partitions) == 0][:4]
    async with harness.running_ticker():
        await harness.put(tasks[:1])
        await eventually(lambda: verdicts(harness, 1), "the first one is applied")
    await harness.put(tasks[1:3])
    topic, admin = Topics(harness.prefix)["task-events"], await started_admin(harness)
    await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=3)})
    await admin.close()
    await harness.put(tasks[3:])
    async with harness.running_ticker() as ticker:
        await eventually(lambda: verdicts(harness, 2), "the later one is applied")
        check = ticker.health.checks[CHECK]
        assert f"offsets 1 to 2 of {topic} partition 0 were deleted unread" in check.detail
        await eventually(lambda: is_ready(ticker), "it serves the others, with a red check")
        async with admin_client(KafkaConnection(harness.bootstrap)) as client:

            async def noted() -> bool:
                commits = await group_commits(client, f"{harness.prefix}-ticker")
                at = commits.get(TopicPartition(topic, 0))
                note = note_in("" if at is None else at.metadata)
                return note is not None and note.records == 2

            await eventually(noted, "it stands beside a commit, for the API")
    assert {row.value["task_id"] for row in await read_records(harness.bootstrap, harness.prefix, "verdicts")} == {
        tasks[0],
        tasks[3],
    }


async def is_ready(ticker: RunningTicker) -> bool:
    return ticker.ready


async def started_admin(harness: TickerHarness) -> Any:
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=harness.bootstrap)
    await admin.start()
    return admin


async def verdicts(harness: TickerHarness, number: int) -> bool:
    return len(await read_records(harness.bootstrap, harness.prefix, "verdicts")) >= number
