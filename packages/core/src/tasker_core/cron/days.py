"""The days of a month that the two day fields of a cron expression match."""

from dataclasses import dataclass
from functools import lru_cache
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
        for before in self.before_last:
            if before < length:
                dates |= 1 << length - 1 - before
        for date in self.working:
            dates |= _working_day(date, first_weekday, length)
        weekdays = 0
        for weekday in range(7):
            if self.weekdays >> weekday & 1:
                weekdays |= _WEEKLY << (weekday - first_weekday) % 7
        for weekday, number in self.nth:
            first = (weekday - first_weekday) % 7
            last = first + (length - 1 - first) // 7 * 7
            weekdays |= 1 << (last if number < 0 else first + (number - 1) * 7)
        return (dates | weekdays if self.either else dates & weekdays) & (1 << length) - 1


@lru_cache(maxsize=2048)
def _working_day(date: int, first_weekday: int, length: int) -> int:
    """The working day nearest to a date, as a bit: the Friday before a Saturday or the Monday after a Sunday.

    Never one in another month; none where the month has no such date.
    """
    index = date - 1 if date > 0 else length - 1 + date
    if not 0 <= index < length:
        return 0
    weekday = (first_weekday + index) % 7
    if weekday == _SATURDAY:
        index += -1 if index > 0 else 2
    elif weekday == _SUNDAY:
        index += 1 if index + 1 < length else -2
    return 1 << index
