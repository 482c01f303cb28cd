"""PURE. A look ahead on a schedule."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from types import MappingProxyType
from typing import Final, NamedTuple

from tasker_api.schemas.schedules import Preview, PreviewInput, PreviewTime
from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.schedules.anchors import anchored
from tasker_core.schedules.calendar_notes import calendar_notes
from tasker_core.schedules.clock_change_notes import clock_change_notes
from tasker_core.schedules.description import describe
from tasker_core.schedules.kinds.once import Once
from tasker_core.schedules.occurrences import WORK, NothingUntil, offset_of, upcoming_times
from tasker_core.schedules.reachability import ONE_TIME_SECONDS, unreachable_errors
from tasker_core.schedules.schedule import Schedule, for_task
from tasker_core.schedules.schedule_notes import notes
from tasker_core.schedules.wording import duration_in_words
from tasker_core.time.zones import utc, zone

_WORK: Final = WORK // 2
"""Less than for an answer that the schedule is refused without: that is asked for, too, where no time is found."""
_NO_TASK_YET = "the values of H come from the id of the task: give it as `task_id` to see the times"


class _Coming(NamedTuple):
    """The next times, and the note that more were not looked for, if so."""

    times: list[PreviewTime]
    notes: list[str]


def preview(request: PreviewInput, now: int, days: Mapping[str, CalendarDays] = MappingProxyType({})) -> Preview:
    """The next times after `from`, or after `now` (epoch seconds). `days`: those of all calendars of the schedule.

    Raises InvalidInput for an unknown `timezone`, and for a schedule that would be refused when it is saved.
    """
    after = int(request.from_.timestamp()) if request.from_ else now
    clock, schedule = _clock(request), request.schedule
    if schedule.has_hash:
        if request.task_id is None:
            return Preview(description=describe(schedule), next=[], notes=[_NO_TASK_YET])
        try:
            schedule = for_task(schedule, request.task_id)
        except ValueError as error:
            raise InvalidInput([FieldError(pointer="/schedule", message=str(error))]) from None
    remarks = [*notes(schedule, after), *calendar_notes(schedule, days, after)]
    counted = anchored(schedule, min(after, now))
    if counted is not schedule:
        remarks.append("counted from when the task is created, as there is neither anchor nor start")
    counted = counted.with_calendars(days)
    offset = offset_of(schedule, request.task_id) if request.task_id else 0
    if offset:
        remarks.append(f"the delay of this task is {duration_in_words(timedelta(seconds=offset))}")
    coming = _coming(counted, after, request.count, clock)
    if not coming.times and (errors := unreachable_errors(counted, min(after, now), offset)):
        if not _may_still_be_created(schedule, now):
            raise InvalidInput(errors)
        remarks.append("lies in the past: a new task runs at once up to 24 hours later, and is refused after that")
    remarks += clock_change_notes(counted, after)
    return Preview(
        description=describe(schedule),
        next=coming.times,
        notes=[*remarks, *coming.notes],
        resolved=schedule if schedule is not request.schedule else None,
    )


def _coming(schedule: Schedule, after: int, count: int, clock: tzinfo) -> _Coming:
    times = list[PreviewTime]()
    for found in islice(upcoming_times(schedule, after, work=_WORK), min(count, schedule.run_limit or count)):
        if isinstance(found, NothingUntil):
            until = f"{utc(found.checkpoint):%Y-%m-%d}"
            return _Coming(times, [f"no further than {until} was looked, as exclude leaves out so much"])
        times.append(PreviewTime(at=utc(found), local=_local_time(found, clock), by=schedule.members_at(found)))
    return _Coming(times, [])


def _may_still_be_created(schedule: Schedule, now: int) -> bool:
    return isinstance(schedule, Once) and now - schedule.second <= ONE_TIME_SECONDS


def _clock(request: PreviewInput) -> tzinfo:
    name = request.timezone or request.schedule.zone_name
    if name is not None:
        try:
            return zone(name)
        except ValueError as error:
            raise InvalidInput([FieldError(pointer="/timezone", message=str(error))]) from None
    if isinstance(request.schedule, Once):
        at = datetime.fromisoformat(request.schedule.at.replace("z", "Z").replace(",", "."))
        return at.tzinfo or UTC
    return UTC


def _local_time(second: int, clock: tzinfo) -> str:
    """An epoch second as ISO 8601 local time with its offset."""
    return datetime.fromtimestamp(second, UTC).astimezone(clock).isoformat()
