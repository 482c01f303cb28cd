"""PURE. Distinct schedules, each held once for all tasks that have it. Instants are epoch seconds."""

import re
from functools import lru_cache
from typing import Final
from weakref import WeakValueDictionary

import msgspec
from msgspec import Raw

from tasker_core.schedules.kinds.manual import is_manual
from tasker_core.schedules.occurrences import NothingUntil, Occurrence, search
from tasker_core.schedules.schedule import NEVER, Schedule, for_task, from_json
from tasker_core.time.local_time import parse_instant

NONE: Final = Occurrence(NEVER, NEVER)

_MAY_BE_HASHED: Final = re.compile(rb'"cron":"[^"]*[Hh]')
_parsed_single = lru_cache(maxsize=65_536)(from_json)
_parsed_joined = lru_cache(maxsize=2_048)(from_json)
"""An `any` of fifty takes some 45 KB and a millisecond to parse."""


def _parsed(text: bytes) -> Schedule:
    return (_parsed_joined if text.startswith(b'{"any":') else _parsed_single)(text)


class SharedSchedule:
    """One distinct schedule: its next time is computed once for all tasks that have it."""

    __slots__ = ("__weakref__", "_after", "_found", "manual", "max_runs", "raw", "spread")

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


class HashedSchedule(SharedSchedule):
    """A schedule with an `H`, for one task: `raw` keeps the `H`, the times are those of all tasks with these values."""

    __slots__ = ("_resolved",)

    def __init__(self, text: bytes, resolved: SharedSchedule) -> None:
        self._resolved = resolved
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
    """The distinct schedules that are held at the moment."""

    def __init__(self) -> None:
        self._by_text: WeakValueDictionary[bytes, SharedSchedule] = WeakValueDictionary()

    def of(self, text: bytes, task_id: str) -> SharedSchedule:
        """The schedule of a canonical JSON, as it is for a task."""
        if text.startswith(b'{"at":'):
            return OneTimeSchedule(text)
        schedule = self._by_text.get(text)
        if schedule is not None:
            return schedule
        if _MAY_BE_HASHED.search(text) and (stored := _parsed(text)).has_hash:
            resolved = for_task(stored, task_id).model_dump_json(exclude_none=True).encode()
            return HashedSchedule(text, self.of(resolved, task_id))
        schedule = self._by_text[text] = SharedSchedule(text)
        return schedule
