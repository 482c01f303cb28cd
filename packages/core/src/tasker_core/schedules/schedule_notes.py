"""What a user might not expect of a schedule, one sentence each."""

from datetime import timedelta

from tasker_core.schedules.kinds.options import Recurring
from tasker_core.schedules.schedule import Schedule
from tasker_core.schedules.wording import clock_change_in_words, duration_in_words
from tasker_core.time.local_time import parse_instant_in_zone
from tasker_core.time.zone_hints import turned_sign


def notes(schedule: Schedule, after: int | None = None) -> list[str]:
    """What a user might not expect of this schedule, one sentence each; with coming dates when `after` is given."""
    found = schedule.notes(after)
    if schedule.zone_name and (turned := turned_sign(schedule.zone_name)):
        found.append(turned)
    if isinstance(schedule, Recurring):
        found += _notes_of_options(schedule)
    if seconds := schedule.spread_seconds:
        found.append(
            f"each time comes up to {duration_in_words(timedelta(seconds=seconds))} later than written, always by the "
            "same delay of the task, and before the next one"
        )
    return found


def _notes_of_options(schedule: Recurring) -> list[str]:
    found: list[str] = []
    zone_name = schedule.zone_name
    if schedule.exclude and zone_name is None:
        found.append("dates and expressions in exclude are read in UTC, as an interval has no time zone")
    if schedule.calendar_names and zone_name is None:
        found.append("the days of calendars are read in UTC, as an interval has no time zone")
    for name, text in (("start", schedule.start), ("end", schedule.end)):
        if zone_name is None or text is None:
            continue
        second, how = parse_instant_in_zone(text, zone_name)
        if how != "once":
            found.append(f"{name}: {clock_change_in_words(text, zone_name, second, how)}")
    return found
