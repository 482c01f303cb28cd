"""The oracle's own idea of schedules: each occurrence in the few minutes of a simulation, enumerated.

It has nothing in common with the scheduler: what a schedule means is listed by `tasker_cli.verify.enumeration`.
"""

import hashlib
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final

import msgspec

from tasker_cli.verify.enumeration.nominal_times import clock_of, for_task, instant, members, nominal_times

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

    def __init__(self, schedule: dict[str, Any], task_id: str, epoch: int) -> None:
        begin = epoch - epoch % 60 - _BEFORE
        self._schedule, self._end = for_task(schedule, task_id), begin + _BEFORE + _AFTER
        nominal = nominal_times(self._schedule, begin, self._end)
        self.offset = spread(task_id, duration(schedule["spread"])) if "spread" in schedule else 0
        following = [*nominal[1:], FAR]
        self.occurrences = [
            (at, min(at + self.offset, after - 1)) for at, after in zip(nominal, following, strict=False)
        ]
        self.effective = dict(self.occurrences)
        self.max_runs: int | None = schedule.get("max_runs")
        self.once, self.manual = "at" in schedule and "every" not in schedule, "manual" in schedule

    @cached_property
    def following(self) -> int | None:
        """The first nominal time after those; None when there is none for years."""
        whole = self._schedule
        clock = {"timezone": clock_of(whole)}  # which one member alone does not tell
        parts = [{**whole, **clock, "any": [part]} for part in members(whole)] if "any" in whole else [whole]
        return min(filter(None, map(self._following, parts)), default=None)

    def _following(self, schedule: dict[str, Any]) -> int | None:
        last = second(schedule["end"]) if "end" in schedule else FAR
        for begin, length in self._ahead(schedule):
            if begin <= last and (found := nominal_times(schedule, begin, begin + length)):
                return found[0]
        return None

    def _ahead(self, schedule: dict[str, Any]) -> list[tuple[int, int]]:
        """Where to look for the next time, and how far, up to where it must have come."""
        single, begin = schedule.get("any", [schedule])[0], self._end
        if "every" in single and "at" in single:
            return [(begin, days * _DAY) for days in _DAYS_OF_YEARS]
        if "cron" in single and set(single["cron"].split()[2:4]) - {"*", "?"}:
            return [(begin + days * _DAY, 2 * _DAY) for days in range(0, _DAYS_OF_MONTHS, 2)]
        days = (date.fromisoformat(entry) for entry in schedule.get("exclude", ()) if " " not in entry)
        ends = [instant(f"{day + timedelta(days=1)}T00:00", clock_of(schedule)) for day in days]
        return [(at, _MINUTES) for at in (begin, *ends) if at >= begin]


class Calendars:
    """The calendars of all schedules of one simulation, which begins at the second `epoch`."""

    def __init__(self, epoch: int) -> None:
        self._epoch = epoch
        self._made: dict[tuple[bytes, str], ReferenceCalendar] = {}

    def of(self, schedule: dict[str, Any], task_id: str) -> ReferenceCalendar:
        """The calendar of a schedule, made once."""
        key = msgspec.json.encode(schedule), task_id
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = ReferenceCalendar(schedule, task_id, self._epoch)
        return found
