"""PURE. What croniter makes of an expression, and each rule by which Tasker's dialect differs from croniter's.

Times of the day and days are asked apart: croniter gets naive days in which no clock changes, so that its own treatment
of clock changes plays no part (local_clock.py has Tasker's). The rules, with their source in docs/schedules.md:

- *seconds first*: Tasker's six fields begin with the seconds, croniter's end with them: each field is asked by itself.
- *either or both days*: day-of-month and weekday both restricted: either matches; a field that starts with `*` or `?`
  is unrestricted, `*/10` too, and both must match (cron(8)). croniter is told which by `day_or`.
- *question mark*: `?` is a star.
- *weekday steps reach Sunday*: `1/2` is `1-7/2`; croniter stops at Saturday.
- *last weekday*: `5L`, `FRIL` and `LFRI` are croniter's `L5`.
- *own arithmetic* (cron_reading.py), where croniter has no words: `W`, `LW`, `L-3`, ranges with a step that pass the
  end, a `#` or `L` beside plain weekdays, or with a restricted day-of-month (both must match then), days from 2100 on.
- *years* are looked at beside croniter, which ends with 2099.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from croniter import croniter

Croniter: Any = croniter
_STAR: Final = ("*", "?")
LAST_YEAR: Final = 2099
_SPAN: Final = re.compile(r"(\d+)-(\d+)/\d+")


@lru_cache(maxsize=65_536)
def time_values(text: str, position: int) -> frozenset[int] | None:
    """The values of a field of the time (0 minute, 1 hour; seconds are as minutes are); None where croniter differs."""
    if _passes_the_end(text):
        return None
    fields = ["*", "*", "*", "*", "*"]
    fields[position] = text
    values = Croniter.expand(" ".join(fields))[0][position]
    return frozenset(range(24 if position else 60)) if values == ["*"] else frozenset(values)


def croniter_days(dates: str, months: str, weekdays: str) -> Callable[[date], bool] | None:
    """Whether a date is one of the days, asked of croniter; None where it has no words for them.

    `months` and `weekdays` have numbers, not names.
    """
    weekday_items = [_weekday_item(item) for item in weekdays.split(",")]
    marked = [item for item in weekday_items if item and ("#" in item or "L" in item)]
    if None in weekday_items or (marked and len(marked) < len(weekday_items)):
        return None
    if "W" in dates or "L-" in dates or any(map(_passes_the_end, (dates, months, weekdays))):
        return None
    both = dates.startswith(_STAR) or weekdays.startswith(_STAR)
    if marked and not both:
        return None
    texts = [dates.replace("?", "*"), months, ",".join(item or "" for item in weekday_items)]
    text = " ".join(["0", "0", *texts])

    return _DayWalk(text, both).on_day


class _DayWalk:
    """Which days match, found by walking from one to the next: days are mostly asked in their order."""

    def __init__(self, text: str, both: bool) -> None:
        self._text, self._both = text, both
        self._asked, self._found = date.max, date.min
        """From the one up to the other there is no day; the other is one."""

    def on_day(self, day: date) -> bool:
        """Whether a date matches."""
        if day.year > LAST_YEAR:
            raise ValueError(f"croniter knows no days after {LAST_YEAR}")
        if not self._asked <= day <= self._found:
            begin = datetime(day.year, day.month, day.day) - timedelta(seconds=1)  # noqa: DTZ001 -- a bare day
            walk = Croniter(self._text, begin, day_or=not self._both, max_years_between_matches=9)
            try:
                self._asked, self._found = day, walk.get_next(datetime).date()
            except ValueError:  # none within nine years
                self._asked, self._found = day, date(day.year + 8, day.month, 1)
                return False
        return day == self._found


def _weekday_item(item: str) -> str | None:
    """An item of the weekday field as croniter writes it."""
    item = item.replace("?", "*")
    if match := re.fullmatch(r"L(\d)|(\d)L", item):
        return f"L{int(match[1] or match[2]) % 7}"
    if match := re.fullmatch(r"(\d)/(\d+)", item):
        return f"{match[1]}-7/{match[2]}"
    return item


def _passes_the_end(text: str) -> bool:
    """Whether a range with a step passes the end of its field: croniter begins to count anew there."""
    return any(int(first) > int(last) for first, last in _SPAN.findall(text))
