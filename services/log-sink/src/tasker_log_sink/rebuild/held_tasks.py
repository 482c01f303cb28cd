"""The tasks as the ticker holds them, read from its own topic: also those whose last verdict Kafka holds no more.

With them the days of the calendars that they are under.
"""

from dataclasses import dataclass, field
from typing import Final

from tasker_core.messages.watermark import Watermark, decode_watermark
from tasker_core.ticker_state import CalendarVersion, TaskState, decode_state_record
from tasker_core.topics import Topics
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader

TASK: Final = b"task/"
CALENDAR: Final = b"calendar-version/"


@dataclass(slots=True)
class HeldTasks:
    """The tasks of one partition; all that its watermark says happened before is in them. None: it was never owned."""

    watermark: Watermark | None = None
    values: dict[str, bytes] = field(default_factory=dict[str, bytes])
    calendars: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict[tuple[str, int], tuple[str, ...]])

    def states(self) -> list[TaskState]:
        """The tasks, without those that are gone and only remembered."""
        decoded = (decode_state_record(value) for value in self.values.values())
        return [state for state in decoded if isinstance(state, TaskState)]


async def read_held_tasks(reader: PartitionReader, topics: Topics, partition: int) -> HeldTasks:
    """Read the watermark of a partition, then its state. Raises KafkaError or KafkaTimeout."""
    mark = await reader.last_record(TopicPartition(topics["watermarks"], partition))
    held = HeldTasks(decode_watermark(mark.value) if mark is not None and mark.value is not None else None)
    state = TopicPartition(topics["ticker-state"], partition)
    async for record in reader.records_between(state, *(await reader.bounds(state))):
        key, value = record.key or b"", record.value
        if key.startswith(CALENDAR) and value is not None:
            name, _, version = key.removeprefix(CALENDAR).decode().rpartition("/")
            if isinstance(days := decode_state_record(value), CalendarVersion):
                held.calendars[name, int(version)] = days.days
        if not key.startswith(TASK):
            continue
        task_id = key.removeprefix(TASK).decode()
        if value is None:
            held.values.pop(task_id, None)
        else:
            held.values[task_id] = value
    return held
