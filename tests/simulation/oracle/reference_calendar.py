"""The oracle's own idea of schedules: each occurrence in the few minutes of a simulation, enumerated.

It has nothing in common with the scheduler: what a schedule means is listed by `tasker_cli.verify.enumeration`.
"""

import hashlib
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final

import msgspec

from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tasker_cli.verify.enumeration.nominal_times import clock_of, for_task, instant, members, nominal_times

Written = dict[str, Any]
FAR = 1 << 60
_DAY: Final = 86_400
_BEFORE, _AFTER = 180, 420
_MINUTES: Final = 600
"""What is due by the second is due within so many seconds, or never."""
_DAYS_OF_MONTHS: Final = 70
_DAYS_OF_YEARS: Final = (2, 70, 400, 9 * 366)


@lru_cache(maxsize=65_536)
def second(text: str) -> int:
    """Epoch seconds of an instant in UTC."""
    return int(datetime.fromisoformat(text).timestamp())


def ms(text: str) -> int:
    """Epoch milliseconds of an instant in UTC."""
    return second(text) * 1000 + int(text[20:23])


@lru_cache(maxsize=1024)
def duration(text: str) -> int:
    """Seconds of the durations that are used: PT…S and PT…M."""
    return int(text[2:-1]) * (60 if text.endswith("M") else 1)


def spread(task_id: str, window: int) -> int:
    """A task's place in its window: BLAKE2b-64 of the id modulo the window's length plus one."""
    return int.from_bytes(hashlib.blake2b(task_id.encode(), digest_size=8).digest()) % (window + 1)


class ReferenceCalendar:
    """All occurrences of one schedule of one task within a simulation, as (nominal, effective).

    `once`: it names a single instant. `manual`: it names none at all.
    """

    def __init__(self, schedule: Written, task_id: str, epoch: int, days: CalendarVersions) -> None:
        begin = epoch - epoch % 60 - _BEFORE
        self._schedule, self._end, self._days = for_task(schedule, task_id), begin + _BEFORE + _AFTER, days
        nominal = nominal_times(self._schedule, begin, self._end, days)
        self.offset = spread(task_id, duration(schedule["spread"])) if "spread" in schedule else 0
        following = [*nominal[1:], FAR]
        self.occurrences = [
            (at, min(at + self.offset, after - 1)) for at, after in zip(nominal, following, strict=False)
        ]
        self.effective = dict(self.occurrences)
        self.max_runs: int | None = schedule.get("max_runs")
        self.once, self.manual = "at" in schedule and "every" not in schedule, "manual" in schedule

    def is_next(self, after: int, decided: int, reported: str | None) -> bool:
        """Whether `reported` is the next nominal time after `decided`, effective after a second.

        `max_runs` is not looked at.
        """
        coming = [nominal for nominal, effective in self.occurrences if effective > after and nominal > decided]
        if reported is None:
            return self.max_runs is not None or not (coming or self.following)
        return second(reported) == (coming[0] if coming else self.following)

    @cached_property
    def following(self) -> int | None:
        """The first nominal time after those; None when there is none for years."""
        whole = self._schedule
        clock = {"timezone": clock_of(whole)}  # which one member alone does not tell
        parts = [{**whole, **clock, "any": [part]} for part in members(whole)] if "any" in whole else [whole]
        return min(filter(None, map(self._following, parts)), default=None)

    def _following(self, schedule: Written) -> int | None:
        last = min(second(schedule["end"]) if "end" in schedule else FAR, self._last_required)
        for begin, length in self._ahead(schedule):
            end = min(begin + length, last + 1)
            if begin < end and (found := nominal_times(schedule, begin, end, self._days)):
                return found[0]
        return None

    @cached_property
    def _last_required(self) -> int:
        """When the days of calendars that are required are over."""
        clock = clock_of(self._schedule)
        lasts = [max((span[1] for span in self._days.spans(*key)), default=None) for key in self._calendars("require")]
        ends = [-FAR if last is None else instant(f"{last + timedelta(days=2)}T00:00", clock) for last in lasts]
        return min(ends, default=FAR)

    def _calendars(self, option: str) -> list[tuple[str, int]]:
        return [(name, version) for name, version in self._schedule.get(f"{option}_calendars", ())]

    def _ahead(self, schedule: Written) -> list[tuple[int, int]]:
        """Where to look for the next time, and how far, up to where it must have come."""
        single, begin = schedule.get("any", [schedule])[0], self._end
        if "every" in single and "at" in single:
            return [(begin, days * _DAY) for days in _DAYS_OF_YEARS]
        if "cron" in single and set(single["cron"].split()[2:4]) - {"*", "?"}:
            return [(begin + days * _DAY, 2 * _DAY) for days in range(0, _DAYS_OF_MONTHS, 2)]
        days = {date.fromisoformat(entry) for entry in schedule.get("exclude", ()) if " " not in entry}
        for key in [*self._calendars("exclude"), *self._calendars("require")]:
            days |= {day for first, last in self._days.spans(*key) for day in (first - timedelta(days=1), last)}
        ends = [instant(f"{day + timedelta(days=1)}T00:00", clock_of(schedule)) for day in days]
        return [(at, _MINUTES) for at in sorted([begin, *ends]) if at >= begin]


class Calendars:
    """The calendars of all schedules of one simulation, which begins at the second `epoch`.

    `days`: those of named calendars, which leave some of the times out.
    """

    def __init__(self, epoch: int, days: CalendarVersions | None = None) -> None:
        self._epoch, self._days = epoch, days or CalendarVersions()
        self._made: dict[tuple[bytes, str], ReferenceCalendar] = {}

    def of(self, schedule: Written, task_id: str) -> ReferenceCalendar:
        """The calendar of a schedule, made once."""
        key = msgspec.json.encode(schedule), task_id
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = ReferenceCalendar(schedule, task_id, self._epoch, self._days)
        return found
