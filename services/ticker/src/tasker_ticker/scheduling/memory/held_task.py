"""PURE. What the ticker holds of each task, and its form in `ticker-state`. Instants are epoch seconds."""

from functools import lru_cache

import msgspec
from msgspec import UNSET, Raw, UnsetType

from tasker_core.alerts.rules import rules_of
from tasker_core.chains.links import ChainLink
from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Overlap, Policy, RetryPolicy
from tasker_core.schedules.effective_schedule import EffectiveSchedule
from tasker_core.schedules.occurrences import NothingUntil
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.ticker_state import AcceptedTask, TaskState
from tasker_core.time.duration import parse_duration
from tasker_core.trace_context import packed, parse_traceparent, unpacked
from tasker_ticker.scheduling.memory.failure_streak import FailureCounter
from tasker_ticker.scheduling.memory.shared_schedule import CalendarVersions, SchedulePool

SEARCH_AGAIN = -1
"""The nominal time of a wake-up at which there is nothing to emit, only a search to continue."""


class HeldTask:
    """One task as the ticker holds it.

    `since`: occurrences effective after it are under this definition; `after_nominal`: the last nominal time decided
    before (effective_schedule.py); `runs_done`: scheduled runs emitted, counted where the schedule has `max_runs`.
    `next_due` is when the next occurrence is to be emitted, `next_nominal` its nominal time: NEVER when there is none,
    SEARCH_AGAIN when a search has to continue then. Runs that say to be emitted up to `cancelled_ms` are cancelled; all
    later ones say so. `changed`: where the event of its last change was first appended; `foreign`: whether a forwarded
    event has changed it. `failures`: its failures in a row, where it counts them. `trace`: where the event that
    defined it comes from, packed.
    """

    __slots__ = (
        "after_nominal", "cancelled_ms", "changed", "failures", "finished_at", "foreign", "generation", "next_due",
        "next_nominal", "offset", "recent_events", "runs_done", "shared_schedule", "since", "task", "trace", "version",
    )  # fmt: skip

    def __init__(
        self,
        task: AcceptedTask,
        schedules: SchedulePool,
        *,
        generation: int,
        version: int,
        since: int,
        calendars: CalendarVersions = (),
    ) -> None:
        self.shared_schedule = schedules.of(bytes(task.schedule), task.id, calendars)
        self.task = msgspec.structs.replace(
            task,
            tags=_copied(task.tags),
            payload=_copied(task.payload),
            schedule=self.shared_schedule.raw,
            name=task.id if task.name == task.id else task.name,
            handler=_interned(task.handler),
            timeout=_interned(task.timeout),
            notify=UNSET if task.notify is UNSET else _interned_notify(bytes(task.notify)),
        )
        self.generation, self.since = generation, _one_second(since)
        self.version = generation if version == generation else version  # one number, while it is not edited
        self.offset = self.shared_schedule.offset_for(task.id)
        self.after_nominal, self.runs_done = -NEVER, 0
        self.recent_events: tuple[str, ...] = ()
        self.changed: AppendPosition | None = None
        self.cancelled_ms: int | None = None
        self.foreign = False
        self.finished_at: int | None = None
        self.failures: FailureCounter | None = None
        self.trace: bytes | None = None
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
        return self.shared_schedule.schedule

    @property
    def over_at(self) -> int:
        """The second at which a one-time task is over, as its schedule alone says; NEVER for others."""
        return self.shared_schedule.over_at(self.id)

    @property
    def effective_schedule(self) -> EffectiveSchedule:
        """Its schedule, and from when on it holds."""
        return EffectiveSchedule(self.schedule, self.offset, self.since, self.after_nominal)

    @property
    def policy(self) -> Policy:
        """How its runs are to be executed."""
        task = self.task
        policy = _policy(task.timeout, task.overlap, task.retry, task.max_consecutive_failures)
        if task.notify is not UNSET:
            policy = _reporting(policy, bytes(task.notify))
        return policy if task.then is UNSET else _starting(policy, task.then)

    @property
    def traceparent(self) -> str | None:
        """What its scheduled runs link to."""
        return None if self.trace is None else unpacked(self.trace).traceparent

    @property
    def grace(self) -> int:
        """How late, in seconds, an occurrence is not late yet."""
        return whole_seconds(self.task.misfire_options.grace)

    def runs_left(self) -> int:
        """How many scheduled runs `max_runs` still allows; NEVER without it."""
        limit = self.shared_schedule.max_runs
        return NEVER if limit is None else max(0, limit - self.runs_done)

    def count_run(self) -> bool:
        """Count a scheduled run; returns whether that has to be stored."""
        if self.shared_schedule.max_runs is None:
            return False
        self.runs_done += 1
        return True

    def decide_to(self, second: int) -> None:
        """Note, for good, that everything effective up to a second has been decided ahead of the watermark."""
        self.after_nominal = self.effective_schedule.last_decided(second)
        self.since = second

    def find_next(self, after: int) -> None:
        """Find the next occurrence effective after `after`."""
        self.next_due = self.next_nominal = NEVER
        if self.task.paused or self.finished_at is not None:
            return
        if self.shared_schedule.max_runs is not None and not self.runs_left():
            return
        found = self.shared_schedule.next_due(after, self.offset, self.since, self.after_nominal)
        if isinstance(found, NothingUntil):
            self.next_due, self.next_nominal = max(found.checkpoint, after + 1), SEARCH_AGAIN
        else:
            self.next_nominal, self.next_due = found
            if found.nominal == NEVER and self.shared_schedule.versions:
                self._wait_for_the_last_time(after)

    def _wait_for_the_last_time(self, after: int) -> None:
        """Where calendars leave nothing, look again after the last time that others could bring: then it is over."""
        last = self.schedule.previous_before(min(self.schedule.bounds[1], NEVER - 1) + 1)
        if after <= last + self.offset:
            self.next_due, self.next_nominal = last + self.offset + 1, SEARCH_AGAIN

    def remember_event(self, event_id: str, limit: int) -> None:
        """Keep the ids of the last events, so that a repeated one is recognised."""
        self.recent_events = (*self.recent_events, event_id)[-limit:]

    def to_json(self) -> bytes:
        """The JSON of the task as verdicts carry it."""
        return encode(self.task)

    def to_state(self) -> bytes:
        """The record for `ticker-state`."""
        return encode(
            TaskState(
                generation=self.generation,
                version=self.version,
                task=self.task,
                since=self.since,
                after_nominal=None if self.after_nominal == -NEVER else self.after_nominal,
                runs_done=self.runs_done,
                recent=self.recent_events,
                changed=self.changed,
                cancelled_ms=self.cancelled_ms,
                foreign=self.foreign,
                finished_at=self.finished_at,
                streak=None if self.failures is None else self.failures.to_state(),
                calendars=dict(self.shared_schedule.versions) or None,
                traceparent=self.traceparent,
            )
        )


