"""Reads one partition of the dead-letters topic backwards, a window at a time."""

from collections import deque
from dataclasses import dataclass, field

from tasker_core.kafka_record import Record

FIRST_WINDOW, LARGEST_WINDOW = 4, 64
"""How many offsets are read at a time, at first and at most."""
MANY_BYTES = 256 * 1024
"""A window with so many is not followed by a longer one."""


@dataclass(slots=True)
class PartitionScan:
    """`loaded` holds records not returned yet, the newest first; none below `next_offset` is loaded.

    `first` is the first offset of the scan: it ends there.
    """

    first: int
    next_offset: int
    window: int = FIRST_WINDOW
    loaded: deque[Record] = field(default_factory=deque[Record])

    @property
    def before(self) -> int:
        """Everything from this offset on is returned."""
        return self.loaded[0].offset + 1 if self.loaded else self.next_offset

    @property
    def must_load(self) -> bool:
        """Whether the next record has to be read first."""
        return not self.loaded and self.next_offset > self.first

    @property
    def window_start(self) -> int:
        """The first offset of the next window."""
        return max(self.first, self.next_offset - self.window)

    def add(self, records: list[Record]) -> None:
        """Take in the records of the next window, in the order of their offsets."""
        self.next_offset = self.window_start
        if sum(len(record.value or b"") for record in records) < MANY_BYTES:
            self.window = min(4 * self.window, LARGEST_WINDOW)
        self.loaded.extend(reversed(records))
