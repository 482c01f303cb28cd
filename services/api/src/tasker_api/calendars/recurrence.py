"""PURE. The dates of an event that recurs (RFC 5545, RRULE), for whole days, within a bound of work.

The rule is followed period by period (days, weeks, months or years): of each the days that match, then BYSETPOS. That
costs what lies between the first day and the last one that counts, also where a rule matches nothing at all, on which
libraries for it look on for minutes (python-dateutil 2.9 to the year 9999; it is the oracle of the tests).
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import MAXYEAR, date, datetime, timedelta
from itertools import islice
from typing import Any, Final

from tasker_core.errors import TaskerError

_FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NUMBERS: Final = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
_TAKEN: Final = frozenset(("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_NUMBERS))
_MOST_VALUES: Final = 400


class UnusableRule(TaskerError):
    """A rule of which no dates are taken; the text says why."""


class DayRule:
    """A rule (icalendar's vRecur) that begins on a day. Raises UnusableRule."""

    def __init__(self, rule: Mapping[str, Any], first: date) -> None:
        given = {name.upper(): _values(value) for name, value in rule.items()}
        self._frequency = str(given.get("FREQ", [""])[0]).upper()
        if self._frequency not in _FREQUENCIES:
            how = f"recurs {self._frequency.lower()[:20]}, which is no matter of days"
            raise UnusableRule(how if self._frequency else "its rule is not understood")
        if unknown := sorted(given.keys() - _TAKEN):
            raise UnusableRule(f"{unknown[0][:20]} in a rule says nothing of whole days")
        numbers = {name: _numbers(name, given.get(name, []), most) for name, most in _NUMBERS.items()}
        self._months, self._month_days = numbers["BYMONTH"], numbers["BYMONTHDAY"]
        self._year_days, self._weeks = numbers["BYYEARDAY"], numbers["BYWEEKNO"]
        self._positions = numbers["BYSETPOS"]
        self._weekdays = [_weekday(str(one)) for one in given.get("BYDAY", [])]
        self._interval = _count("INTERVAL", given) or 1
        self._count, self._until = _count("COUNT", given), _until(given.get("UNTIL", []))
        self._week_start = _weekday(str(given.get("WKST", ["MO"])[0]))[1]
        self._first = first
        if not 1 < first.year < MAXYEAR - 1:
            raise UnusableRule("begins at an end of all calendars")
        self._complete()

    def _complete(self) -> None:
        """What a rule leaves out is what its first day has."""
        first, frequency = self._first, self._frequency
        named = self._month_days or self._year_days or self._weekdays
        if frequency == "WEEKLY" and not self._weekdays:
            self._weekdays = [(0, first.weekday())]
        elif frequency == "MONTHLY" and not named:
            self._month_days = {first.day}
        elif frequency == "YEARLY" and not named:
            if self._weeks:
                self._weekdays = [(0, first.weekday())]
            else:
                self._month_days = {first.day}
                self._months = self._months or {first.month}

    def dates(self, through: date) -> Iterator[date]:
        """Its dates up to and with `through`, the first day of all only if the rule has it."""
        return islice(self._dates(min(through, self._until or through)), self._count)

    def work(self, through: date) -> int:
        """How many days are looked at for the dates up to a day."""
        days = max(0, (through - self._first).days) + 1
        if self._frequency == "YEARLY" and not (self._weekdays or self._year_days or self._weeks):
            return days // 365 * len(self._months or range(12)) * len(self._month_days) + 1
        return days // (self._interval if self._frequency == "DAILY" else 1) + 1

    def _dates(self, through: date) -> Iterator[date]:
        for begin, end in self._periods(through):
            found = sorted(one for one in self._candidates(begin, end) if self._matches(one))
            for one in self._chosen(found):
                if one > through:
                    return
                if one >= self._first:
                    yield one

    def _periods(self, through: date) -> Iterator[tuple[date, date]]:
        """The periods that count, each as [begin, end), up to the day `through`."""
        first, step = self._first, self._interval
        if self._frequency in ("DAILY", "WEEKLY"):
            length = 1 if self._frequency == "DAILY" else 7
            begin = first - timedelta(days=(first.weekday() - self._week_start) % 7 if length == 7 else 0)
            while begin <= through:
                yield begin, begin + timedelta(days=length)
                if (date.max - begin).days <= length * step:
                    return
                begin += timedelta(days=length * step)
            return
        month = first.year * 12 + (first.month - 1 if self._frequency == "MONTHLY" else 0)
        length = 1 if self._frequency == "MONTHLY" else 12
        while (month + length) // 12 <= MAXYEAR and (begin := _month(month)) <= through:
            yield begin, _month(month + length)
            month += length * step

    def _candidates(self, begin: date, end: date) -> Iterator[date]:
        if self._frequency == "YEARLY" and not (self._weekdays or self._year_days or self._weeks):
            for month in self._months or range(1, 13):
                last = monthrange(begin.year, month)[1]
                for day in {one if one > 0 else last + 1 + one for one in self._month_days}:
                    if 1 <= day <= last:
                        yield date(begin.year, month, day)
            return
        for ordinal in range(begin.toordinal(), end.toordinal()):
            yield date.fromordinal(ordinal)

    def _matches(self, at: date) -> bool:
        if self._months and at.month not in self._months:
            return False
        last = monthrange(at.year, at.month)[1]
        if self._month_days and not self._month_days & {at.day, at.day - last - 1}:
            return False
        of_year, days = at.timetuple().tm_yday, date(at.year, 12, 31).timetuple().tm_yday
        if self._year_days and not self._year_days & {of_year, of_year - days - 1}:
            return False
        if self._weeks and not self._weeks & _week(at, self._week_start):
            return False
        if not self._weekdays:
            return True
        place, size = (of_year, days) if self._of_year else (at.day, last)
        nth = {0, (place - 1) // 7 + 1, -((size - place) // 7 + 1)}
        return any(day == at.weekday() and number in nth for number, day in self._weekdays)

    @property
    def _of_year(self) -> bool:
        """Whether the second Monday is that of the year."""
        return self._frequency == "YEARLY" and not self._months

    def _chosen(self, found: Sequence[date]) -> Sequence[date]:
        if not self._positions:
            return found
        size = len(found)
        places = {one - 1 if one > 0 else size + one for one in self._positions}
        return [found[place] for place in sorted(places) if 0 <= place < size]


def _week(at: date, start: int) -> set[int]:
    """The number of its week, and the same from the end of the year to which that week belongs."""
    begin = at - timedelta(days=(at.weekday() - start) % 7)
    year = next(one for one in (at.year + 1, at.year, at.year - 1) if _first_week(one, start) <= begin)
    first, after = _first_week(year, start), _first_week(year + 1, start)
    number = (begin - first).days // 7 + 1
    return {number, number - (after - first).days // 7 - 1}


def _first_week(year: int, start: int) -> date:
    """The begin of the first week that has four days in a year."""
    fourth = date(year, 1, 4)
    return fourth - timedelta(days=(fourth.weekday() - start) % 7)


def _month(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _values(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _numbers(name: str, values: Sequence[Any], most: int) -> set[int]:
    if len(values) > _MOST_VALUES:
        raise UnusableRule(f"{name} has {len(values):,} values")
    try:
        found = {int(str(value)) for value in values}
    except ValueError:
        raise UnusableRule(f"{name} has a value that is no number") from None
    if any(not 1 <= abs(one) <= most for one in found):
        raise UnusableRule(f"{name} has a value beyond {most}")
    return found


def _count(name: str, given: Mapping[str, Sequence[Any]]) -> int | None:
    if name not in given:
        return None
    try:
        found = int(str(given[name][0]))
    except (ValueError, IndexError):
        found = 0
    if not 1 <= found <= 1_000_000:
        raise UnusableRule(f"{name} is no number from 1 to 1,000,000")
    return found


def _weekday(text: str) -> tuple[int, int]:
    """`2MO`: which one (0: each), and the day of the week, 0 for Monday."""
    number, day = text[:-2], text[-2:].upper()
    if day not in _WEEKDAYS or not (number == "" or number.removeprefix("+").removeprefix("-").isdigit()):
        raise UnusableRule(f"{text[:20]!r} is no day of the week")
    return int(number or 0), _WEEKDAYS.index(day)


def _until(values: Sequence[Any]) -> date | None:
    at = values[0] if values else None
    if isinstance(at, datetime):
        return at.date()
    return at if isinstance(at, date) else None
