"""Several times as one sequence, each asked only where its own last answer no longer holds."""

from collections.abc import Sequence
from heapq import heapify, heapreplace
from typing import NamedTuple

from tasker_core.schedules.kinds.times import Times
from tasker_core.time.wall_times import NEVER
from tasker_core.time.zones import BEGIN_OF_TIME, END_OF_TIME


class _Answer(NamedTuple):
    """What one of them has answered: `found` for every question from `asked` up to it."""

    found: int
    place: int
    asked: int


class MergedTimes:
    """The union of times. Questions that go on from the last one cost what has happened in between."""

    __slots__ = ("_ahead", "_asked_after", "_asked_before", "_behind", "_times")

    def __init__(self, times: Sequence[Times]) -> None:
        self._times = times
        self._ahead: list[_Answer] = []
        self._behind: list[_Answer] = []  # of negative instants, so that time goes the same way
        self._asked_after = self._asked_before = NEVER

    def next_after(self, after: int) -> int:
        """The smallest time of any strictly after `after`; NEVER when none is left."""
        after = max(after, BEGIN_OF_TIME - 1)
        if after >= END_OF_TIME:
            return NEVER
        heap = self._ahead
        if after < self._asked_after:
            known = {answer.place: answer for answer in heap if answer.asked <= after}
            heap = [known.get(i) or _Answer(t.next_after(after), i, after) for i, t in enumerate(self._times)]
            heapify(heap)
            self._ahead = heap
        self._asked_after = after
        while heap[0].found <= after:
            index = heap[0].place
            heapreplace(heap, _Answer(self._times[index].next_after(after), index, after))
        return heap[0].found

    def previous_before(self, before: int) -> int:
        """The greatest time of any strictly before `before`; -NEVER when there is none."""
        before = min(before, END_OF_TIME)
        if before <= BEGIN_OF_TIME:
            return -NEVER
        after, heap = -before, self._behind
        if after < self._asked_before:
            known = {answer.place: answer for answer in heap if answer.asked <= after}
            heap = [known.get(i) or _Answer(-t.previous_before(before), i, after) for i, t in enumerate(self._times)]
            heapify(heap)
            self._behind = heap
        self._asked_before = after
        while heap[0].found <= after:
            index = heap[0].place
            heapreplace(heap, _Answer(-self._times[index].previous_before(before), index, after))
        return -heap[0].found

    def indexes_at(self, at: int) -> list[int]:
        """Which of them have the time `at`."""
        self.next_after(at - 1)
        return sorted(answer.place for answer in self._ahead if answer.found == at)
