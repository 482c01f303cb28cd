"""PURE. How the time of a partition went on, as its watermarks tell it: on time, or an outage."""

from bisect import bisect_left
from typing import Final, NamedTuple

from tasker_cli.verify.instants import epoch_second
from tasker_cli.verify.reading.records import WatermarkRecord

LIVE_SECONDS: Final = 10
"""What is at most so late is still emitted at once; what is later is caught up with in the background."""
AT_ONCE_SECONDS: Final = 1
"""What is reached within them is not told apart."""


class Gap(NamedTuple):
    """Effective seconds (after, to] that wait to be visited, of the tasks whose id sorts behind `after_task`."""

    after: int
    to: int
    after_task: str


class Outage(NamedTuple):
    """Effective seconds (after, to] that the ticker reached only when they were late."""

    after: int
    to: int
    reached: int


class PartitionTime:
    """`on_time`: spans (after, to] that were reached in time, and within how many seconds; `outages`: what was not.

    The topic is compacted: of what lies between two watermarks that do not follow one another nothing may be known.
    """

    def __init__(self) -> None:
        self.time, self.next_offset, self.gaps = 0, 0, list[Gap]()
        self.on_time, self.outages = list[tuple[int, int, int]](), list[Outage]()
        self._turn: int | None = None

    def add(self, record: WatermarkRecord, appended_ms: int) -> None:
        """The next watermark, in their order. Raises ValueError."""
        time, before, reached = epoch_second(record.time), self.time, appended_ms // 1000
        if self._turn is not None and time > before:
            if (late := max(AT_ONCE_SECONDS, reached - before)) <= LIVE_SECONDS + 1:
                if self.on_time and self.on_time[-1][1:] == (before, late):
                    self.on_time[-1] = self.on_time[-1][0], time, late
                else:
                    self.on_time.append((before, time, late))
            elif record.turn == self._turn + 1:
                last = self.outages[-1] if self.outages else None
                if last is not None and last.to == before:
                    self.outages[-1] = Outage(last.after, time, reached)
                else:
                    self.outages.append(Outage(before, time, reached))
        self._turn, self.time, self.next_offset = record.turn, max(time, before), record.next_offset
        self.gaps = [Gap(epoch_second(gap.from_), epoch_second(gap.to), gap.after_task) for gap in record.catch_up]

    def was_on_time(self, second: int, within: int = LIVE_SECONDS + 1) -> bool:
        """Whether an effective second certainly was reached within so many seconds."""
        place = bisect_left(self.on_time, second, key=lambda span: span[1])  # the first that ends there or later
        return place < len(self.on_time) and self.on_time[place][0] < second and self.on_time[place][2] <= within

    def was_out(self, second: int) -> bool:
        """Whether an effective second certainly was reached too late."""
        return any(one.after < second <= one.to for one in self.outages)

    def is_open(self, task_id: str, second: int) -> bool:
        """Whether a task's part of an effective second is still to be decided."""
        return any(gap.after < second <= gap.to and task_id > gap.after_task for gap in self.gaps)
