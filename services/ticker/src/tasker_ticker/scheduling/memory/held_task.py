"""PURE. What the ticker holds of each task, and its form in `ticker-state`. Instants are epoch seconds."""

from functools import lru_cache
from typing import Final
from weakref import WeakValueDictionary

import msgspec
from msgspec import UNSET, Raw, UnsetType

from tasker_core.events.forwarding import AppendPosition
from tasker_core.messages import Overlap, Policy, RetryPolicy, encode
from tasker_core.schedules.effective_schedule import EffectiveSchedule
from tasker_core.schedules.occurrences import NothingUntil, Occurrence, offset_of, search
from tasker_core.schedules.schedule import NEVER, Once, Schedule, from_json
from tasker_core.ticker_state import AcceptedTask, TaskState
from tasker_core.time.duration import parse_duration
from tasker_core.time.local_time import parse_instant
from tasker_ticker.scheduling.memory.failure_streak import Row

RECENT_EVENTS = 8
FINISHED_SECONDS = 7 * 24 * 3600
"""How long a finished task stays editable."""
NONE: Final = Occurrence(NEVER, NEVER)
UNKNOWN = -1
"""The nominal time of a wake-up at which there is nothing to emit, only a search to go on with."""

_parsed = lru_cache(maxsize=65_536)(from_json)


class Group:
    """One distinct schedule, shared by all tasks that have it: its next time is computed once for all of them."""

    __slots__ = ("__weakref__", "_after", "_found", "max_runs", "raw", "spread")

    def __init__(self, text: bytes) -> None:
        self.raw = Raw(text)
        self.spread = b'"spread"' in text
        schedule = self.schedule if b'"max_runs"' in text else None
        self.max_runs = None if schedule is None or isinstance(schedule, Once) else schedule.max_runs
        self._after = NEVER
        self._found: Occurrence | NothingUntil = NONE

    def same_as(self, other: "Group") -> bool:
        """Whether both are one schedule."""
        return self is other or bytes(self.raw) == bytes(other.raw)

    @property
    def schedule(self) -> Schedule:
        """The schedule; parsed when it is needed."""
        return _parsed(bytes(self.raw))

    def search(self, after: int) -> Occurrence | NothingUntil:
        """The first occurrence after `after`, without spread."""
        found = self._found
        known = found.effective if isinstance(found, Occurrence) else found.checkpoint
        if not self._after <= after < known:
            self._after, self._found = after, search(self.schedule, after)
        return self._found


class _Told(msgspec.Struct):
    """What counts in the schedule of a one-time task."""

    at: str
    timezone: str | None = None


_told = msgspec.json.Decoder(_Told).decode


class Instant(Group):
    """The schedule of a one-time task: cheap enough not to be shared, since a million of them have a million."""

    __slots__ = ("second",)

    def __init__(self, text: bytes) -> None:
        super().__init__(text)
        told = _told(text)
        self.second = parse_instant(told.at, told.timezone)[0]

    def search(self, after: int) -> Occurrence | NothingUntil:
        """The instant, if it is after `after`."""
        return Occurrence(self.second, self.second) if after < self.second else NONE


class Groups:
    """The distinct schedules that are held at the moment."""

    def __init__(self) -> None:
        self._by_text: WeakValueDictionary[bytes, Group] = WeakValueDictionary()

    def of(self, text: bytes) -> Group:
        """The group of a schedule's canonical JSON."""
        if text.startswith(b'{"at":'):
            return Instant(text)
        group = self._by_text.get(text)
        if group is None:
            group = self._by_text[text] = Group(text)
        return group


