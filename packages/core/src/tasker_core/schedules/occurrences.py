"""The occurrences of a schedule with all its options: what ticker, API and audit share. Instants are epoch seconds.

`max_runs` is not looked at here: it counts runs, and only the ticker knows those.

A search goes forward by what can be ruled out at once: a day, a range of days, the run of days that an expression
leaves out. Its work is bounded (WORK); where that does not suffice it says up to when there is certainly nothing, and
may be asked to go on from there. No answer is ever a guess.
"""

import hashlib
from collections.abc import Iterator
from heapq import heapify, heapreplace
from typing import Final, NamedTuple

from tasker_core.cron.fields import RUN_MONTHS
from tasker_core.schedules.exclusion import Exclusion
from tasker_core.schedules.kinds.times import ALL_DAY, Times
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.time.zones import BEGIN_OF_TIME, DAY, END_OF_TIME, offset_at, stretch_at, zone

WORK: Final = 2000
"""The work of one search, in looks at an entry of `exclude`: a few milliseconds."""

_STEP_WORK: Final = 6
_BITS_WORK: Final = 3
"""The work of comparing all seconds of a day."""
_LOOKS_AT_ONCE: Final = 8
"""So many entries are asked for a single instant by the work of one that is asked for a day."""
_A_DAY_OF_WORK: Final = NEVER
"""No bound: where not more than the longest spread is looked at, there are a few steps only."""
# Longer than the distance of any two clocks on earth.
_MARGIN_DAYS: Final = 3


class Occurrence(NamedTuple):
    """An occurrence: its nominal time and its effective one. Both NEVER (-NEVER) when there is none at all."""

    nominal: int
    effective: int


class NothingUntil(NamedTuple):
    """There is certainly nothing up to and with `checkpoint`; go on from there. (Looking back: nothing from it on.)"""

    checkpoint: int


_NONE: Final = Occurrence(NEVER, NEVER)
_NONE_BEFORE: Final = Occurrence(-NEVER, -NEVER)


def search(schedule: Schedule, after: int, offset: int = 0, *, work: int = WORK) -> Occurrence | NothingUntil:
    """The first occurrence whose effective time is after `after`, given the task's spread offset.

    Raises ValueError for an interval without anchor, as all functions here.
    """
    if not offset:
        return _forward(schedule, after, work=work)
    # Effective times lie before the next nominal time, so that only the last one nominal up to now may still come.
    begun = _back(schedule, after + 1, since=after - offset, work=_A_DAY_OF_WORK)
    if isinstance(begun, Occurrence) and begun.nominal > after - offset:
        effective = effective_of(schedule, begun.nominal, offset)
        if effective > after:
            return Occurrence(begun.nominal, effective)
    found = _forward(schedule, after, work=work)
    return found if isinstance(found, NothingUntil) else _spread(schedule, found, offset)


def search_back(schedule: Schedule, before: int, offset: int = 0, *, work: int = WORK) -> Occurrence | NothingUntil:
    """The last occurrence whose effective time is before `before`, given the task's spread offset."""
    found = _back(schedule, before, work=work)
    if offset and isinstance(found, Occurrence) and effective_of(schedule, found.nominal, offset) >= before:
        found = _back(schedule, found.nominal, work=work)
    if isinstance(found, NothingUntil):  # what is nominal before the checkpoint may be effective after it
        return NothingUntil(found.checkpoint + offset)
    return _spread(schedule, found, offset)


def upcoming_times(schedule: Schedule, after: int, *, work: int = WORK) -> Iterator[int | NothingUntil]:
    """The nominal times after `after`, one after the other, found by the work of one search for all of them.

    Where that does not suffice, the last answer says up to when these are all.
    """
    (first, last), out = schedule.bounds, schedule.exclusion
    after = max(after, first - 1)
    if out is not None:
        yield from _left(schedule, out, after, 1, until=NEVER, work=work)
        return
    while (after := schedule.next_after(after)) <= last and after < NEVER:
        yield after


def next_within_bounds(schedule: Schedule, after: int) -> int:
    """The first nominal time after `after` within start and end, left out or not; NEVER when none is left."""
    first, last = schedule.bounds
    found = schedule.next_after(max(after, first - 1))
    return found if found <= last else NEVER


