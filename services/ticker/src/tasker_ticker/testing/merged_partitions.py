"""For tests: a partition that goes on from several others, as after a migration to fewer partitions."""

from tasker_core.messages.watermark import decode_watermark
from tasker_ticker.migration.moved_state import (
    OldPartition,
    moved_calendars,
    moved_records,
    moved_versions,
    new_position,
)
from tasker_ticker.scheduling.memory.watermark import WatermarkAuthor, WatermarkPosition
from tasker_ticker.scheduling.stored_state import StoredState
from tasker_ticker.testing.partition_harness import PartitionHarness


def position_of(harness: PartitionHarness) -> WatermarkPosition:
    """Where a partition stands, as its watermark says."""
    return WatermarkPosition.from_message(decode_watermark(harness.watermark))


def merged(*harnesses: PartitionHarness, end: int = 100) -> PartitionHarness:
    """A partition that goes on from several others, each with so many events."""
    new = PartitionHarness()
    olds = [OldPartition(number, position_of(one), end) for number, one in enumerate(harnesses)]
    for one in harnesses:
        stored = StoredState()
        for key, value in one.stored.items():
            stored.apply(key.encode(), value)
        for _, key, value in moved_versions(stored, len):
            new.stored[key.decode()] = value
        for record in moved_calendars(stored):
            new.calendars.table.apply(record.key, record.value)
        for record in moved_records(position_of(one), stored):
            new.stored[record.key.decode()] = record.value
    new.watermark = new_position(olds).to_record(WatermarkAuthor("migration"))
    new.restart()
    return new
