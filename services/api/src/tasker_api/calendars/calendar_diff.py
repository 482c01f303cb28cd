"""PURE. What other days of a calendar would do to the coming runs of the schedules that use it.

Only the days on which anything can change are looked at: those that the calendar gains or loses.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from tasker_api.schedules.nominal_times import nominal_times
from tasker_core.calendars.calendar_days import CalendarDays, DayRange, joined
from tasker_core.schedules.occurrences import NothingUntil, search
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.time.zones import DAY, offset_at

MAX_LOOKS: Final = 100_000
"""So many nominal times are looked at for one request: about half a second."""
EXAMPLES: Final = 5
"""So many times of each schedule are shown."""
_LONGEST_OFFSET: Final = DAY
"""No clock on earth is further from UTC."""


@dataclass(slots=True)
class CalendarEffect:
    """The nominal times that a schedule would lose and gain; `first_*` are the earliest of them."""

    removed: int = 0
    added: int = 0
    first_removed: list[int] = field(default_factory=list[int])
    first_added: list[int] = field(default_factory=list[int])
    is_complete: bool = True
    never_again: bool = False
    """Nothing of it is left to come at all, and something was."""


@dataclass(slots=True)
class DiffWork:
    """What may still be looked at in this request."""

    looks: int = MAX_LOOKS


def changed_days(before: CalendarDays, after: CalendarDays) -> tuple[tuple[DayRange, ...], tuple[DayRange, ...]]:
    """The days that a calendar gains, and those that it loses."""
    return _without(after, before), _without(before, after)


def _without(one: CalendarDays, other: CalendarDays) -> tuple[DayRange, ...]:
    found: list[DayRange] = []
    rest = iter(other.others)
    gap = next(rest)
    for first, last in one.ranges:
        while gap[1] < first:
            gap = next(rest)
        while gap[0] <= last:
            if (begin := max(first, gap[0])) <= (end := min(last, gap[1])):
                found.append((begin, end))
            if gap[1] > last:
                break
            gap = next(rest)
    return joined(found)


def schedule_diff(
    schedule: Schedule,
    name: str,
    days: Mapping[str, CalendarDays],
    new_days: CalendarDays,
    window: tuple[int, int],
    work: DiffWork,
) -> CalendarEffect:
    """What `new_days` of the calendar `name` would change of a schedule within [start, end) (epoch seconds).

    `days` are those of all its calendars as they are now.
    """
    start, end = window
    gained, lost = changed_days(days[name], new_days)
    before, after = schedule.with_calendars(days), schedule.with_calendars({**days, name: new_days})
    diff = CalendarEffect()
    for begin, stop in _instants(before, (*gained, *lost), start, end):
        was, will = _times(before, begin, stop, work, diff), _times(after, begin, stop, work, diff)
        _count(diff, was, will)
        if not diff.is_complete:
            break
    diff.never_again = _is_over(after, start) and not _is_over(before, start)
    return diff


def _count(diff: CalendarEffect, was: set[int], will: set[int]) -> None:
    removed, added = sorted(was - will), sorted(will - was)
    diff.removed += len(removed)
    diff.added += len(added)
    diff.first_removed = sorted([*diff.first_removed, *removed[:EXAMPLES]])[:EXAMPLES]
    diff.first_added = sorted([*diff.first_added, *added[:EXAMPLES]])[:EXAMPLES]


def _instants(schedule: Schedule, days: tuple[DayRange, ...], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Days at a schedule's clock as instants, as far as they lie within [start, end); never one twice."""
    reached = start
    for first, last in joined(days):
        rough = first * DAY - _LONGEST_OFFSET, (last + 1) * DAY + _LONGEST_OFFSET
        if rough[1] <= start or rough[0] >= end:
            continue
        begin = max(first * DAY - offset_at(schedule.clock, max(first * DAY, start - DAY)) - DAY // 8, reached)
        stop = min((last + 1) * DAY - offset_at(schedule.clock, min((last + 1) * DAY, end + DAY)) + DAY // 8, end)
        if begin < stop:
            yield begin, stop
            reached = stop


def _times(schedule: Schedule, start: int, end: int, work: DiffWork, diff: CalendarEffect) -> set[int]:
    found: set[int] = set()
    for at in nominal_times(schedule, start, end):
        work.looks -= 1
        if isinstance(at, NothingUntil) or work.looks <= 0:
            diff.is_complete = False
            break
        found.add(at)
    return found


def _is_over(schedule: Schedule, after: int) -> bool:
    found = search(schedule, after)
    return not isinstance(found, NothingUntil) and found.nominal == NEVER
