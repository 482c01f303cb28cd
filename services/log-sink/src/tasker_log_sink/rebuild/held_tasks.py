"""The tasks as the ticker holds them, read from its own topic: also those whose last verdict Kafka holds no more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tasker_core.messages import Watermark, decode_watermark
from tasker_core.ticker_state import TaskState, decode_state_record
from tasker_core.topics import Topics
from tasker_log_sink.rebuild.topic_replay import EMPTY_POLLS, POLL_MS
from tasker_runtime.kafka.client import KafkaTimeout, TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader

TASK: Final = b"task/"
TAIL: Final = 64


@dataclass(slots=True)
class HeldTasks:
    """The tasks of one partition; all that its watermark says happened before is in them. None: it was never owned."""

    watermark: Watermark | None = None
    values: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def states(self) -> list[TaskState]:
        """The tasks, without those that are gone and only remembered."""
        decoded = (decode_state_record(value) for value in self.values.values())
        return [state for state in decoded if isinstance(state, TaskState)]


async def read_held_tasks(reader: PartitionReader, topics: Topics, partition: int) -> HeldTasks:
    """Read the watermark of a partition, then its state. Raises KafkaError or KafkaTimeout."""
    held, marks = HeldTasks(), TopicPartition(topics["watermarks"], partition)
    first, end = await reader.bounds(marks)
    tail = TAIL
    while held.watermark is None and end > first:

        def note(_: bytes, value: bytes | None) -> None:
            held.watermark = held.watermark if value is None else decode_watermark(value)

        start = max(first, end - tail)
        await _read(reader, marks, start, end, note)
        if start == first:
            break
        tail *= 8

    def apply(key: bytes, value: bytes | None) -> None:
        if key.startswith(TASK):
            task_id = key.removeprefix(TASK).decode()
            if value is None:
                held.values.pop(task_id, None)
            else:
                held.values[task_id] = value

    state = TopicPartition(topics["ticker-state"], partition)
    await _read(reader, state, *(await reader.bounds(state)), apply)
    return held


async def _read(
    reader: PartitionReader,
    partition: TopicPartition,
    start: int,
    end: int,
    handle: Callable[[bytes, bytes | None], None],
) -> None:
    reader.assign(partition)
    reader.seek(partition, start)
    empty = 0
    while await reader.position(partition) < end:
        records = await reader.poll(POLL_MS)
        empty = 0 if records else empty + 1
        if empty > EMPTY_POLLS:
            raise KafkaTimeout(f"{partition}: no progress towards offset {end}")
        for record in records:
            if record.offset < end:
                handle(record.key or b"", record.value)
