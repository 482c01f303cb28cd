"""How much of a partition is not read yet, and since when the oldest of it has waited."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, NamedTuple, TypeVar

from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition

T = TypeVar("T")
LOOK_SECONDS: Final = 5.0
"""So often a service looks at the lag of its partitions, for the metrics alone."""
MAX_FAILED_LOOKS: Final = 6
"""After so many in a row nothing is shown: what was seen last says nothing any more."""
MAX_LOOKS: Final = 720
"""With more of them every other one is dropped: the age of a long backlog need not be exact."""


class Lag(NamedTuple):
    """`records` are not read yet (markers of transactions count); the oldest has waited for `seconds` at least."""

    records: int
    seconds: float


class _Look(NamedTuple):
    """When the partition ended where, for the first time."""

    at: float
    end: int


class LagTracker:
    """The lag of each partition, from one look at its end after another.

    The oldest unread record was there at the first look that saw the partition end behind it: it has waited since then
    at least, and not longer than one more look.
    """

    def __init__(self) -> None:
        self._looks: dict[TopicPartition, deque[_Look]] = {}

    def look(self, partition: TopicPartition, position: int, end: int, now: float) -> Lag:
        """The lag when `position` is read next and the partition ends at `end`; `now` are monotonic seconds."""
        looks = self._looks.setdefault(partition, deque())
        while looks and looks[0].end <= position:
            looks.popleft()
        if position >= end:
            looks.clear()
            return Lag(0, 0.0)
        if not looks or looks[-1].end < end:
            looks.append(_Look(now, end))
        if len(looks) > MAX_LOOKS:
            self._looks[partition] = looks = deque(list(looks)[::2])
        return Lag(end - position, now - looks[0].at)

    def retain(self, partitions: Iterable[TopicPartition]) -> list[TopicPartition]:
        """Forget all but these; returns what is forgotten."""
        kept = set(partitions)
        gone = [partition for partition in self._looks if partition not in kept]
        for partition in gone:
            del self._looks[partition]
        return gone


class LagLooks:
    """Looks that may fail: what was seen last is shown for half a minute, then `give_up` is called."""

    def __init__(self, give_up: Callable[[], None]) -> None:
        self._give_up, self._failed = give_up, 0

    async def look(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """What `ask` returns; None when Kafka does not answer, which whoever reads reports."""
        try:
            seen = await ask()
        except (KafkaError, KafkaTimeout):
            self._failed += 1
            if self._failed == MAX_FAILED_LOOKS:
                self._give_up()
            return None
        self._failed = 0
        return seen