class Held:
    """One task as the ticker holds it.

    `since`: occurrences effective after it are under this definition; `after_nominal`: the last nominal time dealt with
    before (standing.py); `runs_done`: scheduled runs emitted, counted where the schedule has `max_runs`. `next_due` is
    when the next occurrence is to be emitted, `next_nominal` its nominal time: NEVER when there is none, UNKNOWN when a
    search has to go on then. Runs that say to be emitted up to `cancelled_ms` are cancelled; all later ones say so.
    `row`: its failures in a row, where it counts them.
    """

    __slots__ = (
        "after_nominal", "cancelled_ms", "changed", "finished_at", "foreign", "generation", "group", "next_due",
        "next_nominal", "offset", "recent", "row", "runs_done", "since", "task", "version",
    )  # fmt: skip

    def __init__(self, task: AcceptedTask, groups: Groups, *, generation: int, version: int, since: int) -> None:
        self.group = groups.of(bytes(task.schedule))
        self.task = msgspec.structs.replace(
            task,
            schedule=self.group.raw,
            name=task.id if task.name == task.id else task.name,
            handler=_same(task.handler),
            timeout=_same(task.timeout),
        )
        self.generation, self.version, self.since = generation, version, since
        self.offset = offset_of(self.group.schedule, task.id) if self.group.spread else 0
        self.after_nominal, self.runs_done = -NEVER, 0
        self.recent: tuple[str, ...] = ()
        self.changed: AppendPosition | None = None
        self.cancelled_ms: int | None = None
        self.foreign = False
        self.finished_at: int | None = None
        self.row: Row | None = None
        self.next_due = self.next_nominal = NEVER

    @property
    def id(self) -> str:
        """The task's id."""
        return self.task.id

    @property
    def paused(self) -> bool:
        """Whether it is paused."""
        return self.task.paused

    @property
    def schedule(self) -> Schedule:
        """When it runs."""
        return self.group.schedule

    @property
    def over_at(self) -> int:
        """The second at which a one-time task is over, as anybody can tell from its schedule; NEVER for others."""
        return self.group.second + self.offset if isinstance(self.group, Instant) else NEVER

    @property
    def removal(self) -> int:
        """The second at which a finished task goes; NEVER for others."""
        return NEVER if self.finished_at is None else self.finished_at + FINISHED_SECONDS

    @property
    def standing(self) -> EffectiveSchedule:
        """Its definition, as it stands."""
        return EffectiveSchedule(self.schedule, self.offset, self.since, self.after_nominal)

    @property
    def policy(self) -> Policy:
        """How its runs are to be carried out."""
        task = self.task
        return _policy(task.timeout, task.overlap, task.retry, task.max_consecutive_failures)

    @property
    def grace(self) -> int:
        """How late, in seconds, an occurrence is not late yet."""
        return seconds(self.task.misfire_options.grace)

    def runs_left(self) -> int:
        """How many scheduled runs `max_runs` still allows; NEVER without it."""
        most = self.group.max_runs
        return NEVER if most is None else max(0, most - self.runs_done)

    def count_run(self) -> bool:
        """Count a scheduled run; whether that has to be remembered."""
        if self.group.max_runs is None:
            return False
        self.runs_done += 1
        return True

    def decide_to(self, second: int) -> None:
        """Note, for good, that everything effective up to a second has been dealt with ahead of the watermark."""
        self.after_nominal = self.standing.last_decided(second)
        self.since = second

    def look_ahead(self, after: int) -> None:
        """Find the next occurrence effective after `after`."""
        self.next_due = self.next_nominal = NEVER
        if self.task.paused or self.finished_at is not None:
            return
        if self.group.max_runs is not None and not self.runs_left():
            return
        if self.offset:
            found = self.standing.next_due(after)
        else:  # nominal and effective are one
            found = self.group.search(max(after, self.since, self.after_nominal))
        if isinstance(found, NothingUntil):
            self.next_due, self.next_nominal = max(found.checkpoint, after + 1), UNKNOWN
        else:
            self.next_nominal, self.next_due = found

    def remember(self, event_id: str) -> None:
        """Keep the id of an event, so that a repeat is known."""
        self.recent = (*self.recent[-(RECENT_EVENTS - 1) :], event_id)

    def body(self) -> bytes:
        """The JSON of the task as verdicts carry it."""
        return encode(self.task)

    def state(self) -> bytes:
        """The record for `ticker-state`."""
        return encode(
            TaskState(
                generation=self.generation,
                version=self.version,
                task=self.task,
                since=self.since,
                after_nominal=None if self.after_nominal == -NEVER else self.after_nominal,
                runs_done=self.runs_done,
                recent=self.recent,
                changed=self.changed,
                cancelled_ms=self.cancelled_ms,
                foreign=self.foreign,
                finished_at=self.finished_at,
                row=None if self.row is None else self.row.state(),
            )
        )


def restored(state: TaskState, groups: Groups) -> Held:
    """The held form of a `ticker-state` record. No bytes of the record stay in memory besides its texts."""
    task = msgspec.structs.replace(state.task, tags=_kept(state.task.tags), payload=_kept(state.task.payload))
    found = Held(task, groups, generation=state.generation, version=state.version, since=state.since)
    if state.after_nominal is not None:
        found.after_nominal = state.after_nominal
    found.runs_done, found.recent, found.changed = state.runs_done, state.recent, state.changed
    found.cancelled_ms, found.foreign, found.finished_at = state.cancelled_ms, state.foreign, state.finished_at
    if state.row is not None:
        found.row = Row.restored(state.row)
    return found


@lru_cache(maxsize=4096)
def _same(text: str) -> str:
    """The same text, once for all tasks that have it."""
    return text


@lru_cache(maxsize=4096)
def seconds(duration: str) -> int:
    """The whole seconds of an ISO 8601 duration."""
    return int(parse_duration(duration).total_seconds())


@lru_cache(maxsize=4096)
def _policy(
    timeout: str, overlap: Overlap | UnsetType, retry: RetryPolicy | UnsetType, failures: int | UnsetType
) -> Policy:
    return Policy(
        timeout,
        "allow" if overlap is UNSET else overlap,
        None if retry is UNSET else retry,
        None if failures is UNSET else failures,
    )


def _kept(raw: Raw) -> Raw:
    """The same without the record around it; what many tasks have alike is kept once."""
    found = bytes(raw)
    return _shared(found) if len(found) <= 64 else Raw(found)


@lru_cache(maxsize=4096)
def _shared(value: bytes) -> Raw:
    return Raw(value)
