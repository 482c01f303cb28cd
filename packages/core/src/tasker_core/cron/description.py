"""A cron expression in words, made from what it matches and not from how it is written: always true."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from tasker_core.cron.days import Days
from tasker_core.cron.dialect import fields_of, parse
from tasker_core.cron.fields import EVERY_YEAR, LAST_YEAR, Fields
from tasker_core.cron.hashes import hashed_fields, resolve_hashes

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_NTH: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_ORDINAL: Final = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}
_EXAMPLE_TASK: Final = "example"
_ARTICLES: Final = {"hour": "an"}
_TIMES_LISTED: Final = 6


def describe_fields(fields: Fields) -> str:
    """When the fields match, such as "At 09:00, Monday through Friday"."""
    time, days = _time(fields), _days(fields.days)
    if not days and time[:4].removeprefix("at ").isdigit():
        days = "every day"
    sentence = ", ".join(part for part in (time, days, _months(fields.months), _years(fields.years)) if part)
    return sentence[0].upper() + sentence[1:]


def describe_expression(expression: str) -> str:
    """The same of an expression; where an `H` has no value yet, what the task's id decides, with an example."""
    if not (hashed := hashed_fields(expression)):
        return describe_fields(parse(expression))
    example = describe_fields(fields_of(resolve_hashes(expression, _EXAMPLE_TASK)))
    given = join_words([f"{_ARTICLES.get(field.name, 'a')} {field.name}" for field in hashed])
    return f"At {given} given by the task's id, for example {example[0].lower()}{example[1:]}"


def join_words(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _time(fields: Fields) -> str:
    hours = [h for h in range(24) if _set(fields.minutes >> 60 * h, 60)]
    minutes, seconds = _set(fields.minutes >> 60 * hours[0], 60), _set(fields.seconds, 60)
    if len(seconds) == 1 and len(hours) * len(minutes) <= _TIMES_LISTED:
        return f"at {join_words([_clock(h, m, seconds[0]) for h in hours for m in minutes])}"
    first, last = _clock(hours[0], minutes[0], seconds[0]), _clock(hours[-1], minutes[-1], seconds[-1])
    window = f" from {first} through {last}"
    step = _step(hours)
    if seconds != [0]:
        what = _every(seconds, "second")
        if len(hours) * len(minutes) <= _TIMES_LISTED:
            return f"{what} of {join_words([_clock(h, m, 0) for h in hours for m in minutes])}"
        if len(minutes) < 60:
            what += f" of {_numbered('minute', minutes)}"
        elif not what.startswith("every"):
            what += " of every minute"
    elif len(minutes) == 1:
        if not step:
            return f"at {join_words([_clock(h, minutes[0], 0) for h in hours])}"
        what = "every hour" if step == 1 else f"every {step} hours"
        if minutes == [0] and hours == list(range(0, 24, step)):
            return what
        return f"{what} at minute {minutes[0]}" if len(hours) == 24 else what + window
    else:
        what = _every(minutes, "minute")
    if len(hours) == 24:
        hourly = len(minutes) < 60 and (seconds != [0] or not what.startswith("every"))
        return f"{what} of every hour" if hourly else what
    return what + (window if step == 1 else f" of {_numbered('hour', hours)}")


def _days(days: Days) -> str:
    dates = [_numbered("day", [i + 1 for i in _set(days.dates, 31)])] if days.dates else []
    special = [_before_last(n) for n in sorted(days.before_last, reverse=True)]
    special += [f"the working day nearest to {_date_of(n)}" for n in sorted(days.working, key=lambda n: (n < 1, n))]
    date = join_words([*dates, *special]) + " of the month"
    all_dates, all_weekdays = days.dates == (1 << 31) - 1, days.weekdays == 0b1111111
    # Monday first, so that a weekend is one run.
    plain = _runs([(d + 1) % 7 for d in sorted((d - 1) % 7 for d in _set(days.weekdays, 7))], WEEKDAYS.__getitem__, 7)
    nth = [f"the {_NTH[n]} {WEEKDAYS[d]} of the month" for d, n in sorted(days.nth, key=lambda p: (p[1] % 7, p[0]))]
    if days.either:
        return f"on {date} or on {join_words([*plain, *nth])}"
    if all_dates and all_weekdays:
        return ""
    if all_dates:
        span = len(plain) == 1 and "through" in plain[0] and not nth
        return plain[0] if span else f"on {join_words([*plain, *nth])}"
    return f"on {date}" + ("" if all_weekdays else f" if that is {' or '.join([*plain, *nth])}")


def _months(months: int) -> str:
    found = _set(months >> 1, 12)
    return "" if len(found) == 12 else f"in {join_words(_runs(found, MONTHS.__getitem__))}"


def _years(years: int) -> str:
    return (
        ""
        if years == EVERY_YEAR
        else f"in {_numbered('year', _set(years, LAST_YEAR + 1)).removeprefix('years ').removeprefix('year ')}"
    )


def _before_last(days: int) -> str:
    return "the last day" if days == 0 else f"the {days}{_ORDINAL.get(days, 'th')} day before the last"


def _date_of(date: int) -> str:
    return f"day {date}" if date > 0 else _before_last(-date)


def _every(values: list[int], unit: str) -> str:
    """For values out of 0 to 59: "every minute", "every 5 minutes", or their list."""
    step = _step(values)
    if step and 60 % step == 0 and values == list(range(0, 60, step)):
        return f"every {unit}" if step == 1 else f"every {step} {unit}s"
    return f"at {_numbered(unit, values)}"


def _numbered(unit: str, values: list[int]) -> str:
    if len(values) > 5 and (step := _step(values)) > 1:
        return f"every {step}{_ORDINAL.get(step, 'th')} {unit} from {values[0]} through {values[-1]}"
    return f"{unit}{'s' if len(values) > 1 else ''} {join_words(_runs(values, str))}"


def _runs(values: Sequence[int], name: Callable[[int], str], cycle: int = 1 << 30) -> list[str]:
    """The names of the values; three and more in a row become "a through b"."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == (runs[-1][-1] + 1) % cycle:
            runs[-1].append(value)
        else:
            runs.append([value])
    words: list[str] = []
    for run in runs:
        words += [name(v) for v in run] if len(run) < 3 else [f"{name(run[0])} through {name(run[-1])}"]
    return words


def _step(values: list[int]) -> int:
    """The common distance of the values; 0 when there is none."""
    distances = {b - a for a, b in pairwise(values)}
    return distances.pop() if len(distances) == 1 else 0


def _set(bits: int, size: int) -> list[int]:
    return [i for i in range(size) if bits >> i & 1]


def _clock(hour: int, minute: int, second: int) -> str:
    return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")
