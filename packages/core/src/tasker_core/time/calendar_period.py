"""Calendar periods (every N days, weeks, months or years), counted from a date without drift."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from tasker_core.time.wall_times import NEVER, WallTimes
from tasker_core.time.zones import DAY, END_OF_TIME

MonthEnd = Literal["last", "skip"]

_PERIOD: Final = re.compile(r"P(?P<count>\d{1,5})(?P<unit>[DWMY])", re.ASCII)
_UNITS: Final[dict[str, tuple[str, int]]] = {
    "D": ("day", 36_500),
    "W": ("week", 5_200),
    "M": ("month", 1_200),
    "Y": ("year", 100),
}
_EPOCH: Final = date(1970, 1, 1).toordinal()
_LAST_YEAR: Final = date.fromordinal(_EPOCH + END_OF_TIME // DAY).year


class CalendarPeriod(NamedTuple):
    """So many days, weeks, months or years."""

    number: int
    unit: str

    @property
    def in_months(self) -> bool:
        """Whether its length is that of months."""
        return self.unit in ("month", "year")

    @property
    def in_words(self) -> str:
        """`day`, `2 weeks`."""
        return self.unit if self.number == 1 else f"{self.number} {self.unit}s"


@lru_cache(maxsize=4096)
def parse_period(text: str) -> CalendarPeriod:
    """The period that `P3D`, `P2W`, `P5M` or `P1Y` names. Raises ValueError for anything else."""
    match = _PERIOD.fullmatch(text.upper())
    if match is None:
        raise ValueError(
            f"{text[:40]!r} is not a whole number of days, weeks, months or years; give one, such as P3D, P2W, P5M, P1Y"
            + ("; for hours, minutes and seconds leave `at` out" if "T" in text.upper() else "")
        )
    unit, most = _UNITS[match["unit"]]
    count = int(match["count"])
    if not 1 <= count <= most:
        raise ValueError(f"{count} {unit}s are not within 1 to {most}")
    return CalendarPeriod(count, unit)


@dataclass(frozen=True, slots=True)
class DayWalls:
    """Wall seconds at `first` and every `step` seconds from there on, which are whole days."""

    first: int
    step: int

    def at_or_after(self, wall: int) -> int:
        """The smallest one ≥ `wall`."""
        return self.first if wall <= self.first else self.first + -(-(wall - self.first) // self.step) * self.step

    def at_or_before(self, wall: int) -> int:
        """The greatest one ≤ `wall`; -NEVER when there is none."""
        return -NEVER if wall < self.first else wall - (wall - self.first) % self.step


@dataclass(frozen=True, slots=True)
class MonthWalls:
    """Wall seconds on the day `day` of the month `first` (12 · year + month - 1) and of every `step`-th from there on.

    A month that is too short has one on its last day (`month_end` last), or none (skip). `time`: seconds of the day.
    """

    first: int
    step: int
    day: int
    time: int
    month_end: MonthEnd

    def at_or_after(self, wall: int) -> int:
        """The smallest one ≥ `wall`; NEVER when none is left before 2200."""
        month = max(self.first, self._month_to(wall))
        while month <= 12 * _LAST_YEAR + 11:
            if (found := self._wall(month)) >= wall:
                return found
            month += self.step
        return NEVER

    def at_or_before(self, wall: int) -> int:
        """The greatest one ≤ `wall`; -NEVER when there is none."""
        month = self._month_to(wall)
        while month >= self.first:
            if -NEVER < (found := self._wall(month)) <= wall:
                return found
            month -= self.step
        return -NEVER

    def _month_to(self, wall: int) -> int:
        """The last month of the series that begins up to `wall`, as if the series had no begin."""
        at = date.fromordinal(wall // DAY + _EPOCH)
        month = 12 * at.year + at.month - 1
        return month - (month - self.first) % self.step

    def _wall(self, month: int) -> int:
        """The one in a month of the series; -NEVER when there is none."""
        length = monthrange(month // 12, month % 12 + 1)[1]
        if self.day > length and self.month_end == "skip":
            return -NEVER
        day = date(month // 12, month % 12 + 1, min(self.day, length)).toordinal() - _EPOCH
        return day * DAY + self.time


def walls_of(period: CalendarPeriod, anchor: date, time: int, month_end: MonthEnd) -> WallTimes:
    """The wall seconds at `time` (seconds of the day) on the date `anchor` and every period from there on."""
    if period.in_months:
        step = period.number * (12 if period.unit == "year" else 1)
        return MonthWalls(12 * anchor.year + anchor.month - 1, step, anchor.day, time, month_end)
    first = (anchor.toordinal() - _EPOCH) * DAY + time
    return DayWalls(first, period.number * (7 * DAY if period.unit == "week" else DAY))
