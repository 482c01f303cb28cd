"""Several times as one sequence, each asked only where its own last answer no longer holds."""

from collections.abc import Callable, Sequence
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


class _Walk(NamedTuple):
    """The answers of all as a heap, after the question `asked`."""

    asked: int
    heap: list[_Answer]


class MergedTimes:
    """The union of times. Questions that go on from the last one cost what has happened in between.

    Threads may ask at the same time: each takes a walk that nobody else goes on with meanwhile.
    """

    __slots__ = ("_ahead", "_behind", "_times")

    def __init__(self, times: Sequence[Times]) -> None:
        self._times = times
        self._ahead: list[_Walk] = []
        self._behind: list[_Walk] = []  # of negative instants, so that time goes the same way

    def next_after(self, after: int) -> int:
        """The smallest time of any strictly after `after`; NEVER when none is left."""
        after = max(after, BEGIN_OF_TIME - 1)
        if after >= END_OF_TIME:
            return NEVER
        walk = self._walked(self._ahead, after, self._next_of)
        found = walk.heap[0].found
        self._ahead.append(walk)
        return found

    def previous_before(self, before: int) -> int:
        """The greatest time of any strictly before `before`; -NEVER when there is none."""
        before = min(before, END_OF_TIME)
        if before <= BEGIN_OF_TIME:
            return -NEVER
        walk = self._walked(self._behind, -before, self._previous_of)
        found = walk.heap[0].found
        self._behind.append(walk)
        return -found

    def indexes_at(self, at: int) -> list[int]:
        """Which of them have the time `at`."""
        if not BEGIN_OF_TIME <= at < END_OF_TIME:
            return []
        walk = self._walked(self._ahead, at - 1, self._next_of)
        places = sorted(answer.place for answer in walk.heap if answer.found == at)
        self._ahead.append(walk)
        return places

    @staticmethod
    def _taken(walks: list[_Walk]) -> _Walk:
        try:
            return walks.pop()  # in one step: nobody else gets the same one
        except IndexError:
            return _Walk(NEVER, [])

    def _walked(self, walks: list[_Walk], after: int, ask: Callable[[int, int], int]) -> _Walk:
        """One of the walks, gone on to a question, or back; the caller gives it back."""
        asked, heap = self._taken(walks)
        if after < asked:
            known = {answer.place: answer for answer in heap if answer.asked <= after}
            heap = [known.get(i) or _Answer(ask(i, after), i, after) for i in range(len(self._times))]
            heapify(heap)
        while heap[0].found <= after:
            index = heap[0].place
            heapreplace(heap, _Answer(ask(index, after), index, after))
        return _Walk(after, heap)

    def _next_of(self, index: int, after: int) -> int:
        return self._times[index].next_after(after)

    def _previous_of(self, index: int, after: int) -> int:
        return -self._times[index].previous_before(-after)
