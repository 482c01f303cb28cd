"""PURE. What another schedule would change: the runs of an interval that come, go and move."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from tasker_api.schedules.run_pairing import Move, Pairing, paired
from tasker_api.schemas.schedules import ChangedRun, RunTime, ScheduleDiff
from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.schedules.anchors import anchored
from tasker_core.schedules.clock_change_notes import clock_change_notes
from tasker_core.schedules.description import describe
from tasker_core.schedules.occurrences import NothingUntil, Occurrence, effective_of, offset_of, search, upcoming_times
from tasker_core.schedules.schedule import NEVER, Schedule, for_task
from tasker_core.schedules.wording import duration_in_words
from tasker_core.time.zones import DAY, offset_at, utc

MAX_RUNS: Final = 100_000
"""So many runs of each schedule are looked at: some tenths of a second of work."""
MAX_DAYS: Final = 3_660
_WORK: Final = 20_000
_SHIFTS_TOLD: Final = 5


class Compared(NamedTuple):
    """A schedule, and the days of its calendars by their names."""

    schedule: Schedule
    days: Mapping[str, CalendarDays] = MappingProxyType({})


class Asked(NamedTuple):
    """Two schedules of a task (None: of no task yet) in the instants start ≤ t < end, and how many changes to list."""

    before: Compared
    after: Compared
    task_id: str | None
    start: int
    end: int
    limit: int


class _Runs(NamedTuple):
    """The effective times of a schedule, from a day before the interval to a day after it.

    They are all up to, without, `until`: NEVER where none is left out.
    """

    times: list[int]
    until: int


def schedule_diff(asked: Asked) -> ScheduleDiff:
    """The difference. Raises InvalidInput for an interval that is none or too long, and for an `H` without a task."""
    if asked.end <= asked.start:
        raise _wrong("/to", "is not after `from`; give a later one")
    if asked.end - asked.start > MAX_DAYS * DAY:
        raise _wrong("/to", f"is more than {MAX_DAYS} days after `from`; give an earlier one")
    before = _of_task(asked.before.schedule, asked.task_id, asked.start, "/before").with_calendars(asked.before.days)
    # What the edit leaves out is counted from as before: as when it is saved.
    after = anchored(asked.after.schedule, asked.start, before)
    after = _of_task(after, asked.task_id, asked.start, "/after").with_calendars(asked.after.days)
    olds, news = _runs(before, asked), _runs(after, asked)
    reached = min(olds.until, news.until)
    until = min(reached, asked.end)
    clock = after.clock
    whole = paired(
        [at for at in olds.times if at < reached],
        [at for at in news.times if at < reached],
        lambda at: (at + offset_at(clock, at)) // DAY,
    )
    pairing = _within(whole, range(asked.start, until))
    return ScheduleDiff(
        before=describe(before),
        after=describe(after),
        unchanged=len(pairing.unchanged),
        added=len(pairing.added),
        removed=len(pairing.removed),
        moved=len(pairing.moved),
        complete_until=utc(until),
        text=_text(pairing),
        items=list(islice(_items(pairing, before.clock, clock), asked.limit)),
        notes=list(_notes(asked, before, after, until)),
    )


def _within(pairing: Pairing, interval: range) -> Pairing:
    """What becomes of the runs of an interval; what moves into it or out of it is one of them."""
    return Pairing(
        [at for at in pairing.unchanged if at in interval],
        [move for move in pairing.moved if move.before in interval or move.after in interval],
        [at for at in pairing.removed if at in interval],
        [at for at in pairing.added if at in interval],
    )


def _of_task(schedule: Schedule, task_id: str | None, start: int, place: str) -> Schedule:
    if schedule.has_hash:
        if task_id is None:
            message = "the values of H come from the id of the task: give it as `task_id`"
            raise _wrong(place, message)
        try:
            schedule = for_task(schedule, task_id)
        except ValueError as error:
            raise _wrong(place, str(error)) from None
    return anchored(schedule, start)


def _runs(schedule: Schedule, asked: Asked) -> _Runs:
    offset = offset_of(schedule, asked.task_id) if asked.task_id else 0
    times, limit = list[int](), schedule.run_limit
    # What moves over an edge of the interval is found beside it. (Of a limited one the first runs are those that come.)
    begin, end = asked.start if limit else asked.start - DAY, asked.end + DAY
    for found in _effective(schedule, offset, begin):
        if isinstance(found, NothingUntil):
            return _Runs(times, max(found.checkpoint, asked.start))
        if found >= end or len(times) == limit:
            break
        if len(times) == MAX_RUNS:
            return _Runs(times, found)
        times.append(found)
    return _Runs(times, NEVER)


def _effective(schedule: Schedule, offset: int, start: int) -> Iterator[int | NothingUntil]:
    first = search(schedule, start - 1, offset)
    if isinstance(first, Occurrence) and first.nominal < start:  # its delay has carried it over the start
        yield first.effective
    for nominal in upcoming_times(schedule, start - 1, work=_WORK):
        if isinstance(nominal, NothingUntil):
            yield nominal
        elif nominal < NEVER:
            yield effective_of(schedule, nominal, offset)


def _items(pairing: Pairing, old_clock: ZoneInfo, clock: ZoneInfo) -> Iterator[ChangedRun]:
    changes = merge(
        ((at, _removed(at, old_clock)) for at in pairing.removed),
        ((at, _added(at, clock)) for at in pairing.added),
        ((move.before, _moved(move, old_clock, clock)) for move in pairing.moved),
        key=lambda one: one[0],
    )
    return (item for _, item in changes)


def _removed(at: int, clock: ZoneInfo) -> ChangedRun:
    return ChangedRun(change="removed", before=_time(at, clock))


def _added(at: int, clock: ZoneInfo) -> ChangedRun:
    return ChangedRun(change="added", after=_time(at, clock))


def _moved(move: Move, old_clock: ZoneInfo, clock: ZoneInfo) -> ChangedRun:
    return ChangedRun(
        change="moved",
        before=_time(move.before, old_clock),
        after=_time(move.after, clock),
        by_seconds=move.after - move.before,
    )


def _time(at: int, clock: ZoneInfo) -> RunTime:
    return RunTime(at=utc(at), local=datetime.fromtimestamp(at, UTC).astimezone(clock).isoformat())


def _text(pairing: Pairing) -> str:
    said = [f"{_counted(len(pairing.unchanged))} as before"]
    if pairing.moved:
        said.append(f"{_counted(len(pairing.moved))} moved ({_shifts(pairing.moved)})")
    said += [f"{_counted(len(some))} {word}" for some, word in _ones(pairing) if some]
    return ", ".join(said)


def _ones(pairing: Pairing) -> Sequence[tuple[list[int], str]]:
    return (pairing.removed, "removed"), (pairing.added, "added")


def _shifts(moved: Sequence[Move]) -> str:
    shifts = Counter(move.after - move.before for move in moved).most_common()
    told = [
        f"{count:,} by {duration_in_words(timedelta(seconds=abs(by)))} to {'later' if by > 0 else 'earlier'}"
        for by, count in shifts[:_SHIFTS_TOLD]
    ]
    if len(shifts) > _SHIFTS_TOLD:
        told.append(f"{sum(count for _, count in shifts[_SHIFTS_TOLD:]):,} otherwise")
    return "; ".join(told)


def _counted(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"


def _notes(asked: Asked, before: Schedule, after: Schedule, until: int) -> Iterator[str]:
    if until < asked.end:
        yield f"compared up to {utc(until):%Y-%m-%dT%H:%M:%SZ} only, where there are too many runs to go on"
    if asked.task_id is None and (before.spread_seconds or after.spread_seconds):
        yield "without a task its delay by spread is not known: give it as `task_id` to see it"
    for name, schedule in (("before", before), ("after", after)):
        if schedule.run_limit:
            yield f"{name}: at most {schedule.run_limit} runs from the begin of the interval on are counted (max_runs)"
        yield from (f"{name}: {note}" for note in clock_change_notes(schedule, asked.start, until))


def _wrong(place: str, message: str) -> InvalidInput:
    return InvalidInput([FieldError(pointer=place, message=message)])
