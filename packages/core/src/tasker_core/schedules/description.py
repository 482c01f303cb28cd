"""A schedule in one English sentence."""

from datetime import timedelta
from typing import Final

from tasker_core.calendars.calendar_days import dates_of
from tasker_core.cron.description import describe_fields, join_words
from tasker_core.cron.dialect import parse as parse_fields
from tasker_core.schedules.kinds.options import Recurring
from tasker_core.schedules.schedule import Schedule
from tasker_core.schedules.wording import date_in_words, duration_in_words, moment_in_words

_EXCLUSIONS_LISTED: Final = 3


def describe(schedule: Schedule) -> str:
    """One sentence, such as "At 09:00, Monday through Friday, Europe/Berlin"."""
    words = [schedule.in_words()]
    if isinstance(schedule, Recurring):
        words += _options(schedule)
    if seconds := schedule.spread_seconds:
        words.append(f"spread over {duration_in_words(timedelta(seconds=seconds))}")
    return ", ".join(words)


def _options(schedule: Recurring) -> list[str]:
    """The options in words; those that are not used have none."""
    words: list[str] = []
    timezone = schedule.zone_name or "UTC"
    first, last = schedule.bounds
    if schedule.start:
        words.append(f"from {moment_in_words(first, timezone)} on")
    if schedule.end:
        words.append(f"through {moment_in_words(last, timezone)}")
    if schedule.max_runs:
        words.append(f"at most {schedule.max_runs} time{'s' if schedule.max_runs > 1 else ''}")
    if schedule.exclude:
        exclusions = [_left_out(entry) for entry in schedule.exclude[:_EXCLUSIONS_LISTED]]
        more = len(schedule.exclude) - len(exclusions)
        words.append("except " + "; ".join([*exclusions, *([f"and {more} more"] if more else [])]))
    if schedule.exclude_calendars:
        words.append(f"except on days of {_calendars(schedule.exclude_calendars)}")
    if schedule.require_calendars:
        words.append(f"only on days of {_calendars(schedule.require_calendars)}")
    return words


def _calendars(names: tuple[str, ...]) -> str:
    """`the calendar german-holidays`, `the calendars german-holidays and works-holidays`."""
    return f"the calendar{'s' if len(names) > 1 else ''} {join_words(names)}"


def _left_out(entry: str) -> str:
    if dates := dates_of(entry):
        return " through ".join(date_in_words(at) for at in dict.fromkeys(dates))
    words = describe_fields(parse_fields(entry))
    return words[0].lower() + words[1:]
