"""Whether records pile up in Kafka: then what can wait gives way to them."""

from collections.abc import Callable
from time import monotonic
from typing import Final

LARGE_BATCH: Final = 1000
"""So many records in one batch show that more are waiting."""
BATCH_SECONDS: Final = 60.0
"""So long a large batch that is being written counts as backlog."""
NEXT_BATCH_SECONDS: Final = 0.3
"""So long after it the next large one is awaited: a smaller one of other records may come between them."""


class Backlog:
    """The backlog, judged by the size of the batches that are read. `now` gives monotonic seconds."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now, self._until = now, 0.0

    @property
    def is_large(self) -> bool:
        """Whether records are waiting."""
        return self._now() < self._until

    def batch_begins(self, records: int) -> None:
        """A batch of so many records is being written."""
        if records >= LARGE_BATCH:
            self._until = self._now() + BATCH_SECONDS

    def batch_ends(self, records: int) -> None:
        """The batch of so many records is written, or has failed."""
        if records >= LARGE_BATCH:
            self._until = self._now() + NEXT_BATCH_SECONDS
