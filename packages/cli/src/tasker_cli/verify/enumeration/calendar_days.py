"""PURE. The days of a calendar interval, one after the other from its anchor, as dateutil counts them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import count, islice, takewhile
from typing import Any, Literal, cast

from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, YEARLY, rrule

MonthEnd = Literal["last", "skip"]
_END = date(2200, 1, 1)


def days(anchor: date, every: str, month_end: MonthEnd) -> Iterator[date]:
    """The days up to the end of 2199."""
    return takewhile(lambda day: day < _END, _days(anchor, int(every[1:-1]), every[-1], month_end))


@lru_cache(maxsize=256)
def days_within(anchor: date, every: str, month_end: MonthEnd, begin: date, end: date) -> tuple[date, ...]:
    """The days from `begin` up to, without, `end`."""
    return tuple(day for day in takewhile(lambda day: day < end, days(anchor, every, month_end)) if day >= begin)


def _days(anchor: date, number: int, unit: str, month_end: MonthEnd) -> Iterator[date]:
    if unit in "DW":
        distance = timedelta(days=number * (7 if unit == "W" else 1))
        # Dates end with the year 9999.
        return (anchor + n * distance for n in range((_END - anchor) // distance + 1))
    if month_end == "skip":
        rule = rrule(
            MONTHLY if unit == "M" else YEARLY,
            interval=number,
            dtstart=datetime(anchor.year, anchor.month, anchor.day),  # noqa: DTZ001 -- a date
            until=datetime(_END.year, _END.month, _END.day),  # noqa: DTZ001 -- a date
        )
        return (cast("datetime", at).date() for at in cast("Any", rule))
    step: dict[str, Any] = {"months" if unit == "M" else "years": number}
    most = (_END.year - anchor.year) * (12 if unit == "M" else 1) // number + 1
    return (anchor + n * relativedelta(**step) for n in islice(count(), most))