def is_excluded(schedule: Schedule, nominal: int) -> bool:
    """Whether `exclude` leaves a nominal time out."""
    out = schedule.exclusion
    return out is not None and out.holds(nominal + offset_at(schedule.clock, nominal))


def spread_offset(task_id: str, window: int) -> int:
    """The delay of a task within a window of seconds: 0 to `window`, both possible.

    Part of the contract: the first 8 bytes of the BLAKE2b-64 hash of the id's UTF-8 bytes, as a big-endian number,
    modulo (window + 1).
    """
    return int.from_bytes(hashlib.blake2b(task_id.encode(), digest_size=8).digest()) % (window + 1) if window else 0


def offset_of(schedule: Schedule, task_id: str) -> int:
    """The delay in seconds that the schedule's `spread` gives to a task."""
    return spread_offset(task_id, schedule.spread_seconds)


def effective_of(schedule: Schedule, nominal: int, offset: int) -> int:
    """The effective time of an occurrence: nominal + offset, but before the next nominal time. Strictly monotone."""
    if not offset or abs(nominal) == NEVER:
        return nominal
    following = _forward(schedule, nominal, until=nominal + offset, work=_A_DAY_OF_WORK)
    last = following.nominal - 1 if isinstance(following, Occurrence) else following.checkpoint
    return min(nominal + offset, last)


def _spread(schedule: Schedule, found: Occurrence, offset: int) -> Occurrence:
    return Occurrence(found.nominal, effective_of(schedule, found.nominal, offset)) if offset else found


def _forward(schedule: Schedule, after: int, *, until: int = NEVER, work: int = WORK) -> Occurrence | NothingUntil:
    """The first nominal time after `after`; past `until` the search need not go on."""
    (first, last), out = schedule.bounds, schedule.exclusion
    after = max(after, first - 1)
    found = schedule.next_after(after)
    if found > last or found == NEVER:
        return _NONE
    if out is None or not is_excluded(schedule, found):
        return Occurrence(found, found)
    found = next(_left(schedule, out, after, 1, until=until, work=work), NEVER)
    return found if isinstance(found, NothingUntil) else Occurrence(found, found)


def _back(schedule: Schedule, before: int, *, since: int = -NEVER, work: int = WORK) -> Occurrence | NothingUntil:
    """The last nominal time before `before`; past `since` the search need not go on."""
    (first, last), out = schedule.bounds, schedule.exclusion
    before = min(before, last + 1)
    found = schedule.previous_before(before)
    if found < first or found == -NEVER:
        return _NONE_BEFORE
    if out is None or not is_excluded(schedule, found):
        return Occurrence(found, found)
    found = next(_left(schedule, out, before, -1, until=since, work=work), -NEVER)
    return found if isinstance(found, NothingUntil) else Occurrence(found, found)


def _left(
    schedule: Schedule, out: Exclusion, begin: int, step: int, *, until: int, work: int
) -> Iterator[int | NothingUntil]:
    """The nominal times that are left, later than `begin` (`step` 1) or earlier (-1), one after the other.

    The single schedules that one joins are followed each for itself, since much more of one can be ruled out at once
    than of all. Where the work does not suffice, or `until` is passed, the last answer says up to when these are all.
    """
    end = schedule.bounds[step > 0]
    ahead = [(step * _next(single, begin, step), i) for i, single in enumerate(schedule.singles)]
    heapify(ahead)
    work -= len(ahead) - 1
    clock = _Clock(schedule, out)
    while (found := step * ahead[0][0]) * step <= end * step and abs(found) < NEVER:
        if clock.leaves_out(found):
            single = schedule.singles[ahead[0][1]]
            reached, cost = _ruled_out(single, clock, found, step)
            heapreplace(ahead, (step * _next(single, reached, step), ahead[0][1]))
            work -= cost
            # Whichever of them fires at `found`, it is left out; before the next one there is nothing.
            checkpoint = max(found * step, ahead[0][0] - 1) * step
            if ahead[0][0] <= end * step and (work <= 0 or checkpoint * step >= until * step):
                yield NothingUntil(checkpoint)
                return
        else:
            yield found
            while step * ahead[0][0] == found:
                single = schedule.singles[ahead[0][1]]
                heapreplace(ahead, (step * _next(single, found, step), ahead[0][1]))


