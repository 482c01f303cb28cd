"""PURE. Distinct schedules, each held once for all tasks that have it. Instants are epoch seconds."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

import msgspec
from msgspec import Raw

from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.cron.hashes import resolve_hashes
from tasker_core.schedules.effective_schedule import EffectiveSchedule
from tasker_core.schedules.kinds.cron import Cron
from tasker_core.schedules.kinds.manual import is_manual
from tasker_core.schedules.occurrences import NothingUntil, Occurrence, offset_of, search, search_back
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


def is_once(text: bytes) -> bool:
    """Whether a canonical JSON is that of a one-time schedule."""
    return text.startswith(b'{"at":')


class _Neighbours(NamedTuple):
    """Nominal times, of which no other lies between: two that follow each other, and the one after them."""

    begun: int
    coming: int
    following: int


class SharedSchedule:
    """One distinct schedule: its next time is computed once for all tasks that have it."""

    __slots__ = ("__weakref__", "_after", "_found", "_neighbours", "manual", "max_runs", "raw", "spread")

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
        self._neighbours: _Neighbours | None = None

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

    def offset_for(self, task_id: str) -> int:
        """The delay in seconds that its `spread` gives to a task."""
        return offset_of(self.schedule, task_id) if self.spread else 0

    def over_at(self, task_id: str) -> int:
        """The second at which a one-time task is over; NEVER for others."""
        return NEVER

    def next_due(self, after: int, offset: int, since: int, after_nominal: int) -> Occurrence | NothingUntil:
        """The first occurrence effective after `after`, as it is under an EffectiveSchedule of these values."""
        if not offset:  # nominal and effective are one
            return self.search(max(after, since, after_nominal))
        found = self._search_spread(max(after, since), offset)
        if found is None or found.nominal <= after_nominal:
            return EffectiveSchedule(self.schedule, offset, since, after_nominal).next_due(after)
        return found

    def _search_spread(self, after: int, offset: int) -> Occurrence | None:
        """What `search` finds with an offset, by nominal times that all tasks share; None where its work is bounded."""
        near = self._neighbours
        if near is None or not near.begun <= after < near.coming:
            near = self._neighbours = self._neighbours_of(after)
        if near is None:
            return None
        # As `effective_of` has it: effective times lie before the next nominal time.
        if (effective := min(near.begun + offset, near.coming - 1)) > after:
            return Occurrence(near.begun, effective)
        if near.coming == NEVER:
            return NONE
        return Occurrence(near.coming, min(near.coming + offset, near.following - 1))

    def _neighbours_of(self, after: int) -> _Neighbours | None:
        coming = self.search(after)
        if isinstance(coming, NothingUntil):
            return None  # before more is looked for: what leaves nothing for so long is long to search, for each task
        begun, following = search_back(self.schedule, after + 1), coming
        if coming.nominal < NEVER:
            following = search(self.schedule, coming.nominal)
        if isinstance(begun, NothingUntil) or isinstance(following, NothingUntil):
            return None
        return _Neighbours(begun.nominal, coming.nominal, following.nominal)


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

    def over_at(self, task_id: str) -> int:
        """The instant and the task's delay."""
        return self.second + self.offset_for(task_id)

    def next_due(self, after: int, offset: int, since: int, after_nominal: int) -> Occurrence | NothingUntil:
        """The instant and the offset, if that is after `after`."""
        due = self.second + offset
        return Occurrence(self.second, due) if max(after, since) < due and after_nominal < self.second else NONE


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

    def next_due(self, after: int, offset: int, since: int, after_nominal: int) -> Occurrence | NothingUntil:
        """As of any schedule, by the times that it has for the task."""
        return self._resolved.next_due(after, offset, since, after_nominal)


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
        if is_once(text):
            return OneTimeSchedule(text)
        schedule = self._by_text.get(text)
        if schedule is not None:
            return schedule
        if (resolved := resolved_text(text, task_id)) != text:
            return HashedSchedule(text, self.of(resolved, task_id))
        schedule = self._by_text[text] = SharedSchedule(text)
        return schedule

    def _under(self, text: bytes, task_id: str, versions: CalendarVersions) -> SharedSchedule:
        schedule = self._by_versions.get((text, versions))
        if schedule is not None:
            return schedule
        if (resolved := resolved_text(text, task_id)) != text:
            return HashedSchedule(text, self._under(resolved, task_id, versions))
        schedule = self._by_versions[text, versions] = CalendarSchedule(text, versions, self.days)
        return schedule


def resolved_text(text: bytes, task_id: str) -> bytes:
    """The canonical JSON with the values that each `H` has for a task; as it is where there is no `H`."""
    if _MAY_BE_HASHED.search(text) and (stored := _parsed(text)).has_hash:
        if isinstance(stored, Cron):
            return _with_expression(text, resolve_hashes(stored.cron, task_id))
        return _text_of(for_task(stored, task_id))
    return text


@lru_cache(maxsize=65_536)
def _with_expression(text: bytes, expression: str) -> bytes:
    """A cron schedule with another expression. There are few: how many values an `H` may have."""
    return _text_of(_parsed(text).model_copy(update={"cron": expression}))


def _text_of(schedule: Schedule) -> bytes:
    return schedule.model_dump_json(exclude_none=True).encode()
