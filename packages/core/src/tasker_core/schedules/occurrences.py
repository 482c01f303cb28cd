"""The occurrences of a schedule with all its options: what ticker, API and audit share. Instants are epoch seconds.

`max_runs` is not looked at here: it counts runs, and only the ticker knows those.

A search goes forward by what can be ruled out at once: a day, a range of days, the run of days that an expression
leaves out. Its work is bounded (WORK); where that does not suffice it says up to when there is certainly nothing, and
may be asked to go on from there. No answer is ever a guess.
"""

import hashlib
from functools import lru_cache
from typing import Final, NamedTuple

from tasker_core.cron.fields import RUN_MONTHS
from tasker_core.errors import FieldError
from tasker_core.schedules.exclusion import Exclusion, exclusion
from tasker_core.schedules.schedule import (
    NEVER,
    Cron,
    Interval,
    Once,
    Schedule,
    bounds,
    clock,
    next_after,
    previous_before,
)
from tasker_core.time.zones import BEGIN_OF_TIME, DAY, END_OF_TIME, offset_at, stretch_at, utc

WORK: Final = 2000
"""The work of one search, in looks at an entry of `exclude`: a few milliseconds."""

_STEP_WORK: Final = 4
_ALL_DAY: Final = (1 << DAY) - 1
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
    begun = _back(schedule, after + 1, since=after - offset)  # a day and a bit at most: WORK always suffices
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


def next_within_bounds(schedule: Schedule, after: int) -> int:
    """The first nominal time after `after` within start and end, left out or not; NEVER when none is left."""
    first, last = bounds(schedule)
    found = next_after(schedule, max(after, first - 1))
    return found if found <= last else NEVER


def is_excluded(schedule: Schedule, nominal: int) -> bool:
    """Whether `exclude` leaves a nominal time out."""
    if isinstance(schedule, Once) or not schedule.exclude:
        return False
    return exclusion(schedule.exclude).holds(nominal + offset_at(clock(schedule), nominal))


def spread_seconds(schedule: Schedule) -> int:
    """The window of `spread` in seconds, 0 without."""
    return int(schedule.spread.total_seconds()) if schedule.spread else 0


def spread_offset(task_id: str, window: int) -> int:
    """The delay of a task within a window of seconds: 0 to `window`, both possible.

    Part of the contract: the first 8 bytes of the BLAKE2b-64 hash of the id's UTF-8 bytes, as a big-endian number,
    modulo (window + 1).
    """
    return int.from_bytes(hashlib.blake2b(task_id.encode(), digest_size=8).digest()) % (window + 1) if window else 0


def offset_of(schedule: Schedule, task_id: str) -> int:
    """The delay in seconds that the schedule's `spread` gives to a task."""
    return spread_offset(task_id, spread_seconds(schedule))


def effective_of(schedule: Schedule, nominal: int, offset: int) -> int:
    """The effective time of an occurrence: nominal + offset, but before the next nominal time. Strictly monotone."""
    if not offset or abs(nominal) == NEVER:
        return nominal
    following = _forward(schedule, nominal, until=nominal + offset)
    last = following.nominal - 1 if isinstance(following, Occurrence) else following.checkpoint
    return min(nominal + offset, last)


def unreachable_errors(schedule: Schedule, after: int) -> list[FieldError]:
    """Why a schedule is refused when it is saved: `exclude` leaves nothing after `after`, as far as can be seen.

    Empty when there is an occurrence, and when there would be none without `exclude` either. The pointer is from the
    task.
    """
    found = search(schedule, after)
    if isinstance(found, NothingUntil):
        until = f" before {utc(found.checkpoint):%Y-%m-%d}"
    elif found.nominal == NEVER and next_within_bounds(schedule, after) < NEVER:
        until = ""
    else:
        return []
    return [FieldError(pointer="/schedule/exclude", message=f"leaves no occurrence{until}; exclude less")]


def _spread(schedule: Schedule, found: Occurrence, offset: int) -> Occurrence:
    return Occurrence(found.nominal, effective_of(schedule, found.nominal, offset)) if offset else found


