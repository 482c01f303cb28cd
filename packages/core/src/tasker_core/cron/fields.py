"""The fields of a cron expression as sets of bits, and the wall seconds they match. No zones here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from tasker_core.cron.days import Days
from tasker_core.time.zones import DAY, END_OF_TIME

NO_WALL: Final = 1 << 62
"""Later than every wall second; its negative is earlier than every one."""

EVERY_SECOND: Final = (1 << 60) - 1
EVERY_MINUTE: Final = (1 << 1440) - 1
_EACH_HOUR: Final = sum(1 << 60 * hour for hour in range(24))
_SECOND_DIGITS: Final = 15  # the hexadecimal digits of a minute's 60 bits
RUN_MONTHS: Final = 24
"""So many months a run of days is followed at a time."""

_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
EVERY_YEAR: Final = -1
_FIRST_YEAR: Final = 1970
LAST_YEAR: Final = date.fromordinal(_EPOCH_ORDINAL + END_OF_TIME // DAY).year


@dataclass(frozen=True, slots=True)
class Fields:
    """What an expression matches: `seconds` of the minute, `minutes` of the day, `months` (bit 1: January), `days`.

    `years`: bit 2026 is that year; all bits where they are not restricted.
    """

    seconds: int
    minutes: int
    months: int
    days: Days
    years: int = EVERY_YEAR

    @property
    def possible(self) -> bool:
        """Whether any date matches. 28 years without a century hold every kind of month."""
        years = range(2000, 2028) if self.years == EVERY_YEAR else range(_FIRST_YEAR, LAST_YEAR)
        return any(self.days_of(year, month) for year in years if self.years >> year & 1 for month in range(1, 13))

    def at_or_after(self, wall: int) -> int:
        """The smallest matching wall second ≥ `wall`; NO_WALL when none is left."""
        day, time = divmod(wall, DAY)
        today = date.fromordinal(day + _EPOCH_ORDINAL)
        year, month, skip = today.year, today.month, today.day - 1
        days = self.days_of(year, month)
        if days >> skip & 1:
            if (found := self._time_from(time)) >= 0:
                return day * DAY + found
            skip += 1
        while (index := _lowest(days, skip)) < 0:
            skip = 0
            month = _lowest(self.months, month + 1)
            if month < 0:
                year, month = _lowest(self.years, year + 1), _lowest(self.months, 1)
                if not 0 < year <= LAST_YEAR:
                    return NO_WALL
            days = self.days_of(year, month)
        return (_month(year, month)[0] + index) * DAY + self._time_from(0)

    def at_or_before(self, wall: int) -> int:
        """The greatest matching wall second ≤ `wall`; -NO_WALL when none is left."""
        day, time = divmod(wall, DAY)
        today = date.fromordinal(day + _EPOCH_ORDINAL)
        year, month, keep = today.year, today.month, today.day - 1
        days = self.days_of(year, month)
        if days >> keep & 1:
            if (found := self._time_to(time)) >= 0:
                return day * DAY + found
            keep -= 1
        while (index := _highest(days, keep)) < 0:
            keep = 30
            month = _highest(self.months, month - 1)
            if month < 0:
                year, month = _highest(self.years, year - 1), _highest(self.months, 12)
                if year < 1969:
                    return -NO_WALL
            days = self.days_of(year, month)
        return (_month(year, month)[0] + index) * DAY + self._time_to(DAY - 1)

    @property
    def whole_days(self) -> bool:
        """Whether every second of a matching day matches."""
        return self.minutes == EVERY_MINUTE and self.seconds == EVERY_SECOND

    @property
    def every_hour(self) -> bool:
        """Whether all hours of a matching day have the same minutes."""
        return self.minutes == (self.minutes & EVERY_MINUTE >> 1380) * _EACH_HOUR

    @property
    def every_day(self) -> bool:
        """Whether there is no day that does not match."""
        months = ((year, month) for year in range(2000, 2028) for month in range(1, 13))
        return self.years == EVERY_YEAR and all(self.days_of(*m) == (1 << _month(*m)[2]) - 1 for m in months)

    @property
    def times(self) -> int:
        """The seconds of a matching day that match, as bits."""
        return times_of_day(self.minutes, self.seconds)

    def on_day(self, day: int) -> bool:
        """Whether an epoch day matches."""
        at = date.fromordinal(day + _EPOCH_ORDINAL)
        return bool(self.days_of(at.year, at.month) >> at.day - 1 & 1)

    def holds(self, wall: int) -> bool:
        """Whether a wall second matches."""
        day, time = divmod(wall, DAY)
        return self.holds_time(time) and self.on_day(day)

    def holds_time(self, time: int) -> bool:
        """Whether a second of the day matches, on a matching day."""
        minute, second = divmod(time, 60)
        return bool(self.minutes >> minute & 1 and self.seconds >> second & 1)

    def days_of(self, year: int, month: int) -> int:
        """The matching days of a month; bit 0 is the 1st."""
        if self.months >> month & 1 and self.years >> year & 1:
            return self.days.of_month(*_month(year, month)[1:])
        return 0

    def _time_from(self, time: int) -> int:
        minute, second = divmod(time, 60)
        if self.minutes >> minute & 1 and (found := _lowest(self.seconds, second)) >= 0:
            return minute * 60 + found
        minute = _lowest(self.minutes, minute + 1 if time else 0)
        return minute * 60 + _lowest(self.seconds, 0) if minute >= 0 else -1

    def _time_to(self, time: int) -> int:
        minute, second = divmod(time, 60)
        if self.minutes >> minute & 1 and (found := _highest(self.seconds, second)) >= 0:
            return minute * 60 + found
        minute = _highest(self.minutes, minute - 1)
        return minute * 60 + _highest(self.seconds, 59) if minute >= 0 else -1


def run_of_days(united: Sequence[Fields], day: int, step: int) -> int:
    """Where the run of days that any of them matches ends: the next other day from `day` later (`step` 1) or earlier.

    A run longer than two years is followed no further: what is returned then may match, and all before it do.
    """
    at = date.fromordinal(day + _EPOCH_ORDINAL)
    year, month, start = at.year, at.month, at.day - 1
    for _ in range(RUN_MONTHS):
        first, _weekday, length = _month(year, month)
        others = (1 << length) - 1
        for fields in united:
            others &= ~fields.days_of(year, month)
        found = _lowest(others, start) if step > 0 else _highest(others, start)
        if found >= 0:
            return first + found
        day = first + length if step > 0 else first - 1
        year, month = (year + month // 12, month % 12 + 1) if step > 0 else (year - (month == 1), (month - 2) % 12 + 1)
        start = 0 if step > 0 else 30
    return day


@lru_cache(maxsize=1024)
def times_of_day(minutes: int, seconds: int) -> int:
    """The seconds of a day at which the fields match, as bits: 60 of them for each minute."""
    minute = f"{seconds:0{_SECOND_DIGITS}x}"
    chosen = f"{minutes:01440b}".replace("0", "x").replace("1", "y")
    return int(chosen.replace("x", "0" * _SECOND_DIGITS).replace("y", minute), 16)


@lru_cache(maxsize=4096)
def _month(year: int, month: int) -> tuple[int, int, int]:
    """Epoch day of the 1st, its weekday (0: Sunday), and the length in days."""
    first = date(year, month, 1).toordinal()
    after = date(year + month // 12, month % 12 + 1, 1).toordinal()
    return first - _EPOCH_ORDINAL, first % 7, after - first


def _lowest(bits: int, start: int) -> int:
    """The index of the lowest bit set at or above `start`; -1 when there is none."""
    rest = bits >> start
    return start + (rest & -rest).bit_length() - 1 if rest else -1


def _highest(bits: int, end: int) -> int:
    """The index of the highest bit set at or below `end`; -1 when there is none."""
    return (bits & (2 << end) - 1).bit_length() - 1 if end >= 0 else -1
