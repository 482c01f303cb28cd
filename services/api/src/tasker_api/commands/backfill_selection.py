"""Which past nominal times in the log a backfill takes: those that were missed or failed, and no run made good."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal

from tasker_api.api_context import ApiContext
from tasker_api.conversion.schedules import schedule_of_task
from tasker_api.schedules.nominal_times import MAX_LOOKS, nominal_times
from tasker_core.documents.tasks import TaskDocument
from tasker_core.events.event_data import MAX_TIMES
from tasker_core.schedules.occurrences import NothingUntil
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.time.instant import from_ms, to_ms

CHUNK = 1_000
_UNFINISHED_LOOKS = 1_000
"""What counts for a range that was not looked through: a search takes as long as so many times."""


@dataclass(slots=True)
class Selection:
    """Nominal times (epoch seconds, ascending), at most 1,000; `cut` more were left, at least so many if `is_more`."""

    times: list[int] = field(default_factory=list[int])
    cut: int = 0
    is_more: bool = False


async def select_times(
    context: ApiContext, task: TaskDocument, only: Literal["missed", "failed"], start: int, end: int
) -> Selection:
    """The times in [start, end) of the task's generation that were missed, or failed, and that nothing made good since.

    Raises PyMongoError.
    """
    candidates = _missed(context, task, start, end) if only == "missed" else _failed(context, task, start, end)
    selection, looks, chunk = Selection(), 0, list[int]()
    async for time in candidates:
        if looks >= MAX_LOOKS:
            selection.is_more = True
            break
        if isinstance(time, NothingUntil):
            selection.is_more, looks = True, looks + _UNFINISHED_LOOKS
            continue
        looks += 1
        chunk.append(time)
        if len(chunk) == CHUNK:
            await _add(context, task, chunk, selection)
            chunk = []
    await _add(context, task, chunk, selection)
    return selection


async def _add(context: ApiContext, task: TaskDocument, chunk: list[int], selection: Selection) -> None:
    instants = [from_ms(time * 1000) for time in chunk]
    covered = await context.runs.covered_times(task["_id"], task["generation"], instants)
    good = {to_ms(at) // 1000 for at in covered}
    left = [time for time in chunk if time not in good]
    capacity = MAX_TIMES - len(selection.times)
    selection.times += left[:capacity]
    selection.cut += len(left[capacity:])


async def _missed(context: ApiContext, task: TaskDocument, start: int, end: int) -> AsyncIterator[int | NothingUntil]:
    """The nominal times of the missed ranges, by the definition under which they were missed.

    Where that leaves out so much of a range that the rest of it is not looked at, there is an answer that says so.
    """
    bounds = (from_ms(start * 1000), from_ms(end * 1000))
    current = await context.schedule_of(task)
    schedules: dict[int, Schedule] = {task["version"]: current}
    latest = -NEVER
    for missed in await context.runs.missed_ranges(task["_id"], task["generation"], *bounds, MAX_LOOKS + 1):
        if missed["version"] not in schedules:
            stored = await context.journal.schedule_of_version(task["_id"], missed["version"])
            earlier = None if stored is None else schedule_of_task(stored, task["_id"])
            if earlier is not None and (names := earlier.calendar_names):
                # By their days of today: those of then may be known no more, and a run too many does less harm.
                days = await context.calendars.days(names, task.get("calendars", []))
                earlier = earlier.with_calendars(days) if days.keys() >= set(names) else current
            schedules[missed["version"]] = earlier or current
        first, last = to_ms(missed["from_at"]) // 1000, to_ms(missed["to_at"]) // 1000
        schedule = schedules[missed["version"]]
        for time in nominal_times(schedule, max(first, start, latest + 1), min(last + 1, end)):
            if not isinstance(time, NothingUntil):
                latest = time
            yield time


async def _failed(context: ApiContext, task: TaskDocument, start: int, end: int) -> AsyncIterator[int | NothingUntil]:
    bounds = (from_ms(start * 1000), from_ms(end * 1000))
    found = await context.runs.failed_times(task["_id"], task["generation"], *bounds, MAX_LOOKS + 1)
    for time in dict.fromkeys(to_ms(at) // 1000 for at in found):
        yield time