def _next(times: Times, at: int, step: int) -> int:
    return times.next_after(at) if step > 0 else times.previous_before(at)


class _Clock:
    """What `exclude` leaves out at the clock of a schedule; each day is looked at once."""

    def __init__(self, schedule: Schedule, out: Exclusion) -> None:
        self.out, self.name, self.zone = out, schedule.zone_name, schedule.clock
        self.empty: tuple[int, int] = NEVER, NEVER
        """From one instant to the other, in the order of the search, whole days are left out."""
        self._day, self._left_out = -NEVER, 0

    def leaves_out(self, at: int) -> bool:
        """Whether an instant is left out."""
        day, time = divmod(at + offset_at(self.zone, at), DAY)
        if day == self._day and self._left_out >> time & 1:
            return True
        return self.out.holds(day * DAY + time)

    def times_left_out(self, day: int) -> tuple[int, int]:
        """The seconds of a day that expressions leave out, as bits, and the work it cost."""
        if day == self._day:
            return self._left_out, 0
        self._day, self._left_out = day, self.out.times_left_out(day)
        return self._left_out, self.out.size


def _ruled_out(times: Times, clock: _Clock, at: int, step: int) -> tuple[int, int]:
    """An instant up to which (`step` -1: back to which) nothing is left from the left-out occurrence `at` on.

    With it the work it cost. A day is looked at as far as neither clock changes, the one of `exclude` and its own.
    """
    if clock.empty[0] * step <= at * step <= clock.empty[1] * step:
        return clock.empty[1], _STEP_WORK
    out, stretch, cost = clock.out, stretch_at(clock.zone, at), _STEP_WORK + clock.out.size // _LOOKS_AT_ONCE
    day, time = divmod(at + stretch.offset, DAY)
    midnight = day * DAY - stretch.offset
    if out.holds_day(day):
        run = out.run_of_days(day, step)
        edge = min(stretch.end, midnight + DAY) - 1 if step > 0 else max(stretch.begin, midnight)
        # The day behind must be left out too, as a clock change may show the end of it again.
        if abs(run - day) > 2 * _MARGIN_DAYS and out.holds_day(day - step):
            edge = (run - step * _MARGIN_DAYS) * DAY - stretch.offset
        clock.empty = at, min(max(edge, BEGIN_OF_TIME), END_OF_TIME)
        return clock.empty[1], cost + _months(run - day) * len(out.days)
    own = stretch if times.zone_name in (None, clock.name) else stretch_at(zone(times.zone_name), at)
    first, last, shift = max(stretch.begin, own.begin), min(stretch.end, own.end), stretch.offset - own.offset
    # Often an expression leaves out the same times of one day after the other; without a change nothing is shifted.
    run, entries = out.run_without(_turned(times.times_of_days(midnight), shift), day, step)
    if run != day:
        cost += _months(run - day) * entries
        if step > 0:
            return min(last, run * DAY - stretch.offset) - 1, cost
        return min(max(first, (run + 1) * DAY - stretch.offset) + 1, at), cost
    begin, end = max(first, midnight), min(last, midnight + DAY)
    taken, (left_out, looked) = _turned(times.times_of_day(midnight), shift), clock.times_left_out(day)
    cost += looked + _BITS_WORK
    left = taken ^ (taken & left_out)
    if step > 0 and (left := (left & (1 << end - midnight) - 1) >> time):
        return at + (left & -left).bit_length() - 2, cost
    if step < 0 and (left := (left & (2 << time) - 1) >> begin - midnight):
        return begin + left.bit_length(), cost
    # Looking back, a fixed time may have been shifted onto the begin of the stretch.
    return end - 1 if step > 0 else min(begin + 1, at), cost


def _turned(times: int, shift: int) -> int:
    """Times of the day at a clock that is so many seconds ahead."""
    shift %= DAY
    return (times << shift | times >> DAY - shift) & ALL_DAY if shift else times


def _months(days: int) -> int:
    """How many months were looked at to follow a run of so many days."""
    return min(abs(days) // 28 + 1, RUN_MONTHS)
