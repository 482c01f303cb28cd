"""PURE. The nominal times of a schedule in a range."""

from collections.abc import Iterator
from itertools import islice

from tasker_core.schedules.occurrences import NothingUntil, search
from tasker_core.schedules.schedule import NEVER, Schedule

MAX_LOOKS = 10_000
"""So many nominal times are looked at for one request: tens of milliseconds of work."""


def nominal_times(schedule: Schedule, start: int, end: int) -> Iterator[int]:
    """Those in [start, end), in order. Raises ValueError for an interval without anchor."""
    after = start - 1
    while after < end - 1:
        found = search(schedule, after)
        if isinstance(found, NothingUntil):
            after = max(found.checkpoint, after + 1)
        elif found.nominal >= end or found.nominal == NEVER:
            return
        else:
            after = found.nominal
            yield after


def first_times(schedule: Schedule, start: int, end: int) -> tuple[list[int], bool]:
    """The first nominal times in [start, end), as many as are looked at, and whether there are more."""
    found = list(islice(nominal_times(schedule, start, end), MAX_LOOKS + 1))
    return found[:MAX_LOOKS], len(found) > MAX_LOOKS
