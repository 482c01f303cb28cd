"""Durations: ISO 8601 without years and months, as timedeltas of whole milliseconds."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

MAX_DURATION: Final = timedelta(days=3650)

_ISO = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:[.,]\d{1,3}0*)?)S)?)?",
    re.ASCII,
)
_WITH_YEARS_OR_MONTHS = re.compile(r"P[^T]*[YM]")
_EXAMPLES = "such as PT15M, PT1H30M, P1D or P1W"


def parse_duration(value: object) -> timedelta:
    """The duration that an ISO 8601 text or a number of seconds names.

    Raises ValueError when it is neither, negative, over ten years, or finer than a millisecond.
    """
    if isinstance(value, timedelta):
        duration = value
    elif isinstance(value, str):
        duration = _from_text(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) <= MAX_DURATION.total_seconds():
            raise ValueError(_reason(negative=value < 0))
        duration = timedelta(milliseconds=round(value * 1000))
        if abs(duration.total_seconds() - value) > 1e-6:
            raise ValueError("finer than a millisecond; give seconds with at most three decimals")
    else:
        raise ValueError(f"give an ISO 8601 duration {_EXAMPLES}, or seconds as a number")
    if duration < timedelta(0) or duration > MAX_DURATION:
        raise ValueError(_reason(negative=duration < timedelta(0)))
    return duration


def format_duration(duration: timedelta) -> str:
    """ISO 8601, shortest form: `PT1M` for 60 s, `P1W` for seven days, `PT0.5S`."""
    days, rest = divmod(duration, timedelta(days=1))
    if days and not rest and days % 7 == 0:
        return f"P{days // 7}W"
    total = rest // timedelta(milliseconds=1)
    hours, minutes, ms = total // 3_600_000, total // 60_000 % 60, total % 60_000
    seconds = f"{ms // 1000}.{ms % 1000:03d}".rstrip("0").rstrip(".")
    date = f"{days}D" if days else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{seconds}S" if ms else "")
    return f"P{date}T{time}" if time else f"P{date}" if date else "PT0S"


def _from_text(text: str) -> timedelta:
    if len(text) <= 40 and (match := _ISO.fullmatch(text)):
        parts = {unit: float(number.replace(",", ".")) for unit, number in match.groupdict().items() if number}
        try:
            return timedelta(**parts)
        except OverflowError:
            raise ValueError(_reason(negative=False)) from None
    if text.startswith(("-", "P-", "PT-")):
        raise ValueError(_reason(negative=True))
    if is_of_the_calendar(text):
        raise ValueError("years and months have no fixed length; use weeks, days, hours, minutes or seconds")
    raise ValueError(f"{text[:40]!r} is not an ISO 8601 duration {_EXAMPLES}")


def is_of_the_calendar(text: str) -> bool:
    """Whether it is an ISO 8601 duration with years or months, which have no fixed length."""
    return _WITH_YEARS_OR_MONTHS.match(text) is not None


def _reason(*, negative: bool) -> str:
    return "negative; a duration is never less than zero" if negative else "longer than ten years (P3650D)"


def _positive(duration: timedelta) -> timedelta:
    if not duration:
        raise ValueError("must be longer than zero")
    return duration


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["PT15M", "P1D"]}),
]
"""A timedelta, taken as ISO 8601 or seconds, answered as ISO 8601."""

PositiveDuration = Annotated[Duration, AfterValidator(_positive)]
"""A duration longer than zero."""
