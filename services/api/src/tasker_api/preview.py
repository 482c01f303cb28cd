"""A look ahead on a schedule, by the engine that fires it."""

from datetime import UTC, datetime, tzinfo

from tasker_api.convert import at_clock
from tasker_api.problems import invalid
from tasker_api.schemas import Coming, Preview, PreviewInput
from tasker_core.errors import FieldError
from tasker_core.schedules.description import describe
from tasker_core.schedules.notes import notes
from tasker_core.schedules.occurrences import NothingUntil, search, unreachable_errors
from tasker_core.schedules.schedule import NEVER, Interval, Once
from tasker_core.time.zones import utc, zone


def preview(wanted: PreviewInput, now: int) -> Preview:
    """The next times after `from`, or after `now` (epoch seconds). Raises Problem for an unknown `timezone`."""
    after = int(wanted.from_.timestamp()) if wanted.from_ else now
    schedule, told = wanted.schedule, notes(wanted.schedule)
    if isinstance(schedule, Interval) and schedule.anchor is None:
        told.append("counted from the second in which the task is created")
        schedule = schedule.anchored(after)
    if errors := unreachable_errors(schedule, after):
        raise invalid(errors)
    clock, found, at = _clock(wanted), list[Coming](), after
    most = min(wanted.count, getattr(schedule, "max_runs", None) or wanted.count)
    while len(found) < most:
        coming = search(schedule, at)
        if isinstance(coming, NothingUntil):
            told.append(f"exclude leaves nothing from then on before {utc(coming.checkpoint):%Y-%m-%d}")
            break
        if coming.nominal == NEVER:
            break
        at = coming.nominal
        found.append(Coming(at=utc(at), local=at_clock(at, clock)))
    if isinstance(schedule, Once) and not found:
        told.append("lies in the past: a new task runs at once up to 24 hours later, and is refused after that")
    return Preview(description=describe(wanted.schedule), next=found, notes=told)


def _clock(wanted: PreviewInput) -> tzinfo:
    name = wanted.timezone or getattr(wanted.schedule, "timezone", None)
    if name is not None:
        try:
            return zone(name)
        except ValueError as error:
            raise invalid([FieldError(pointer="/timezone", message=str(error))]) from None
    if isinstance(wanted.schedule, Once):
        stated = datetime.fromisoformat(wanted.schedule.at.replace("z", "Z").replace(",", "."))
        return stated.tzinfo or UTC
    return UTC
