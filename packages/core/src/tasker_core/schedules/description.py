"""A schedule in one English sentence."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from tasker_core.cron.description import MONTHS, describe_fields, join_words
from tasker_core.cron.dialect import parse as parse_fields
from tasker_core.schedules.exclusion import dates_of
from tasker_core.schedules.schedule import Cron, Once, Schedule, bounds
from tasker_core.time.zones import utc, zone

_EXCLUSIONS_LISTED: Final = 3
_ONE: Final = re.compile(r"^1 (?=\w+$)")  # every hour, but every 1 hour and 30 minutes


def describe(schedule: Schedule) -> str:
    """One sentence, such as "At 09:00, Monday through Friday, Europe/Berlin"."""
    return ", ".join([_times(schedule), *_options(schedule)])


def _times(schedule: Schedule) -> str:
    if isinstance(schedule, Cron):
        return f"{describe_fields(schedule.expression.fields)}, {schedule.timezone}"
    if isinstance(schedule, Once):
        return f"Once, on {_instant(schedule.second, schedule.at, schedule.timezone)}"
    start = _instant(schedule.anchor_second, schedule.anchor) if schedule.anchor else "its creation"
    return f"Every {_ONE.sub('', describe_duration(schedule.every))}, counted from {start}"


def _options(schedule: Schedule) -> list[str]:
    """The options in words; those that are not used have none."""
    words: list[str] = []
    if not isinstance(schedule, Once):
        timezone = schedule.timezone if isinstance(schedule, Cron) else "UTC"
        first, last = bounds(schedule)
        if schedule.start:
            words.append(f"from {_moment(first, timezone)} on")
        if schedule.end:
            words.append(f"through {_moment(last, timezone)}")
        if schedule.max_runs:
            words.append(f"at most {schedule.max_runs} time{'s' if schedule.max_runs > 1 else ''}")
        if schedule.exclude:
            exclusions = [_left_out(entry) for entry in schedule.exclude[:_EXCLUSIONS_LISTED]]
            more = len(schedule.exclude) - len(exclusions)
            words.append("except " + "; ".join([*exclusions, *([f"and {more} more"] if more else [])]))
    if schedule.spread:
        words.append(f"spread over {describe_duration(schedule.spread)}")
    return words


def _left_out(entry: str) -> str:
    if dates := dates_of(entry):
        return " through ".join(_date(at) for at in dict.fromkeys(dates))
    words = describe_fields(parse_fields(entry))
    return words[0].lower() + words[1:]


def _date(at: date) -> str:
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def _moment(second: int, timezone: str) -> str:
    """`24 December 2026 at 18:00` at the clock of the schedule, which the sentence names already."""
    moment = utc(second).astimezone(zone(timezone))
    return f"{_date(moment)} at " + f"{moment:%H:%M:%S}".removesuffix(":00")


def _instant(second: int, text: str, timezone: str | None = None) -> str:
    """`24 December 2026 at 18:00 (+01:00)`, at the clock of the zone or of the text's own offset."""
    moment = utc(second).astimezone(zone(timezone) if timezone else _offset(text))
    clock = f"{moment:%H:%M:%S}".removesuffix(":00")
    name = f", {timezone}" if timezone else ""
    offset = "UTC" if moment.tzinfo is UTC else moment.isoformat()[19:]
    shown = "" if timezone == "UTC" else f" ({offset})"
    return f"{_date(moment)} at {clock}{name}{shown}"


def _offset(text: str) -> tzinfo:
    with_offset = datetime.fromisoformat("1970-01-01T00:00" + ("Z" if text[-1] in "Zz" else text[-6:]))
    return with_offset.tzinfo if with_offset.utcoffset() and with_offset.tzinfo else UTC


def describe_duration(duration: timedelta) -> str:
    """`15 minutes`, `1 hour`, `1 hour and 30 minutes`."""
    total = duration // timedelta(seconds=1)
    counts = {"day": total // 86_400, "hour": total // 3600 % 24, "minute": total // 60 % 60, "second": total % 60}
    return join_words([f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in counts.items() if count])
