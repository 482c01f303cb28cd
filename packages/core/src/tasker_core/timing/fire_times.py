"""The instants at which all tasks of a timing fire. Instants are epoch seconds."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
from pydantic import ValidationError

from tasker_core.cron.expression import CronExpression
from tasker_core.errors import TaskerError
from tasker_core.schedules.occurrences import WORK, NothingUntil, upcoming_times
from tasker_core.schedules.schedule import NEVER, Schedule, from_json
from tasker_core.time.instant import parse_second
from tasker_core.time.wall_times import Fold, Gap
from tasker_core.timing.timing_key import INTERVAL, ONCE, SCHEDULE

_WORK: Final = WORK * 10


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


_decode_plain: Final = msgspec.json.Decoder(_PlainCron).decode


def read_timing(key: str) -> Timing:
    """What a timing says. Raises TimingUnknown."""
    try:
        if key.startswith(ONCE):
            return Timing(at=parse_second(key[1:]))
        if key.startswith(INTERVAL):
            step, phase = key[1:].split(INTERVAL)
            return Timing(every=(int(step), int(phase)))
        if not key.startswith(SCHEDULE):
            raise ValueError(key)
        text, _, offset = key.rpartition("}")
        return _read_schedule(f"{text}}}", int(offset) if offset else None)
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
    return _delayed(timing, timing.offset, start, end)


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


def following(timing: Timing, after: int) -> int:
    """The first nominal time after `after`; NEVER when there is none. Raises TimingUnknown when it can't be told."""
    return next(nominal_times(timing, after + 1, NEVER), NEVER)


def _delayed(timing: Timing, offset: int, start: int, end: int) -> Iterator[int]:
    """Nominal plus offset, but before the next nominal time (occurrences.py: effective_of)."""
    nominal = next(nominal_times(timing, start - offset, end), NEVER)
    while nominal < end:
        after = following(timing, nominal)
        if (effective := min(nominal + offset, after - 1)) >= end:
            return
        if effective >= start:
            yield effective
        nominal = after


def _cron_times(expression: CronExpression, start: int, end: int) -> Iterator[int]:
    after = start - 1
    while (after := expression.next_after(after)) < end:
        yield after


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


def _read_schedule(text: str, offset: int | None) -> Timing:
    try:
        plain = _decode_plain(text)
    except msgspec.ValidationError:
        schedule = _stored(text)
        return Timing(schedule=schedule, offset=offset, run_limit=schedule.run_limit)
    return Timing(schedule=CronExpression.parse(plain.cron, plain.timezone, plain.gap, plain.fold), offset=offset)


@lru_cache(maxsize=2_048)
def _stored(text: str) -> Schedule:
    return from_json(text.encode())