def restore_task(state: TaskState, schedules: SchedulePool) -> HeldTask:
    """The held form of a `ticker-state` record. No bytes of the record stay in memory besides its texts."""
    calendars = tuple(sorted(state.calendars.items())) if state.calendars else ()
    held = HeldTask(
        state.task,
        schedules,
        generation=state.generation,
        version=state.version,
        since=state.since,
        calendars=calendars,
    )
    if state.after_nominal is not None:
        held.after_nominal = state.after_nominal
    held.runs_done, held.recent_events, held.changed = state.runs_done, state.recent, state.changed
    held.cancelled_ms, held.foreign, held.finished_at = state.cancelled_ms, state.foreign, state.finished_at
    if state.streak is not None:
        held.failures = FailureCounter.restored(state.streak)
    if state.traceparent is not None and (trace := parse_traceparent(state.traceparent)) is not None:
        held.trace = packed(trace)
    return held


@lru_cache(maxsize=4096)
def _interned(text: str) -> str:
    """The same text, once for all tasks that have it."""
    return text


@lru_cache(maxsize=4096)
def _one_second(second: int) -> int:
    """The same number, once for all tasks that are from this second on."""
    return second


@lru_cache(maxsize=4096)
def whole_seconds(duration: str) -> int:
    """The whole seconds of an ISO 8601 duration."""
    return int(parse_duration(duration).total_seconds())


@lru_cache(maxsize=4096)
def _starting(policy: Policy, then: tuple[ChainLink, ...]) -> Policy:
    return msgspec.structs.replace(policy, then=then)


@lru_cache(maxsize=4096)
def _reporting(policy: Policy, notify: bytes) -> Policy:
    return msgspec.structs.replace(policy, report_end=rules_of(notify).needs_ends)


@lru_cache(maxsize=4096)
def _interned_notify(notify: bytes) -> Raw:
    return Raw(notify)


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


def _copied(raw: Raw) -> Raw:
    """The same without the record around it; small values that many tasks have are held once."""
    value = bytes(raw)
    return _shared(value) if len(value) <= 64 else Raw(value)


@lru_cache(maxsize=4096)
def _shared(value: bytes) -> Raw:
    return Raw(value)
