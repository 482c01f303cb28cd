"""PURE. The nominal times of all definitions of a task, one after the other. Instants are epoch seconds."""

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import groupby
from typing import NamedTuple

from tasker_api.occurrences.definition import DefinitionInForce
from tasker_api.occurrences.task_history import TaskHistory
from tasker_core.schedules.occurrences import next_within_bounds
from tasker_core.schedules.schedule import NEVER, Schedule


class _Source(NamedTuple):
    """The times of one schedule in [first, last]; `bare`: those outside its `start` and `end`, too."""

    first: int
    last: int
    schedule: Schedule
    bare: bool

    def next(self, after: int) -> int:
        """The first time after `after`; NEVER when there is none."""
        after = max(after, self.first - 1)
        found = self.schedule.next_after(after) if self.bare else next_within_bounds(self.schedule, after)
        return found if found <= self.last else NEVER

    def previous(self, before: int) -> int:
        """The last time before `before`; -NEVER when there is none."""
        first, last = (-NEVER, NEVER) if self.bare else self.schedule.bounds
        found = self.schedule.previous_before(min(before, self.last + 1, last + 1))
        return found if found >= max(self.first, first) else -NEVER


def nominal_times(history: TaskHistory, begin: int, end: int, *, descending: bool = False) -> Iterator[int]:
    """Those in [begin, end) that any definition may have an answer for: one after the other, each once."""
    step = -1 if descending else 1
    sources = sorted(_sources(history, begin, end), key=lambda one: -one.last if descending else one.first)
    ahead: list[tuple[int, int]] = []
    reached, begun = (end if descending else begin - 1), 0
    while True:
        while begun < len(sources) and (not ahead or _edge(sources[begun], step) <= ahead[0][0]):
            heappush(ahead, (_next(sources[begun], reached, step), begun))
            begun += 1
        if not ahead:
            return
        found, i = heappop(ahead)
        at = found * step
        if abs(at) == NEVER:
            continue
        if not begin <= at < end:
            return
        if at != reached:
            yield at
            reached = at
        heappush(ahead, (_next(sources[i], at, step), i))


def _edge(source: _Source, step: int) -> int:
    return source.first if step > 0 else -source.last


def _next(source: _Source, reached: int, step: int) -> int:
    """The next time, as a number that grows along the way."""
    return source.next(reached) if step > 0 else -source.previous(reached)


def _sources(history: TaskHistory, begin: int, end: int) -> Iterator[_Source]:
    """One for all definitions in a row that share a schedule, and one for what lies before the first one."""
    known = history.definitions
    if known and known[0].schedule is not None and begin <= known[0].begin:
        yield _Source(begin, min(known[0].begin, end), known[0].schedule, bare=False)
    for _, some in groupby(known, key=lambda one: one.chain):
        chain = list(some)
        schedule = chain[0].schedule
        if schedule is not None:
            first, last = _reach(chain[0], chain[-1])
            if first < end and last >= begin:
                yield _Source(max(first, begin), min(last, end), schedule, bare=not chain[0].is_end)


def _reach(first: DefinitionInForce, last: DefinitionInForce) -> tuple[int, int]:
    """Between which times what belongs to definitions in a row may be nominal."""
    earliest = first.begin + 1 if first.is_end else min(first.begin - first.offset, first.at_once)
    return earliest, last.end
