"""The days of a calendar, ready to be asked. Days are epoch days of the local calendar."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

DayRange = tuple[int, int]
"""The first and the last day of a closed range."""
ALL_DAYS: Final[DayRange] = (-(10**7), 10**7)
"""A range that holds every day that can be asked for."""

_DATES: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?", re.ASCII)
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, eq=False)
class CalendarDays:
    """The days of one version of a calendar: closed ranges, ascending and apart from each other.

    Two of them are equal only when they are one: whoever keeps what follows from them asks for it often.
    """

    ranges: tuple[DayRange, ...]

    @property
    def last(self) -> date | None:
        """The last day; None without any."""
        return date_of(self.ranges[-1][1]) if self.ranges else None

    @property
    def others(self) -> list[DayRange]:
        """All other days, as ranges."""
        found: list[DayRange] = []
        begin = ALL_DAYS[0]
        for first, last in self.ranges:
            found.append((begin, first - 1))
            begin = last + 1
        return [*found, (begin, ALL_DAYS[1])]

    def has_day_after(self, day: int) -> bool:
        """Whether there is a day on or after `day`."""
        return bool(self.ranges) and self.ranges[-1][1] >= day

    def count(self) -> int:
        """How many days there are."""
        return sum(last - first + 1 for first, last in self.ranges)


def calendar_days(entries: Iterable[str]) -> CalendarDays:
    """The days of valid entries: dates (`2026-12-25`) and ranges of dates (`2026-12-24/2027-01-01`)."""
    return _calendar_days(tuple(entries))


@lru_cache(maxsize=256)
def _calendar_days(entries: tuple[str, ...]) -> CalendarDays:
    found = [dates for entry in entries if (dates := dates_of(entry))]
    return CalendarDays(joined((day_of(first), day_of(last)) for first, last in found))


def dates_of(entry: str) -> tuple[date, date] | None:
    """The first and last date of an entry, None when it is none of its kind. Raises ValueError for an impossible one.

    A range that ends before it begins is answered as it is.
    """
    match = _DATES.fullmatch(entry)
    return (date.fromisoformat(match[1]), date.fromisoformat(match[2] or match[1])) if match else None


def day_range(entry: str) -> DayRange | None:
    """The days of an entry; None when it is neither a date nor a range. Raises ValueError with the way out."""
    try:
        dates = dates_of(entry)
    except ValueError as error:
        raise ValueError(f"{entry!r} does not exist: {error}") from None
    if dates is None:
        return None
    first, last = dates
    if last < first:
        raise ValueError(f"the range ends before it begins; write {last}/{first}")
    return day_of(first), day_of(last)


def joined(ranges: Iterable[DayRange]) -> tuple[DayRange, ...]:
    """Ascending, with those that touch or overlap made one."""
    found: list[DayRange] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return tuple(found)


def range_at(ranges: tuple[DayRange, ...], day: int) -> DayRange | None:
    """Which of the ranges (ascending, apart from each other) holds a day."""
    at = bisect_right(ranges, day, key=lambda r: r[0]) - 1
    return ranges[at] if at >= 0 and day <= ranges[at][1] else None


def entry_of(days: DayRange) -> str:
    """A range of days as an entry."""
    first, last = date_of(days[0]), date_of(days[1])
    return f"{first}" if first == last else f"{first}/{last}"


def day_of(at: date) -> int:
    """The epoch day of a date."""
    return at.toordinal() - _EPOCH


def date_of(day: int) -> date:
    """The date of an epoch day."""
    return date.fromordinal(day + _EPOCH)
