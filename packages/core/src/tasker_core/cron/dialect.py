"""The cron dialect: from text to fields, with errors that name the field and the way out.

Rules follow cron(8) and crontab(5) of Vixie's cron where they have one; docs/schedules.md shows the dialect on a page.
"""

from functools import lru_cache

from tasker_core.cron.day_fields import parse_days
from tasker_core.cron.field_values import FORMS, HOUR, MINUTE, MONTH, SECOND, YEAR, bits_of
from tasker_core.cron.fields import EVERY_YEAR, Fields
from tasker_core.cron.hashes import has_hash, resolve_hashes

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


def split(expression: str) -> list[str]:
    """The seven fields, seconds first and years last, in upper case; aliases resolved. Raises ValueError."""
    if len(expression) > MAX_LENGTH:
        raise ValueError(f"longer than {MAX_LENGTH} characters; write ranges or steps instead of long lists")
    text = expression.strip()
    if text.startswith("@"):
        if (found := ALIASES.get(text.lower())) is None:
            raise ValueError(f"{text.split()[0]!r} is not known; {_instead_of(text.lower())}")
        text = found
    fields = text.upper().split()
    if len(fields) not in FORMS:
        raise ValueError(
            f"{len(fields)} field{'' if len(fields) == 1 else 's'}; give 5 (minute hour day-of-month month weekday), "
            "6 with seconds first, or 7 with years last too"
        )
    return ["0"] * (len(fields) == 5) + fields + ["*"] * (len(fields) < 7)


def _instead_of(alias: str) -> str:
    if alias.startswith("@every"):
        return 'use an interval such as {"every": "PT15M"}'
    if alias.split()[0] == "@reboot":
        return "a schedule names times, and there is no boot to wait for"
    return f"use one of {', '.join(ALIASES)}"


@lru_cache(maxsize=4096)
def parse(expression: str) -> Fields:
    """The fields of an expression. Raises ValueError for anything outside the dialect and for dates that never come."""
    fields = fields_of(expression)
    if not fields.possible:
        *_, day, month, weekday, year = split(expression)
        years = "" if year == "*" else f", year {year}"
        raise ValueError(
            f"no date ever matches day-of-month {day}, month {month}, weekday {weekday}{years}; change one"
        )
    return fields


def fields_of(expression: str) -> Fields:
    """The fields of an expression, whether or not they match any date. Raises ValueError outside the dialect."""
    second, minute, hour, day, month, weekday, year = split(expression)
    hours, minutes = bits_of(HOUR, hour), bits_of(MINUTE, minute)
    return Fields(
        seconds=bits_of(SECOND, second),
        minutes=sum(minutes << 60 * h for h in range(24) if hours >> h & 1),
        months=bits_of(MONTH, month),
        days=parse_days(day, weekday),
        years=EVERY_YEAR if year == "*" else bits_of(YEAR, year),
    )


def check(expression: str) -> None:
    """Raises ValueError for what no task can have: outside the dialect, or, without an `H`, dates that never come."""
    if has_hash(expression):
        fields_of(resolve_hashes(expression, ""))
    else:
        parse(expression)
