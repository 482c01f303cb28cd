"""The days of a month that the two day fields of a cron expression match."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_WEEKLY: Final = 0b1_0000001_0000001_0000001_0000001
_SUNDAY, _SATURDAY = 0, 6


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a month that the two day fields match.

    `dates`: bit 0 is the 1st. `before_last`: so many days before the last one too (0: the last day itself).
    `working`: the working day nearest to that date, within the month; zero and negative ones count from the last day.
    `weekdays`: bit 0 is Sunday; `nth`: pairs of weekday and its number in the month, -1 for the last.
    `either`: one field is enough (both are restricted).
    """

    dates: int
    before_last: frozenset[int]
    working: frozenset[int]
    weekdays: int
    nth: frozenset[tuple[int, int]]
    either: bool

    def of_month(self, first_weekday: int, length: int) -> int:
        """The matching days of a month of `length` days whose 1st is `first_weekday` (0: Sunday); bit 0 is the 1st."""
        dates = self.dates
        if self.before_last or self.working:
            for index in self._special_dates(first_weekday, length):
                dates |= 1 << index
        weekdays = 0
        for weekday in range(7):
            if self.weekdays >> weekday & 1:
                weekdays |= _WEEKLY << (weekday - first_weekday) % 7
        for weekday, number in self.nth:
            first = (weekday - first_weekday) % 7
            last = first + (length - 1 - first) // 7 * 7
            weekdays |= 1 << (last if number < 0 else first + (number - 1) * 7)
        return (dates | weekdays if self.either else dates & weekdays) & (1 << length) - 1

    def _special_dates(self, first_weekday: int, length: int) -> Iterator[int]:
        """The days, counted from 0, that depend on how the month lies; a date that it does not have is none."""
        for days in self.before_last:
            if days < length:
                yield length - 1 - days
        for date in self.working:
            index = date - 1 if date > 0 else length - 1 + date
            if 0 <= index < length:
                yield _nearest_working_day(index, first_weekday, length)


def _nearest_working_day(index: int, first_weekday: int, length: int) -> int:
    """The day itself, else the Friday before a Saturday or the Monday after a Sunday, but never in another month."""
    weekday = (first_weekday + index) % 7
    if weekday == _SATURDAY:
        return index - 1 if index > 0 else index + 2
    if weekday == _SUNDAY:
        return index + 1 if index + 1 < length else index - 2
    return index
