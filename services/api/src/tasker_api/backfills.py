"""Which past nominal times a backfill takes: those of a range, or those in the log that have not run well yet."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from tasker_api import convert
from tasker_api.store import Store
from tasker_core.events.event_data import MAX_TIMES
from tasker_core.schedules.occurrences import NothingUntil, search
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.time.instant import from_ms, to_ms
from tasker_runtime.documents import TaskDocument

MAX_LOOKS = 10_000
"""So many nominal times are looked at for one request: tens of milliseconds of work."""
CHUNK = 1_000


@dataclass(slots=True)
class Selection:
    """Nominal times (epoch seconds, ascending), at most 1,000; `cut` more were left, at least so many if `is_more`."""

    times: list[int] = field(default_factory=list[int])
    cut: int = 0
    is_more: bool = False


def nominal_times(schedule: Schedule, start: int, end: int) -> Iterator[int]:
    """Those in [start, end), in order. Raises ValueError for an interval without anchor."""
    after = start - 1
    while after < end - 1:
        found = search(schedule, after)
        if isinstance(found, NothingUntil):
            after = max(found.checkpoint, after + 1)
        elif found.nominal >= end or found.nominal == NEVER:
            return
        else:
            after = found.nominal
            yield after


def counted(schedule: Schedule, start: int, end: int) -> tuple[list[int], bool]:
    """The first nominal times in [start, end), as many as are looked at, and whether there are more."""
    found = list(islice(nominal_times(schedule, start, end), MAX_LOOKS + 1))
    return found[:MAX_LOOKS], len(found) > MAX_LOOKS


async def selected(
    store: Store, task: TaskDocument, only: Literal["missed", "failed"], start: int, end: int
) -> Selection:
    """The times in [start, end) of the task's generation that were missed, or failed, and that nothing made good since.

    Raises PyMongoError.
    """
    times = _missed(store, task, start, end) if only == "missed" else _failed(store, task, start, end)
    found, looks, chunk = Selection(), 0, list[int]()
    async for time in times:
        if looks == MAX_LOOKS:
            found.is_more = True
            break
        looks += 1
        chunk.append(time)
        if len(chunk) == CHUNK:
            await _take(store, task, chunk, found)
            chunk = []
    await _take(store, task, chunk, found)
    return found


async def _take(store: Store, task: TaskDocument, chunk: list[int], found: Selection) -> None:
    instants = [from_ms(time * 1000) for time in chunk]
    good = {to_ms(at) // 1000 for at in await store.made_good(task["_id"], task["generation"], instants)}
    left = [time for time in chunk if time not in good]
    room = MAX_TIMES - len(found.times)
    found.times += left[:room]
    found.cut += len(left[room:])


async def _missed(store: Store, task: TaskDocument, start: int, end: int) -> AsyncIterator[int]:
    """The nominal times of the missed ranges, by the definition under which they were missed."""
    bounds = (from_ms(start * 1000), from_ms(end * 1000))
    standing: Schedule = convert.schedule(task["schedule_json"])[0]
    schedules: dict[int, Schedule] = {task["version"]: standing}
    told = -NEVER
    for one in await store.missed(task["_id"], task["generation"], *bounds, MAX_LOOKS + 1):
        if one["version"] not in schedules:
            stored = await store.schedule_of(task["_id"], one["version"])
            schedules[one["version"]] = standing if stored is None else convert.schedule(stored)[0]
        first, last = to_ms(one["from_at"]) // 1000, to_ms(one["to_at"]) // 1000
        for time in nominal_times(schedules[one["version"]], max(first, start, told + 1), min(last + 1, end)):
            told = time
            yield time


async def _failed(store: Store, task: TaskDocument, start: int, end: int) -> AsyncIterator[int]:
    bounds = (from_ms(start * 1000), from_ms(end * 1000))
    found = await store.failed(task["_id"], task["generation"], *bounds, MAX_LOOKS + 1)
    for time in dict.fromkeys(to_ms(at) // 1000 for at in found):
        yield time
