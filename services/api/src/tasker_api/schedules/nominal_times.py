"""PURE. The nominal times of a schedule in a range."""

from collections.abc import Iterator
from typing import Final

from tasker_core.schedules.occurrences import WORK, NothingUntil, upcoming_times
from tasker_core.schedules.schedule import Schedule

MAX_LOOKS: Final = 10_000
"""So many nominal times are looked at for one request: tens of milliseconds of work."""
_MAX_WORK: Final = 10 * WORK
"""As much for what is left out between them."""


def nominal_times(schedule: Schedule, start: int, end: int, work: int = WORK) -> Iterator[int | NothingUntil]:
    """Those in [start, end), in order. Where the work does not suffice, the last answer says how far it came.

    Raises ValueError for an interval without anchor.
    """
    for found in upcoming_times(schedule, start - 1, work=work):
        if isinstance(found, NothingUntil):
            if found.checkpoint < end - 1:
                yield found
        elif found < end:
            yield found
            continue
        return


def first_times(schedule: Schedule, start: int, end: int) -> tuple[list[int], bool]:
    """The first nominal times in [start, end), as many as are looked at, and whether there may be more."""
    times = list[int]()
    for found in nominal_times(schedule, start, end, _MAX_WORK):
        if isinstance(found, NothingUntil) or len(times) == MAX_LOOKS:
            return times, True
        times.append(found)
    return times, False
