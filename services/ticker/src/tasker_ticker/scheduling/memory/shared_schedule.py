"""PURE. Distinct schedules, each held once for all tasks that have it. Instants are epoch seconds."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from weakref import WeakValueDictionary

import msgspec
from msgspec import Raw

from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.schedules.kinds.manual import is_manual
from tasker_core.schedules.occurrences import NothingUntil, Occurrence, search
from tasker_core.schedules.schedule import NEVER, Schedule, for_task, from_json
from tasker_core.time.local_time import parse_instant

NONE: Final = Occurrence(NEVER, NEVER)

_MAY_BE_HASHED: Final = re.compile(rb'"cron":"[^"]*[Hh]')
_parsed_single = lru_cache(maxsize=65_536)(from_json)
_parsed_joined = lru_cache(maxsize=2_048)(from_json)
"""An `any` of fifty takes some 45 KB and a millisecond to parse."""


CalendarVersions = tuple[tuple[str, int], ...]
"""The calendars of a schedule, each with the version that it is under; sorted."""


def _parsed(text: bytes) -> Schedule:
    return (_parsed_joined if text.startswith(b'{"any":') else _parsed_single)(text)


@lru_cache(maxsize=8_192)
def _under_calendars(text: bytes, days: tuple[tuple[str, CalendarDays], ...]) -> Schedule:
    return _parsed(text).with_calendars(dict(days))


def is_shared(text: bytes) -> bool:
    """Whether a canonical JSON means the same times for all tasks that have it, however often they have run."""
    if text.startswith(b'{"at":') or b'"spread"' in text or b'"max_runs"' in text:
        return False
    return _MAY_BE_HASHED.search(text) is None


class SharedSchedule:
    """One distinct schedule: its next time is computed once for all tasks that have it."""

    __slots__ = ("__weakref__", "_after", "_found", "manual", "max_runs", "raw", "spread")

    versions: CalendarVersions = ()
    """Under which versions of calendars it is."""

    def __init__(self, text: bytes) -> None:
        self.raw = Raw(text)
        self.spread = b'"spread"' in text
        schedule = self.schedule if b'"max_runs"' in text else None
        self.max_runs = None if schedule is None else schedule.run_limit
        self.manual = is_manual(text)
        self._after = NEVER
        self._found: Occurrence | NothingUntil = NONE

    def same_as(self, other: "SharedSchedule") -> bool:
        """Whether both are one schedule."""
        return self is other or bytes(self.raw) == bytes(other.raw)

    @property
    def schedule(self) -> Schedule:
        """The schedule; parsed when it is needed."""
        return _parsed(bytes(self.raw))

    def search(self, after: int) -> Occurrence | NothingUntil:
        """The first occurrence after `after`, without spread."""
        found = self._found
        known_to = found.effective if isinstance(found, Occurrence) else found.checkpoint
        if not self._after <= after < known_to:
            self._after, self._found = after, search(self.schedule, after)
        return self._found


class _OnceJson(msgspec.Struct):
    """What counts in the JSON of a one-time schedule."""

    at: str
    timezone: str | None = None


_decode_once = msgspec.json.Decoder(_OnceJson).decode


class OneTimeSchedule(SharedSchedule):
    """The schedule of a one-time task: cheap enough not to be shared, since a million of them have a million."""

    __slots__ = ("second",)

    def __init__(self, text: bytes) -> None:
        super().__init__(text)
        once = _decode_once(text)
        self.second = parse_instant(once.at, once.timezone)[0]

    def search(self, after: int) -> Occurrence | NothingUntil:
        """The instant, if it is after `after`."""
        return Occurrence(self.second, self.second) if after < self.second else NONE


class CalendarSchedule(SharedSchedule):
    """A schedule under certain versions of its calendars, whose days are in `days`."""

    __slots__ = ("_days", "versions")

    def __init__(self, text: bytes, versions: CalendarVersions, days: Mapping[tuple[str, int], CalendarDays]) -> None:
        self.versions, self._days = versions, days
        super().__init__(text)

    @property
    def schedule(self) -> Schedule:
        """The schedule with the days of these versions."""
        days = tuple((key[0], self._days[key]) for key in self.versions)
        return _under_calendars(bytes(self.raw), days)


class HashedSchedule(SharedSchedule):
    """A schedule with an `H`, for one task: `raw` keeps the `H`, the times are those of all tasks with these values."""

    __slots__ = ("_resolved", "versions")

    def __init__(self, text: bytes, resolved: SharedSchedule) -> None:
        self._resolved = resolved
        self.versions = resolved.versions
        super().__init__(_one_copy(text))

    @property
    def schedule(self) -> Schedule:
        """The schedule with the task's values."""
        return self._resolved.schedule

    def search(self, after: int) -> Occurrence | NothingUntil:
        """The first occurrence after `after`, without spread."""
        return self._resolved.search(after)


@lru_cache(maxsize=4096)
def _one_copy(text: bytes) -> bytes:
    """The same text, once for all tasks that have it."""
    return text


class SchedulePool:
    """The distinct schedules that are held at the moment. `days`: those of the versions of calendars."""

    def __init__(self) -> None:
        self._by_text: WeakValueDictionary[bytes, SharedSchedule] = WeakValueDictionary()
        self._by_versions: WeakValueDictionary[tuple[bytes, CalendarVersions], SharedSchedule] = WeakValueDictionary()
        self.days: dict[tuple[str, int], CalendarDays] = {}

    def of(self, text: bytes, task_id: str, versions: CalendarVersions = ()) -> SharedSchedule:
        """The schedule of a canonical JSON, as it is for a task, under versions of its calendars."""
        if versions:
            return self._under(text, task_id, versions)
        if text.startswith(b'{"at":'):
            return OneTimeSchedule(text)
        schedule = self._by_text.get(text)
        if schedule is not None:
            return schedule
        if (resolved := _resolved(text, task_id)) is not None:
            return HashedSchedule(text, self.of(resolved, task_id))
        schedule = self._by_text[text] = SharedSchedule(text)
        return schedule

    def _under(self, text: bytes, task_id: str, versions: CalendarVersions) -> SharedSchedule:
        schedule = self._by_versions.get((text, versions))
        if schedule is not None:
            return schedule
        if (resolved := _resolved(text, task_id)) is not None:
            return HashedSchedule(text, self._under(resolved, task_id, versions))
        schedule = self._by_versions[text, versions] = CalendarSchedule(text, versions, self.days)
        return schedule


def _resolved(text: bytes, task_id: str) -> bytes | None:
    """The canonical JSON with the values that each `H` has for a task; None where there is no `H`."""
    if _MAY_BE_HASHED.search(text) and (stored := _parsed(text)).has_hash:
        return for_task(stored, task_id).model_dump_json(exclude_none=True).encode()
    return None
