"""One run on its way through the executor."""

from dataclasses import dataclass

from tasker_core.messages import Run
from tasker_core.record import Record
from tasker_executor.partition.lanes import Lane
from tasker_executor.partition.partition import Feed


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A run that was read, and where it came from. `received_ms` is when it was read, in epoch milliseconds."""

    feed: Feed
    record: Record
    run: Run
    received_ms: int
    timeout_seconds: float

    @property
    def lane(self) -> Lane:
        """The lane it came in."""
        return self.feed.lane

    def enter(self) -> None:
        """It waits, in the room of its partition."""
        self.feed.room.enter(self.run.task_id, len(self.record.value or b""))

    def leave(self) -> None:
        """It waits no longer."""
        self.feed.room.leave(self.run.task_id, len(self.record.value or b""))

    def done(self) -> None:
        """Its result is acknowledged: its offset may be passed."""
        self.feed.offsets.finish(self.record.offset)