def _forward(schedule: Schedule, after: int, *, until: int = NEVER, work: int = WORK) -> Occurrence | NothingUntil:
    """The first nominal time after `after`; past `until` the search need not go on."""
    first, last = bounds(schedule)
    out = None if isinstance(schedule, Once) or not schedule.exclude else exclusion(schedule.exclude)
    after = max(after, first - 1)
    while True:
        found = next_after(schedule, after)
        if found > last or found == NEVER:
            return _NONE
        if out is None or not is_excluded(schedule, found):
            return Occurrence(found, found)
        after, cost = _ruled_out(schedule, out, found, 1)
        work -= cost
        if after >= until or work <= 0:
            return NothingUntil(after)


def _back(schedule: Schedule, before: int, *, since: int = -NEVER, work: int = WORK) -> Occurrence | NothingUntil:
    """The last nominal time before `before`; past `since` the search need not go on."""
    first, last = bounds(schedule)
    out = None if isinstance(schedule, Once) or not schedule.exclude else exclusion(schedule.exclude)
    before = min(before, last + 1)
    while True:
        found = previous_before(schedule, before)
        if found < first or found == -NEVER:
            return _NONE_BEFORE
        if out is None or not is_excluded(schedule, found):
            return Occurrence(found, found)
        before, cost = _ruled_out(schedule, out, found, -1)
        work -= cost
        if before <= since or work <= 0:
            return NothingUntil(before)


def _ruled_out(schedule: Schedule, out: Exclusion, at: int, step: int) -> tuple[int, int]:
    """An instant up to which (`step` -1: back to which) nothing is left from the left-out occurrence `at` on.

    With it the work it cost. A day is looked at as far as its stretch goes, so that no clock change lies within.
    """
    stretch = stretch_at(clock(schedule), at)
    day, time = divmod(at + stretch.offset, DAY)
    midnight = day * DAY - stretch.offset
    begin, end = max(stretch.begin, midnight), min(stretch.end, midnight + DAY)
    edge, cost = (end - 1 if step > 0 else begin), _STEP_WORK + 2 * out.size
    if out.holds_day(day):
        run = out.run_of_days(day, step)
        # The day behind must be left out too, as a clock change may show the end of it again.
        if abs(run - day) > 2 * _MARGIN_DAYS and out.holds_day(day - step):
            edge = (run - step * _MARGIN_DAYS) * DAY - stretch.offset
        return min(max(edge, BEGIN_OF_TIME), END_OF_TIME), cost + _months(run - day) * len(out.days)
    taken = _times(schedule, time)
    left = taken ^ (taken & out.times_left_out(day))
    if step > 0 and (left := (left & (1 << end - midnight) - 1) >> time):
        return at + (left & -left).bit_length() - 2, cost
    if step < 0 and (left := (left & (2 << time) - 1) >> begin - midnight):
        return begin + left.bit_length(), cost
    # Often an expression leaves out the same times of one day after the other; within a stretch nothing is shifted.
    if _same_every_day(schedule) and (run := out.run_without(taken, day, step)) != day:
        cost += _months(run - day) * out.size
        if step > 0:
            return min(stretch.end, run * DAY - stretch.offset) - 1, cost
        edge = max(stretch.begin, (run + 1) * DAY - stretch.offset)
    # Looking back, a fixed time may have been shifted onto the begin of the stretch.
    return edge if step > 0 else min(edge + 1, at), cost


def _months(days: int) -> int:
    """How many months were looked at to follow a run of so many days."""
    return min(abs(days) // 28 + 1, RUN_MONTHS)


def _same_every_day(schedule: Schedule) -> bool:
    """Whether the schedule takes no other times of a day than those of any of its days, but for clock changes."""
    if isinstance(schedule, Interval):
        return DAY % schedule.seconds == 0 or schedule.seconds % DAY == 0
    return True


def _times(schedule: Schedule, time: int) -> int:
    """The seconds of a day that the schedule may take, as bits, when it takes `time`."""
    if isinstance(schedule, Cron):
        return schedule.expression.fields.times
    if isinstance(schedule, Interval) and schedule.seconds < DAY:
        return _every(schedule.seconds) << time % schedule.seconds & _ALL_DAY
    return 1 << time


@lru_cache(maxsize=256)
def _every(seconds: int) -> int:
    """Bits at all multiples of so many seconds, for a day at least."""
    bits, length = 1, seconds
    while length < DAY:
        bits |= bits << length
        length *= 2
    return bits
