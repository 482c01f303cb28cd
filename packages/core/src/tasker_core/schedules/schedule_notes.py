"""What a user might not expect of a schedule, one sentence each."""

from tasker_core.schedules.description import describe_duration
from tasker_core.schedules.schedule import Cron, Interval, Once, Schedule
from tasker_core.time.local_time import parse_instant, parse_instant_in_zone
from tasker_core.time.zones import utc, zone


def notes(schedule: Schedule) -> list[str]:
    """What a user might not expect of this schedule, one sentence each."""
    found = _notes_once(schedule) if isinstance(schedule, Once) else []
    if isinstance(schedule, Cron):
        found += _notes_cron(schedule)
    if isinstance(schedule, Interval) and schedule.exclude:
        found.append("dates and expressions in exclude are read in UTC, as an interval has no time zone")
    if schedule.spread is not None:
        found.append(
            f"each time comes up to {describe_duration(schedule.spread)} later than written, always by the same delay "
            "of the task, and before the next one"
        )
    return found


def _notes_cron(schedule: Cron) -> list[str]:
    found: list[str] = []
    expression = schedule.expression
    if expression.fields.days.either:
        found.append("day-of-month and weekday are both restricted: a day matches if either does")
    if expression.follows_elapsed_time and (schedule.gap, schedule.fold) != ("shift", "first"):
        found.append(
            "gap and fold make no difference here: an expression with *, - or / in minute or hour follows elapsed time"
        )
    for name, text in (("start", schedule.start), ("end", schedule.end)):
        if text is not None and (second := parse_instant_in_zone(text, schedule.timezone))[1] != "once":
            found.append(f"{name}: {_clock_change(text, schedule.timezone, *second)}")
    return found


def _notes_once(schedule: Once) -> list[str]:
    second, how = parse_instant(schedule.at, schedule.timezone)
    if schedule.timezone is None or how == "once":
        return []
    return [_clock_change(schedule.at, schedule.timezone, second, how, fires="it fires at")]


def _clock_change(text: str, timezone: str, second: int, how: str, *, fires: str = "meant is") -> str:
    moment = utc(second).astimezone(zone(timezone))
    shown = f"{moment:%H:%M:%S}".removesuffix(":00") + moment.isoformat()[-6:]
    day, time = text[:10], text[11:]
    if how == "gap":
        return f"{time} does not exist on {day} in {timezone}; {fires} {shown}"
    return f"{time} comes twice on {day} in {timezone}; {fires} the first, {shown}"
