"""What a schedule leaves out: dates, ranges of dates, cron expressions and calendars, all at the schedule's own clock.

An occurrence is left out by what the clock shows when it would fire. An expression of five fields leaves out the whole
minute, one with seconds the second.
"""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from tasker_core.calendars.calendar_days import ALL_DAYS, CalendarDays, date_of, day_range, joined, range_at
from tasker_core.cron.dialect import parse as parse_fields
from tasker_core.cron.fields import EVERY_SECOND, Fields, run_of_days
from tasker_core.time.zones import DAY

MAX_ENTRIES: Final = 50
_MONTHS_KEPT: Final = 36

_DATE_LIKE = re.compile(r"[\dT:.+Z-]{7,}(?:/.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The entries of one schedule, ready to be asked. Days are epoch days of the local calendar.

    `ranges`: closed, ascending and apart from each other; `days`: expressions that match whole days; `times`: the rest.
    """

    ranges: tuple[tuple[int, int], ...]
    days: tuple[Fields, ...]
    times: tuple[Fields, ...]
    _by_month: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int], repr=False, compare=False)
    """The days that `days` match in the months that were asked for last, as bits."""

    @property
    def size(self) -> int:
        """The work of asking once, counted in entries."""
        return 1 + len(self.days) + len(self.times)

    def holds(self, wall: int) -> bool:
        """Whether what fires at this wall second is left out."""
        return any(fields.holds(wall) for fields in self.times) or self.holds_day(wall // DAY)

    def holds_day(self, day: int) -> bool:
        """Whether a day is left out as a whole by one of the entries."""
        if range_at(self.ranges, day) is not None:
            return True
        if not self.days:
            return False
        at = date_of(day)
        return bool(self._days_of(at.year, at.month) >> at.day - 1 & 1)

    def run_of_days(self, day: int, step: int) -> int:
        """The day that ends a run of days left out as a whole, from `day` later (`step` 1) or earlier (-1).

        All days from `day` up to, without, the one returned are left out; it may itself be left out again.
        """
        end = run_of_days(self.days, day, step)
        if found := range_at(self.ranges, day):
            end = max(end, found[1] + 1) if step > 0 else min(end, found[0] - 1)
        return end

    def run_without(self, times: int, day: int, step: int) -> tuple[int, int]:
        """The same for days of which single expressions leave out at least the seconds `times`; how many these are."""
        first, last = (times & -times).bit_length() - 1, times.bit_length() - 1
        alike = (fields for fields in self.times if fields.holds_time(first) and fields.holds_time(last))
        united = [fields for fields in alike if times == times & fields.times]
        return run_of_days(united, day, step), len(united)

    def times_left_out(self, day: int) -> int:
        """The seconds of a day that expressions leave out, as bits."""
        bits = 0
        for fields in self.times:
            if fields.on_day(day):
                bits |= fields.times
        return bits

    def _days_of(self, year: int, month: int) -> int:
        found = self._by_month.get((year, month))
        if found is None:
            if len(self._by_month) >= _MONTHS_KEPT:
                self._by_month.clear()
            found = 0
            for fields in self.days:
                found |= fields.days_of(year, month)
            self._by_month[year, month] = found
        return found


def checked(entry: str) -> str:
    """The entry as it was given. Raises ValueError saying what is wrong and the way out."""
    _parsed(entry)
    return entry


@lru_cache(maxsize=4096)
def exclusion(entries: tuple[str, ...]) -> Exclusion:
    """The entries, parsed once. Raises ValueError."""
    parsed = [_parsed(entry) for entry in entries]
    fields = [found for found in parsed if isinstance(found, Fields)]
    whole = [found for found in fields if found.whole_days]
    always = [ALL_DAYS for found in whole if found.every_day]
    ranges = [found for found in parsed if not isinstance(found, Fields)]
    return Exclusion(
        ranges=joined([*ranges, *always]),
        days=() if always else tuple(whole),
        times=() if always else tuple(found for found in fields if not found.whole_days),
    )


@lru_cache(maxsize=256)
def exclusion_by_calendars(
    entries: tuple[str, ...], excluded: tuple[CalendarDays, ...], required: tuple[CalendarDays, ...]
) -> Exclusion:
    """What entries leave out, and calendars: the days of those that are excluded, all days that a required one lacks.

    Kept, since a schedule asks for it at each search, and many schedules have the same.
    """
    own = exclusion(entries)
    ranges: list[tuple[int, int]] = [*own.ranges]
    for calendar in excluded:
        ranges += calendar.ranges
    for calendar in required:
        ranges += calendar.others
    return replace(own, ranges=joined(ranges))


@lru_cache(maxsize=4096)
def _parsed(entry: str) -> Fields | tuple[int, int]:
    if (dates := day_range(entry)) is not None:
        return dates
    if _DATE_LIKE.fullmatch(entry):
        known = "a date (2026-12-25), a range of dates (2026-12-24/2027-01-01) nor a cron expression"
        raise ValueError(f"{entry[:40]!r} is neither {known}")
    fields = parse_fields(entry)
    return fields if len(entry.split()) > 5 else replace(fields, seconds=EVERY_SECOND)
