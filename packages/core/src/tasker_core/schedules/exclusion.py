"""What a schedule leaves out: dates, ranges of dates and cron expressions, all at the schedule's own clock.

An occurrence is left out by what the clock shows when it would fire. An expression of five fields leaves out the whole
minute, one with seconds the second.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Final

from tasker_core.cron.dialect import parse as parse_fields
from tasker_core.cron.fields import EVERY_SECOND, Fields, run_of_days
from tasker_core.time.zones import DAY

MAX_ENTRIES: Final = 50
_MONTHS_KEPT: Final = 36

_DATES = re.compile(r"(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?", re.ASCII)
_DATE_LIKE = re.compile(r"[\dT:.+Z-]{7,}(?:/.*)?", re.ASCII)
_EPOCH: Final = date(1970, 1, 1).toordinal()
_ALWAYS: Final = (-(10**7), 10**7)
"""A range that holds every day that can be asked for."""


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
        if self._range(day) is not None:
            return True
        if not self.days:
            return False
        at = date.fromordinal(day + _EPOCH)
        return bool(self._days_of(at.year, at.month) >> at.day - 1 & 1)

    def run_of_days(self, day: int, step: int) -> int:
        """The day that ends a run of days left out as a whole, from `day` later (`step` 1) or earlier (-1).

        All days from `day` up to, without, the one returned are left out; it may itself be left out again.
        """
        end = run_of_days(self.days, day, step)
        if found := self._range(day):
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

    def _range(self, day: int) -> tuple[int, int] | None:
        at = bisect_right(self.ranges, day, key=lambda r: r[0]) - 1
        return self.ranges[at] if at >= 0 and day <= self.ranges[at][1] else None


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
    always = [_ALWAYS for found in whole if found.every_day]
    ranges = [found for found in parsed if not isinstance(found, Fields)]
    return Exclusion(
        ranges=_joined([*ranges, *always]),
        days=() if always else tuple(whole),
        times=() if always else tuple(found for found in fields if not found.whole_days),
    )


def dates_of(entry: str) -> tuple[date, date] | None:
    """The first and last date of a valid entry, None when it is a cron expression."""
    match = _DATES.fullmatch(entry)
    return (date.fromisoformat(match[1]), date.fromisoformat(match[2] or match[1])) if match else None


@lru_cache(maxsize=4096)
def _parsed(entry: str) -> Fields | tuple[int, int]:
    try:
        dates = dates_of(entry)
    except ValueError as error:
        raise ValueError(f"{entry!r} does not exist: {error}") from None
    if dates:
        first, last = dates
        if last < first:
            raise ValueError(f"the range ends before it begins; write {last}/{first}")
        return first.toordinal() - _EPOCH, last.toordinal() - _EPOCH
    if _DATE_LIKE.fullmatch(entry):
        known = "a date (2026-12-25), a range of dates (2026-12-24/2027-01-01) nor a cron expression"
        raise ValueError(f"{entry[:40]!r} is neither {known}")
    fields = parse_fields(entry)
    return fields if len(entry.split()) > 5 else replace(fields, seconds=EVERY_SECOND)


def _joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ascending, with those that touch or overlap made one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return tuple(joined)
