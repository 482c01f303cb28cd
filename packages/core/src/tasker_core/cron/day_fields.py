"""The two day fields of a cron expression: day-of-month with `L`, `L-3`, `15W`, `LW`, weekday with `5L` and `5#3`.

`L`, `W`, `#` and `?` are Quartz's; what it says of the two fields together is cron(8)'s.
"""

import re
from typing import Final

from tasker_core.cron.days import Days
from tasker_core.cron.field_values import DATE, WEEKDAY, bits_of, value_of

_BEFORE_LAST: Final = re.compile(r"L(?:-([0-9]{1,2}))?(W)?")
_WORKING: Final = re.compile(r"([0-9]{1,2})W")
_NTH: Final = re.compile(r"([0-7]|[A-Z]{3})#([0-9]+)")
_LAST: Final = re.compile(r"L([0-7]|[A-Z]{3})|([0-7]|[A-Z]{3})L")
_MAX_BEFORE_LAST: Final = 30


def parse_days(day: str, weekday: str) -> Days:
    """The days that both fields, in upper case, match together. Raises ValueError naming the field and the way out."""
    # cron(8): a field that starts with a star does not restrict, even as */10. `?` is another word for `*`.
    either = not (day.startswith(("*", "?")) or weekday.startswith(("*", "?")))
    dates: list[str] = []
    before_last: set[int] = set()
    working: set[int] = set()
    for item in ("*" if day == "?" else day).split(","):
        if match := _BEFORE_LAST.fullmatch(item):
            days = _days_before_last(item, match[1])
            if match[2]:
                working.add(-days)
            else:
                before_last.add(days)
        elif match := _WORKING.fullmatch(item):
            working.add(value_of(DATE, match[1]))
        else:
            dates.append(item)
    items = ("*" if weekday == "?" else weekday).split(",")
    special = {item: pair for item in items if (pair := _nth(item))}
    weekdays = [item for item in items if item not in special]
    return Days(
        dates=bits_of(DATE, ",".join(dates)) >> 1 if dates else 0,
        before_last=frozenset(before_last),
        working=frozenset(working),
        weekdays=bits_of(WEEKDAY, ",".join(weekdays)) if weekdays else 0,
        nth=frozenset(special.values()),
        either=either,
    )


def _days_before_last(item: str, number: str | None) -> int:
    if number is None:
        return 0
    if not 1 <= int(number) <= _MAX_BEFORE_LAST:
        raise ValueError(f"day-of-month: {item!r} is out of range; use L-1 to L-{_MAX_BEFORE_LAST}, or L")
    return int(number)


def _nth(item: str) -> tuple[int, int] | None:
    if match := _NTH.fullmatch(item):
        if match[2] not in ("1", "2", "3", "4", "5"):
            raise ValueError(
                f"weekday: {item!r} asks for number {match[2]} of the month; use 1 to 5, or L for the last"
            )
        return value_of(WEEKDAY, match[1]) % 7, int(match[2])
    if match := _LAST.fullmatch(item):
        return value_of(WEEKDAY, match[1] or match[2]) % 7, -1
    return None
