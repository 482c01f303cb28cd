"""One run on its way through the executor."""

from dataclasses import dataclass

from tasker_core.kafka_record import Record
from tasker_core.messages.runs import Run
from tasker_executor.partition.partition import LanePartition
from tasker_executor.partition.priority_lanes import Lane


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A run that was read, and its record. `received_ms` is when it was read, in epoch milliseconds."""

    partition: LanePartition
    record: Record
    run: Run
    received_ms: int
    timeout_seconds: float

    @property
    def lane(self) -> Lane:
        """The lane of its topic."""
        return self.partition.lane

    @property
    def abandoned(self) -> bool:
        """Whether its partition is another member's now."""
        return self.partition.abandoned

    def start_waiting(self, key: str) -> None:
        """It waits, and counts among those of its partition that wait with this key: a task, or a called host."""
        self.partition.read_ahead.add(key, len(self.record.value or b""))

    def stop_waiting(self, key: str) -> None:
        """It waits no longer with this key."""
        self.partition.read_ahead.remove(key, len(self.record.value or b""))

    def finish(self) -> None:
        """Its result is acknowledged: its offset may be committed."""
        self.partition.offsets.finish(self.record.offset)
