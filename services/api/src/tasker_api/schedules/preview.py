"""PURE. A look ahead on a schedule."""

from datetime import UTC, datetime, tzinfo

from tasker_api.schemas.schedules import Preview, PreviewInput, PreviewTime
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.schedules.anchors import anchored
from tasker_core.schedules.description import describe
from tasker_core.schedules.kinds.interval import Interval
from tasker_core.schedules.kinds.once import Once
from tasker_core.schedules.occurrences import NothingUntil, search
from tasker_core.schedules.reachability import unreachable_errors
from tasker_core.schedules.schedule import NEVER
from tasker_core.schedules.schedule_notes import notes
from tasker_core.time.zones import utc, zone


def preview(request: PreviewInput, now: int) -> Preview:
    """The next times after `from`, or after `now` (epoch seconds). Raises InvalidInput for an unknown `timezone`."""
    after = int(request.from_.timestamp()) if request.from_ else now
    schedule, remarks = request.schedule, notes(request.schedule)
    if isinstance(schedule, Interval) and schedule.anchor is None:
        remarks.append("counted from the second in which the task is created")
        schedule = anchored(schedule, after)
    if errors := unreachable_errors(schedule, after):
        raise InvalidInput(errors)
    clock, times, at = _clock(request), list[PreviewTime](), after
    limit = min(request.count, getattr(schedule, "max_runs", None) or request.count)
    while len(times) < limit:
        found = search(schedule, at)
        if isinstance(found, NothingUntil):
            remarks.append(f"exclude leaves nothing from then on before {utc(found.checkpoint):%Y-%m-%d}")
            break
        if found.nominal == NEVER:
            break
        at = found.nominal
        times.append(PreviewTime(at=utc(at), local=_local_time(at, clock)))
    if isinstance(schedule, Once) and not times:
        remarks.append("lies in the past: a new task runs at once up to 24 hours later, and is refused after that")
    return Preview(description=describe(request.schedule), next=times, notes=remarks)


def _clock(request: PreviewInput) -> tzinfo:
    name = request.timezone or getattr(request.schedule, "timezone", None)
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
