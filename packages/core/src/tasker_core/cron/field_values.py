"""The fields of a cron expression, and the values that an item of a field stands for: `5`, `1-5`, `*/15`, `MON`."""

import re
from typing import Final, NamedTuple


class CronField(NamedTuple):
    """A field: its values are `low` to `high`, and `names` stand for them in order."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    @property
    def span(self) -> int:
        """How many values there are."""
        return self.high - self.low + 1

    @property
    def highest(self) -> int:
        """The highest value that may be written: Sunday is 0 and 7."""
        return 7 if self is WEEKDAY else self.high


_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
SECOND, MINUTE, HOUR = CronField("second", 0, 59), CronField("minute", 0, 59), CronField("hour", 0, 23)
DATE, MONTH = CronField("day-of-month", 1, 31), CronField("month", 1, 12, _MONTHS)
WEEKDAY, YEAR = CronField("weekday", 0, 6, _WEEKDAYS), CronField("year", 1970, 2199)
FORMS: Final[dict[int, tuple[CronField, ...]]] = {
    5: (MINUTE, HOUR, DATE, MONTH, WEEKDAY),
    6: (SECOND, MINUTE, HOUR, DATE, MONTH, WEEKDAY),
    7: (SECOND, MINUTE, HOUR, DATE, MONTH, WEEKDAY, YEAR),
}
"""The fields of an expression by how many it has."""

_ITEM: Final = re.compile(r"(?:(\*)|([0-9]{1,4}|[A-Z]{3})(?:-([0-9]{1,4}|[A-Z]{3}))?)(?:/([0-9]{1,4}))?")
_RANDOM: Final = re.compile(r"R(?:[(/].*)?")


def bits_of(field: CronField, text: str) -> int:
    """The values of a field as bits; Sunday is 0. Raises ValueError naming the field and the way out."""
    bits = 0
    for item in text.split(","):
        for value in _values(field, item):
            bits |= 1 << (value - field.low) % field.span + field.low
    return bits


def value_of(field: CronField, text: str) -> int:
    """A single value. Raises ValueError naming the field and the way out."""
    if text in field.names:
        return field.names.index(text) + field.low
    if not text.isdigit():
        names = f" and {field.names[0]} to {field.names[-1]}" if field.names else ""
        raise ValueError(f"{field.name}: {text!r} is not known; use {field.low} to {field.highest}{names}")
    if not field.low <= int(text) <= field.highest:
        raise ValueError(f"{field.name}: {text} is out of range; use {field.low} to {field.highest}")
    return int(text)


def _values(field: CronField, item: str) -> range:
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
    low = value_of(field, first)
    # A step without a range goes to the end of the field; in the weekday field that is 7, so that 1/2 is 1-7/2.
    high = value_of(field, last) if last else field.highest if by else low
    if high < low and field is YEAR:
        raise ValueError(f"year: the range {item!r} ends before it begins; write {last}-{first}")
    # A range may pass the end of its field: 22-2, FRI-MON, NOV-FEB.
    return range(low, (high if high >= low else high + field.span) + 1, step)


def _why_not(field: CronField, item: str) -> str:
    if not item:
        return "an item of the list is empty; remove the comma"
    if _RANDOM.fullmatch(item):
        return "R (a random value) is not supported; H gives each task a fixed one of its own"
    if item == "H" or item.startswith(("H(", "H/")):
        return "H depends on the task's id, and there is none here; give a fixed value"
    if "?" in item:
        return f"{item!r} is not supported; ? stands alone, in day-of-month or weekday"
    if "W" in item:
        return f"{item!r} is not supported; 15W, LW and L-3W in day-of-month are the nearest working days"
    if "L" in item:
        return f"{item!r} is not supported; L or L-3 in day-of-month counts from the last day, 5L is the last Friday"
    if "#" in item:
        return f"{item!r} is not supported; 5#3 in the weekday field is the third Friday"
    return f"{item!r} is not understood; use values, ranges (1-5), steps (*/15) and lists of these"
