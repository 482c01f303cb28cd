"""The instants at which all tasks of a timing fire. Instants are epoch seconds."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec
from pydantic import ValidationError

from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.cron.expression import CronExpression
from tasker_core.errors import TaskerError
from tasker_core.schedules.occurrences import WORK, NothingUntil, upcoming_times
from tasker_core.schedules.schedule import NEVER, Schedule, from_json
from tasker_core.time.instant import parse_second
from tasker_core.time.wall_times import Fold, Gap
from tasker_core.time.zones import DAY, stretch_at
from tasker_core.timing.timing_key import INTERVAL, ONCE, SCHEDULE

_WORK: Final = WORK * 10
_DENSE: Final = 48
"""Of what fires so often a day, whole days are told at once."""


class TimingUnknown(TaskerError):
    """The timing is none that this release can read, or its times can't be told."""


class Timing(NamedTuple):
    """A timing that has been read: its nominal times, and the delay of its tasks by `spread` (None: no spread).

    Exactly one of the first three is there. `run_limit` is `max_runs`.
    """

    at: int | None = None
    every: tuple[int, int] | None = None
    schedule: "Schedule | CronExpression | None" = None
    offset: int | None = None
    run_limit: int | None = None


class _PlainCron(msgspec.Struct, forbid_unknown_fields=True):
    """A cron schedule without any option: nearly all are, and pydantic would take ten times as long."""

    cron: str
    timezone: str = "UTC"
    gap: Gap = "shift"
    fold: Fold = "first"


class _Named(msgspec.Struct):
    """The calendars of any schedule."""

    exclude_calendars: tuple[str, ...] = ()
    require_calendars: tuple[str, ...] = ()


_decode_named: Final = msgspec.json.Decoder(_Named).decode
_NAMES: Final = '_calendars":'
_decode_plain: Final = msgspec.json.Decoder(_PlainCron).decode


def calendars_of(key: str) -> tuple[str, ...]:
    """The calendars that a timing names; none where it is not understood."""
    if _NAMES not in key:
        return ()
    try:
        named = _decode_named(key[: key.rindex("}") + 1])
    except (ValueError, msgspec.DecodeError):
        return ()
    return (*named.exclude_calendars, *named.require_calendars)


def read_timing(key: str, calendars: Mapping[str, CalendarDays] = MappingProxyType({})) -> Timing:
    """What a timing says, with the days of its calendars by their names. Raises TimingUnknown, for want of days, too.

    The text only names them: what a calendar's days are changes without the task.
    """
    try:
        if key.startswith(ONCE):
            return Timing(at=parse_second(key[1:]))
        if key.startswith(INTERVAL):
            step, phase = key[1:].split(INTERVAL)
            return Timing(every=(int(step), int(phase)))
        if not key.startswith(SCHEDULE):
            raise ValueError(key)
        text, _, offset = key.rpartition("}")
        return _read_schedule(f"{text}}}", int(offset) if offset else None, calendars)
    except (ValueError, KeyError, ValidationError) as error:
        raise TimingUnknown from error


def fire_times(timing: Timing, start: int, end: int) -> Iterator[int]:
    """The effective times in [start, end), ascending. Raises TimingUnknown when they can't be told.

    `max_runs` is not looked at: how often tasks have run is not known here.
    """
    if timing.at is not None:
        return iter((timing.at,) if start <= timing.at < end else ())
    if not timing.offset:
        return nominal_times(timing, start, end)
    nominal = nominal_times(timing, start - timing.offset, end + timing.offset + 1)
    return delayed_times(nominal, timing.offset, start, end)


def delayed_times(nominal: Iterable[int], offset: int, start: int, end: int) -> Iterator[int]:
    """Of nominal times the effective ones in [start, end): later by the offset, but before the next nominal time.

    (occurrences.py: `effective_of`.) What is nominal is told up to `offset` behind the end, or all there is.
    """
    for at, following in pairwise(chain(nominal, (NEVER,))):
        if at >= end:
            return
        if start <= (effective := min(at + offset, following - 1)) < end:
            yield effective


def nominal_times(timing: Timing, start: int, end: int) -> Iterator[int]:
    """The nominal times in [start, end), ascending. Raises TimingUnknown when they can't be told."""
    if timing.at is not None:
        return iter((timing.at,) if start <= timing.at < end else ())
    if timing.every is not None:
        step, phase = timing.every
        return iter(range(start + (phase - start) % step, end, step))
    schedule = timing.schedule
    assert schedule is not None, "one of the three is there"
    if isinstance(schedule, CronExpression):
        return _cron_times(schedule, start, end)
    return _schedule_times(schedule, start, end)


def _cron_times(expression: CronExpression, start: int, end: int) -> Iterator[int]:
    after, times = start - 1, expression.fields.times
    is_dense = times.bit_count() >= _DENSE
    while (at := expression.next_after(after)) < end:
        stretch = stretch_at(expression.zone, at)
        midnight = (at + stretch.offset) // DAY * DAY - stretch.offset
        if is_dense and stretch.begin <= midnight - DAY and midnight + 2 * DAY <= stretch.end:
            # No clock change is near: it fires at all of its times on this day.
            seconds = _seconds(times)
            yield from (midnight + t for t in seconds[bisect_left(seconds, at - midnight) :] if midnight + t < end)
            after = midnight + DAY - 1
        else:
            yield at
            after = at


@lru_cache(maxsize=256)
def _seconds(times: int) -> tuple[int, ...]:
    return tuple(second for second, bit in enumerate(f"{times:b}"[::-1]) if bit == "1")


def _schedule_times(schedule: Schedule, start: int, end: int) -> Iterator[int]:
    try:
        for found in upcoming_times(schedule, start - 1, work=_WORK):
            if isinstance(found, NothingUntil):
                if found.checkpoint < end - 1:
                    raise TimingUnknown
                return
            if found >= end:
                return
            yield found
    except ValueError as error:  # as for what is not resolved
        raise TimingUnknown from error


def _read_schedule(text: str, offset: int | None, calendars: Mapping[str, CalendarDays]) -> Timing:
    try:
        plain = _decode_plain(text)
    except msgspec.ValidationError:
        schedule = _stored(text).with_calendars(calendars)
        return Timing(schedule=schedule, offset=offset, run_limit=schedule.run_limit)
    return Timing(schedule=CronExpression.parse(plain.cron, plain.timezone, plain.gap, plain.fold), offset=offset)


@lru_cache(maxsize=2_048)
def _stored(text: str) -> Schedule:
    return from_json(text.encode())
