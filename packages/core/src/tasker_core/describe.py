"""A schedule in one English sentence."""

from datetime import UTC, datetime, timedelta, tzinfo

from tasker_core.cron_words import MONTHS, in_words, listed
from tasker_core.schedule import Cron, Once, Schedule
from tasker_core.zones import utc, zone


def describe(schedule: Schedule) -> str:
    """One sentence, such as "At 09:00, Monday through Friday, Europe/Berlin"."""
    if isinstance(schedule, Cron):
        return f"{in_words(schedule.expression.fields)}, {schedule.timezone}"
    if isinstance(schedule, Once):
        return f"Once, on {_instant(schedule.second, schedule.at, schedule.timezone)}"
    start = _instant(schedule.anchor_second, schedule.anchor) if schedule.anchor else "its creation"
    return f"Every {_length(schedule.every)}, counted from {start}"


def _instant(second: int, text: str, timezone: str | None = None) -> str:
    """`24 December 2026 at 18:00 (+01:00)`, at the clock of the zone or of the text's own offset."""
    moment = utc(second).astimezone(zone(timezone) if timezone else _offset(text))
    clock = f"{moment:%H:%M:%S}".removesuffix(":00")
    name = f", {timezone}" if timezone else ""
    offset = "UTC" if moment.tzinfo is UTC else moment.isoformat()[19:]
    shown = "" if timezone == "UTC" else f" ({offset})"
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year} at {clock}{name}{shown}"


def _offset(text: str) -> tzinfo:
    stated = datetime.fromisoformat("1970-01-01T00:00" + ("Z" if text[-1] in "Zz" else text[-6:]))
    return stated.tzinfo if stated.utcoffset() and stated.tzinfo else UTC


def _length(duration: timedelta) -> str:
    """`15 minutes`, `hour`, `1 hour and 30 minutes`."""
    total = duration // timedelta(seconds=1)
    counts = {"day": total // 86_400, "hour": total // 3600 % 24, "minute": total // 60 % 60, "second": total % 60}
    words = [f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in counts.items() if count]
    return words[0].removeprefix("1 ") if len(words) == 1 else listed(words)
