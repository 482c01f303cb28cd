"""The cron dialect: from text to fields, with errors that name the field and the way out.

Rules follow cron(8) and crontab(5) of Vixie's cron where they have one; docs/schedules.md shows the dialect on a page.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from tasker_core.cron.fields import Days, Fields

MAX_LENGTH = 512
ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    @property
    def span(self) -> int:
        return self.high - self.low + 1


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_SECOND, _MINUTE, _HOUR = _Field("second", 0, 59), _Field("minute", 0, 59), _Field("hour", 0, 23)
_DATE, _MONTH = _Field("day-of-month", 1, 31), _Field("month", 1, 12, _MONTHS)
_WEEKDAY = _Field("weekday", 0, 6, _WEEKDAYS)

_ITEM = re.compile(r"(?:(\*)|([0-9]{1,4}|[A-Z]{3})(?:-([0-9]{1,4}|[A-Z]{3}))?)(?:/([0-9]{1,4}))?")
_NTH = re.compile(r"([0-7]|[A-Z]{3})#([0-9]+)")
_LAST = re.compile(r"L([0-7]|[A-Z]{3})|([0-7]|[A-Z]{3})L")
_FOREIGN = re.compile(r"([HR])(?:[(/].*)?")


def split(expression: str) -> list[str]:
    """The six fields, seconds first, in upper case; aliases resolved. Raises ValueError."""
    if len(expression) > MAX_LENGTH:
        raise ValueError(f"longer than {MAX_LENGTH} characters; write ranges or steps instead of long lists")
    text = expression.strip()
    if text.startswith("@"):
        if (found := ALIASES.get(text.lower())) is None:
            raise ValueError(f"{text.split()[0]!r} is not known; {_instead_of(text.lower())}")
        text = found
    fields = text.upper().split()
    if len(fields) == 5:
        return ["0", *fields]
    if len(fields) != 6:
        raise ValueError(
            f"{len(fields)} fields; give 5 (minute hour day-of-month month weekday), or 6 with seconds first"
            + ("; there is no field for the year" if len(fields) == 7 else "")
        )
    return fields


def _instead_of(alias: str) -> str:
    if alias.startswith("@every"):
        return 'use an interval such as {"every": "PT15M"}'
    if alias == "@reboot":
        return "a schedule names times, and there is no boot to wait for"
    return f"use one of {', '.join(ALIASES)}"


@lru_cache(maxsize=4096)
def parse(expression: str) -> Fields:
    """The fields of an expression. Raises ValueError for anything outside the dialect and for dates that never come."""
    second, minute, hour, day, month, weekday = split(expression)
    hours, minutes = _bits(_HOUR, hour), _bits(_MINUTE, minute)
    dates = [item for item in day.split(",") if item != "L"]
    special = {item: pair for item in weekday.split(",") if (pair := _nth(item))}
    weekdays = [item for item in weekday.split(",") if item not in special]
    fields = Fields(
        seconds=_bits(_SECOND, second),
        minutes=sum(minutes << 60 * h for h in range(24) if hours >> h & 1),
        months=_bits(_MONTH, month),
        days=Days(
            dates=_bits(_DATE, ",".join(dates)) >> 1 if dates else 0,
            last_date="L" in day.split(","),
            weekdays=_bits(_WEEKDAY, ",".join(weekdays)) if weekdays else 0,
            nth=frozenset(special.values()),
            # cron(8): a field that starts with a star does not restrict, even as */10.
            either=not (day.startswith("*") or weekday.startswith("*")),
        ),
    )
    if not fields.possible:
        raise ValueError(f"no date ever matches day-of-month {day}, month {month}, weekday {weekday}; change one")
    return fields


def _bits(field: _Field, text: str) -> int:
    bits = 0
    for item in text.split(","):
        for value in _values(field, item):
            bits |= 1 << (value - field.low) % field.span + field.low
    return bits


def _values(field: _Field, item: str) -> range:
    match = _ITEM.fullmatch(item)
    if match is None:
        raise ValueError(f"{field.name}: {_why_not(field, item)}")
    star, first, last, by = match.groups()
    step = int(by) if by else 1
    if not 1 <= step <= field.span:
        raise ValueError(
            f"{field.name}: the step {step} in {item!r} is not within 1 to {field.span}; "
            'for other distances use an interval such as {"every": "PT90M"}'
        )
    if star:
        return range(field.low, field.high + 1, step)
    low = _value(field, first)
    high = _value(field, last) if last else field.high if by else low
    # A range may pass the end of its field: 22-2, FRI-MON, NOV-FEB.
    return range(low, (high if high >= low else high + field.span) + 1, step)


def _value(field: _Field, text: str) -> int:
    if text in field.names:
        return field.names.index(text) + field.low
    high = 7 if field is _WEEKDAY else field.high  # Sunday is 0 and 7
    if not text.isdigit():
        names = f" and {field.names[0]} to {field.names[-1]}" if field.names else ""
        raise ValueError(f"{field.name}: {text!r} is not known; use {field.low} to {high}{names}")
    if not field.low <= int(text) <= high:
        raise ValueError(f"{field.name}: {text} is out of range; use {field.low} to {high}")
    return int(text)


def _nth(item: str) -> tuple[int, int] | None:
    if match := _NTH.fullmatch(item):
        if match[2] not in ("1", "2", "3", "4", "5"):
            raise ValueError(
                f"weekday: {item!r} asks for number {match[2]} of the month; use 1 to 5, or L for the last"
            )
        return _value(_WEEKDAY, match[1]) % 7, int(match[2])
    if match := _LAST.fullmatch(item):
        return _value(_WEEKDAY, match[1] or match[2]) % 7, -1
    return None


def _why_not(field: _Field, item: str) -> str:
    if not item:
        return "an item of the list is empty; remove the comma"
    if match := _FOREIGN.fullmatch(item):
        return f"{match[1]} (a hashed or random value) is not supported; give a fixed value"
    if "?" in item:
        return "'?' is not supported; write * (and mind that weekdays count from 0 or SUN, 1 is MON)"
    if field is _DATE and "W" in item:
        return f"{item!r} (nearest working day) is not supported; give dates or weekdays"
    if "L" in item:
        return f"{item!r} is not supported; L alone is the last day of the month, 5L the last Friday"
    if "#" in item:
        return f"{item!r} is not supported; 5#3 in the weekday field is the third Friday"
    return f"{item!r} is not understood; use values, ranges (1-5), steps (*/15) and lists of these"
