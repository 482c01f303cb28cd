"""Dates, moments and durations in English words."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from tasker_core.cron.description import MONTHS, join_words
from tasker_core.time.zones import utc, zone


def date_in_words(at: date) -> str:
    """`24 December 2026`."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def moment_in_words(second: int, timezone: str) -> str:
    """`24 December 2026 at 18:00` at the clock of the schedule, which the sentence names already."""
    moment = utc(second).astimezone(zone(timezone))
    return f"{date_in_words(moment)} at {_clock(moment)}"


def instant_in_words(second: int, text: str, timezone: str | None = None) -> str:
    """`24 December 2026 at 18:00 (+01:00)`, at the clock of the zone or of the text's own offset."""
    moment = utc(second).astimezone(zone(timezone) if timezone else _offset(text))
    name = f", {timezone}" if timezone else ""
    offset = "UTC" if moment.tzinfo is UTC else moment.isoformat()[19:]
    shown = "" if timezone == "UTC" else f" ({offset})"
    return f"{date_in_words(moment)} at {_clock(moment)}{name}{shown}"


def duration_in_words(duration: timedelta) -> str:
    """`15 minutes`, `1 hour`, `1 hour and 30 minutes`."""
    total = duration // timedelta(seconds=1)
    counts = {"day": total // 86_400, "hour": total // 3600 % 24, "minute": total // 60 % 60, "second": total % 60}
    return join_words([f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in counts.items() if count])


def clock_change_in_words(text: str, timezone: str, second: int, how: str, *, fires: str = "meant is") -> str:
    """What becomes of a local time (`2026-03-29T02:30`) that the clock skips (`how`: gap) or shows twice (fold)."""
    moment = utc(second).astimezone(zone(timezone))
    shown = _clock(moment) + moment.isoformat()[-6:]
    day, time = text[:10], text[11:]
    if how == "gap":
        return f"{time} does not exist on {day} in {timezone}; {fires} {shown}"
    return f"{time} comes twice on {day} in {timezone}; {fires} the first, {shown}"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}".removesuffix(":00")


def _offset(text: str) -> tzinfo:
    with_offset = datetime.fromisoformat("1970-01-01T00:00" + ("Z" if text[-1] in "Zz" else text[-6:]))
    return with_offset.tzinfo if with_offset.utcoffset() and with_offset.tzinfo else UTC
