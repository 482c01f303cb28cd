"""Why a schedule is refused when it is saved: it can never fire again."""

from typing import Final

from tasker_core.errors import FieldError
from tasker_core.schedules.kinds.options import Recurring
from tasker_core.schedules.occurrences import NothingUntil, next_within_bounds, search
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.time.instant import rfc3339_second
from tasker_core.time.zones import utc

ONE_TIME_SECONDS: Final = 24 * 3600
"""So much later a one-time task still runs; what is older is not even created."""


def unreachable_errors(schedule: Schedule, after: int, offset: int = 0, runs_done: int = 0) -> list[FieldError]:
    """Why no occurrence effective after `after` can run, as far as can be seen; empty when one can.

    `offset`: the task's delay by spread. `runs_done`: the scheduled runs that count against `max_runs`. Pointers are
    from the task. Raises ValueError for an interval without anchor, or an H without its task.
    """
    if schedule.is_manual:
        return []
    if schedule.run_limit is not None and runs_done >= schedule.run_limit:
        return [_error("max_runs", _used_up(runs_done))]
    found = search(schedule, after, offset)
    if isinstance(found, NothingUntil):
        return [_left_nothing(schedule, f" before {utc(found.checkpoint):%Y-%m-%d}")]
    if found.nominal < NEVER:
        return []
    key, (first, last) = schedule.key, schedule.bounds
    coming = schedule.next_after(max(after, first - 1))
    if next_within_bounds(schedule, after) < NEVER:
        return [_left_nothing(schedule, "")]
    if last <= after:
        return [_error("end", "lies in the past; give a later one, or leave it out")]
    if coming < NEVER:
        message = f"no occurrence lies before it: the first would be {rfc3339_second(coming)}; give a later one"
        return [_error("end", message)]
    if key == "cron" and schedule.next_after(after) < NEVER:
        return [_error(key, "never fires again: its years are over before the start; give later ones, or *")]
    return [_error(key, _OVER.get(key, "has no occurrence left before the year 2200"))]


def _left_nothing(schedule: Schedule, until: str) -> FieldError:
    names = ", ".join(schedule.calendar_names)
    if isinstance(schedule, Recurring) and schedule.require_calendars:
        message = f"no occurrence lies on their days{until}: add days to one of {names}, or require less"
        return _error("require_calendars", message)
    if isinstance(schedule, Recurring) and schedule.exclude_calendars:
        return _error("exclude_calendars", f"leaves no occurrence{until} ({names}); exclude less")
    return _error("exclude", f"leaves no occurrence{until}; exclude less")


_OVER = {
    "at": "lies in the past; choose a later one, or trigger the task to run it now",
    "cron": "never fires again: its years are over; give later ones, or *",
    "any": "no member fires again; add one that does",
}


def _used_up(runs_done: int) -> str:
    times = "once" if runs_done == 1 else f"{runs_done} times"
    return f"the task has run {times} by schedule already; give more, or leave it out (a task made anew counts anew)"


def _error(field: str, message: str) -> FieldError:
    return FieldError(pointer=f"/schedule/{field}", message=message)
