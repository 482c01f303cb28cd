"""A cron expression, read item by item and asked day by day: no bits, no search."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Final

MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_UNRESTRICTED: Final = ("*", "?")


class CronReading:
    """The fields of one expression: 5, 6 with seconds first, or 7 with a year last. No H, no alias."""

    def __init__(self, expression: str) -> None:
        fields = expression.upper().split()
        if len(fields) == 5:
            fields = ["0", *fields]
        seconds, minutes, hours, self._dates, months, self._weekdays, *year = fields
        self.with_seconds = len(expression.split()) > 5
        self.seconds = frozenset(_values(seconds, 0, 59))
        self.minutes, self.hours = frozenset(_values(minutes, 0, 59)), frozenset(_values(hours, 0, 23))
        self._months = frozenset(_values(_numbered(months, MONTHS, 1), 1, 12))
        self._years = frozenset(_values(year[0], 1970, 2199)) if year else None
        self.fixed = not set("*-/") & set(minutes + hours)

    @cached_property
    def on_day(self) -> Callable[[date], bool]:
        """Whether a date is one of its days."""
        return lru_cache(maxsize=100_000)(self._on_day)

    def at_minute(self, local: datetime) -> bool:
        """Whether a local minute is one of its minutes."""
        return local.hour in self.hours and local.minute in self.minutes and self.on_day(local.date())

    def _on_day(self, day: date) -> bool:
        if day.month not in self._months or not (self._years is None or day.year in self._years):
            return False
        by_date = any(_date_matches(item, day) for item in self._dates.split(","))
        by_weekday = any(_weekday_matches(item, day) for item in self._weekdays.split(","))
        if self._dates.startswith(_UNRESTRICTED) or self._weekdays.startswith(_UNRESTRICTED):
            return by_date and by_weekday
        return by_date or by_weekday


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
        return day.day == last - int(item[2:])
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
    if not item.startswith("H") or item[1:2].isalpha():
        return item
    span, _, step = item[1:].partition("/")
    if span:
        low, high = map(int, span.strip("()").split("-"))
    number = int.from_bytes(blake2b(f"{task_id}/{name}".encode(), digest_size=8).digest())
    values = list(range(low, high + 1))
    if not step:
        return str(values[number % len(values)])
    return f"{values[number % int(step)]}-{high}/{step}"
