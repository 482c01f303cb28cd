"""PURE. A cron expression, asked day by day: of croniter where it speaks of the same, else read item by item."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Final

from tasker_cli.verify.enumeration.croniter_dialect import LAST_YEAR, croniter_days, time_values

ALIASES: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_UNRESTRICTED: Final = ("*", "?")


class CronReading:
    """The fields of one expression: 5, 6 with seconds first, or 7 with a year last. No H, no alias.

    `fixed`: minute and hour are plain values or lists. `with_seconds`: it names its seconds.
    """

    def __init__(self, expression: str) -> None:
        fields = ALIASES.get(expression.lower(), expression).upper().split()
        self.with_seconds = len(fields) > 5
        if not self.with_seconds:
            fields = ["0", *fields]
        seconds, minutes, hours, dates, months, weekdays, *year = fields
        self.seconds, self.minutes = _time_values(seconds, 0), _time_values(minutes, 0)
        self.hours = _time_values(hours, 1)
        self.fixed = not set("*-/") & set(minutes + hours)
        days = dates, _numbered(months, MONTHS, 1), _numbered(weekdays, WEEKDAYS, 0), year[0] if year else None
        self.on_day = day_reading(*days)

    @cached_property
    def times_of_day(self) -> tuple[int, ...]:
        """Its times as seconds of a day, in order."""
        minutes, seconds = sorted(self.minutes), sorted(self.seconds)
        return tuple(h * 3600 + m * 60 + s for h in sorted(self.hours) for m in minutes for s in seconds)

    def at_minute(self, local: datetime) -> bool:
        """Whether a local minute is one of its minutes."""
        return local.hour in self.hours and local.minute in self.minutes and self.on_day(local.date())


@lru_cache(maxsize=4096)
def day_reading(dates: str, months: str, weekdays: str, years: str | None) -> Callable[[date], bool]:
    """Whether a date is one of the days of these fields: croniter's answer where it speaks of the same."""
    own = _DayFields(dates, months, weekdays).on_day
    asked = croniter_days(dates, months, weekdays)
    among = None if years is None else frozenset(_values(years, 1970, 2199))

    @lru_cache(maxsize=20_000)
    def on_day(day: date) -> bool:
        if among is not None and day.year not in among:
            return False
        return own(day) if asked is None or day.year > LAST_YEAR else asked(day)

    return on_day


class _DayFields:
    """Days by own arithmetic."""

    def __init__(self, dates: str, months: str, weekdays: str) -> None:
        self._dates, self._weekdays = dates, weekdays
        self._months = frozenset(_values(months, 1, 12))

    def on_day(self, day: date) -> bool:
        """Whether a date is one of them."""
        if day.month not in self._months:
            return False
        by_date = any(_date_matches(item, day) for item in self._dates.split(","))
        by_weekday = any(_weekday_matches(item, day) for item in self._weekdays.split(","))
        if self._dates.startswith(_UNRESTRICTED) or self._weekdays.startswith(_UNRESTRICTED):
            return by_date and by_weekday
        return by_date or by_weekday


def _time_values(text: str, position: int) -> frozenset[int]:
    """The values of a field of the time: 0 a minute or second, 1 an hour."""
    found = time_values(text, position)
    return frozenset(_values(text, 0, 23 if position else 59)) if found is None else found


@lru_cache(maxsize=4096)
def cron_reading(expression: str) -> CronReading:
    """The same, read once."""
    return CronReading(expression)


def _date_matches(item: str, day: date) -> bool:
    last = monthrange(day.year, day.month)[1]
    if item == "L":
        return day.day == last
    if item == "LW":
        return day == _nearest_working_day(day.replace(day=last))
    if item.startswith("L-"):
        number = last - int(item[2:].rstrip("W"))
        if number >= 1 and item.endswith("W"):
            return day == _nearest_working_day(day.replace(day=number))
        return day.day == number
    if item.endswith("W"):
        number = int(item[:-1])
        return number <= last and day == _nearest_working_day(day.replace(day=number))
    return day.day in _values(item, 1, 31)


def _nearest_working_day(day: date) -> date:
    """Monday to Friday of the same month, no further away than needed."""
    distances = sorted(range(-3, 4), key=lambda n: (abs(n), n))
    candidates = (day + timedelta(days=n) for n in distances)
    return next(near for near in candidates if near.month == day.month and near.isoweekday() <= 5)


def _weekday_matches(item: str, day: date) -> bool:
    weekday = day.isoweekday() % 7
    name, number, nth = _numbered(item, WEEKDAYS, 0).partition("#")
    if number:
        return weekday == int(name) % 7 and (day.day - 1) // 7 + 1 == int(nth)
    if "L" in name:
        of_week = weekday == int(name.replace("L", "")) % 7
        return of_week and (day + timedelta(days=7)).month != day.month
    # A step from a weekday goes through Sunday as the 7th, a star has each day once.
    high = 6 if name.startswith(_UNRESTRICTED) else 7
    return weekday in {value % 7 for value in _values(name, 0, high, cycle=7)}


def _numbered(text: str, names: tuple[str, ...], first: int) -> str:
    for index, name in enumerate(names):
        text = text.replace(name, str(index + first))
    return text


def _values(text: str, low: int, high: int, cycle: int = 0) -> list[int]:
    """In their order; `cycle`: how many there are, where the last one has the meaning of the first."""
    found: list[int] = []
    for item in text.split(","):
        span, _, step = item.partition("/")
        first, dash, last = span.partition("-")
        if span in _UNRESTRICTED:
            walked = list(range(low, high + 1))
        elif dash and int(last) < int(first):  # it passes the end of its field
            walked = [*range(int(first), cycle or high + 1), *range(low, int(last) + 1)]
        elif dash:
            walked = list(range(int(first), int(last) + 1))
        else:
            walked = list(range(int(first), high + 1)) if step else [int(first)]
        found += walked[:: int(step or 1)]
    return found


_FIELDS: Final = (
    *(("second", 0, 59), ("minute", 0, 59), ("hour", 0, 23)),
    *(("day-of-month", 1, 28), ("month", 1, 12), ("weekday", 0, 6)),
)


def without_hashes(expression: str, task_id: str) -> str:
    """The expression with the value that each `H` has for a task: of its field, and of its task's id."""
    texts = expression.split()
    fields = _FIELDS[-len(texts) :] if len(texts) == 5 else _FIELDS
    named = [
        ",".join(_without_hash(item, *field, task_id) for item in text.split(","))
        for text, field in zip(texts, fields, strict=False)
    ]
    return " ".join([*named, *texts[len(fields) :]])


def _without_hash(item: str, name: str, low: int, high: int, task_id: str) -> str:
    if not item.startswith(("H", "h")) or item[1:2].isalpha():
        return item
    span, _, step = item[1:].partition("/")
    if span:
        low, high = map(int, span.strip("()").split("-"))
    number = int.from_bytes(blake2b(f"{task_id}/{name}".encode(), digest_size=8).digest())
    values = list(range(low, high + 1))
    if not step:
        return str(values[number % len(values)])
    return f"{values[number % int(step)]}-{high}/{step}"
