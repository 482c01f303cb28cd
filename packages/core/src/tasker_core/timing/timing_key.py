"""The timing of a task as a text: what is left of its schedule once it is known whose it is.

Tasks with the same timing fire at the same instants, so that they can be counted together. It only changes with the
definition, never with a run. It is one of
- `@2026-12-24T18:00:00.000Z`: once, then. In the order of these texts they come one after the other;
- `/900/123`: every 900 seconds, 123 seconds after a multiple of them since 1970;
- `{…}` or `{…}+57`: the schedule as JSON, with the task's own values of `H`; the delay in seconds that `spread` gives
  to the task, where there is one;
- empty: it has no times of its own.
"""

import re
from typing import Final

from pydantic import ValidationError

from tasker_core.schedules.kinds.interval import Interval
from tasker_core.schedules.kinds.manual import Manual
from tasker_core.schedules.kinds.once import Once
from tasker_core.schedules.occurrences import spread_offset
from tasker_core.schedules.schedule import Schedule, for_task, from_json
from tasker_core.time.instant import parse_second, rfc3339_second

NO_TIMES: Final = ""
ONCE: Final = "@"
INTERVAL: Final = "/"
SCHEDULE: Final = "{"
"""How the texts begin, in their order: what is once comes after intervals, and before all other schedules."""
_OWN: Final = re.compile(rb'"(?:spread|at|every|manual)"|"cron":"[^"]*[Hh]')
"""Where nothing of this is in a schedule, all tasks that have it fire at the same instants."""

_DELAY: Final = re.compile(r"\}\+(\d+)$")


def timing_of(schedule: bytes, task_id: str, since: int) -> str:
    """The timing of a task whose schedule, as accepted, is this JSON, in force since an instant (epoch seconds).

    Never raises: a schedule that only a later release understands is its own timing.
    """
    if not _OWN.search(schedule):
        return schedule.decode()
    try:
        return _timing(for_task(from_json(schedule), task_id), task_id, since)
    except (ValidationError, ValueError, KeyError):
        return schedule.decode()


def _timing(schedule: Schedule, task_id: str, since: int) -> str:
    if isinstance(schedule, Manual):
        return NO_TIMES
    window = schedule.spread_seconds
    offset = spread_offset(task_id, window)
    if isinstance(schedule, Once):
        return f"{ONCE}{rfc3339_second(schedule.second + offset)}"
    if isinstance(schedule, Interval) and (anchor := schedule.anchor_second) <= since:
        phase = anchor % schedule.seconds
        if schedule == Interval(every=schedule.every, anchor=schedule.anchor):
            return f"{INTERVAL}{schedule.seconds}{INTERVAL}{phase}"
        schedule = schedule.model_copy(update={"anchor": rfc3339_second(phase)})
    return without_spread(schedule) + (f"+{offset}" if window else "")


def due_second(timing: str, nominal: int) -> int:
    """When a nominal time (epoch seconds) of a task with this timing is due, at the latest.

    Where another nominal time comes within the delay, it is due before that, which a timing alone does not tell.
    """
    if timing.startswith(ONCE):
        return max(nominal, parse_second(timing.removeprefix(ONCE)))
    delay = _DELAY.search(timing) if timing.startswith(SCHEDULE) else None
    return nominal + int(delay[1]) if delay else nominal


def without_spread(schedule: Schedule) -> str:
    """The JSON of a schedule without `spread`."""
    plain = schedule.model_copy(update={"spread": None}) if schedule.spread_seconds else schedule
    return plain.model_dump_json(exclude_none=True)
