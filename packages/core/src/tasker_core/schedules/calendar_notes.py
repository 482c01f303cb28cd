"""What a user might not expect of the calendars of a schedule, one sentence each."""

from collections.abc import Mapping

from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.schedules.kinds.options import Recurring
from tasker_core.schedules.schedule import Schedule
from tasker_core.time.zones import DAY, offset_at


def calendar_notes(schedule: Schedule, days: Mapping[str, CalendarDays], after: int) -> list[str]:
    """Where the calendars of a schedule end: normal, and easily forgotten. `after`: an instant (epoch seconds)."""
    if not isinstance(schedule, Recurring):
        return []
    today = (after + offset_at(schedule.clock, after)) // DAY
    what = {
        **dict.fromkeys(schedule.exclude_calendars, "nothing is left out by it from then on"),
        **dict.fromkeys(schedule.require_calendars, "nothing fires from then on, until days are added to it"),
    }
    found: list[str] = []
    for name, meaning in what.items():
        last = days[name].last
        if last is None:
            found.append(f"the calendar {name} has no days: {meaning.replace(' from then on', '')}")
        elif last.year < 2200:
            past = "" if days[name].has_day_after(today) else ", which is past"
            found.append(f"the calendar {name} has no days after {last}{past}: {meaning}")
    return found
