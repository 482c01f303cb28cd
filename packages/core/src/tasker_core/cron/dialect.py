"""The cron dialect: from text to fields, with errors that name the field and the way out.

Rules follow cron(8) and crontab(5) of Vixie's cron where they have one; docs/schedules.md shows the dialect on a page.
"""

import re
from functools import lru_cache

from tasker_core.cron.field_values import DATE, HOUR, MINUTE, MONTH, SECOND, WEEKDAY, bits_of, value_of
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

_NTH = re.compile(r"([0-7]|[A-Z]{3})#([0-9]+)")
_LAST = re.compile(r"L([0-7]|[A-Z]{3})|([0-7]|[A-Z]{3})L")


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
    hours, minutes = bits_of(HOUR, hour), bits_of(MINUTE, minute)
    dates = [item for item in day.split(",") if item != "L"]
    special = {item: pair for item in weekday.split(",") if (pair := _nth(item))}
    weekdays = [item for item in weekday.split(",") if item not in special]
    fields = Fields(
        seconds=bits_of(SECOND, second),
        minutes=sum(minutes << 60 * h for h in range(24) if hours >> h & 1),
        months=bits_of(MONTH, month),
        days=Days(
            dates=bits_of(DATE, ",".join(dates)) >> 1 if dates else 0,
            last_date="L" in day.split(","),
            weekdays=bits_of(WEEKDAY, ",".join(weekdays)) if weekdays else 0,
            nth=frozenset(special.values()),
            # cron(8): a field that starts with a star does not restrict, even as */10.
            either=not (day.startswith("*") or weekday.startswith("*")),
        ),
    )
    if not fields.possible:
        raise ValueError(f"no date ever matches day-of-month {day}, month {month}, weekday {weekday}; change one")
    return fields


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
