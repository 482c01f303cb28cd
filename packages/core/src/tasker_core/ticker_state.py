"""What the ticker keeps for itself in `ticker-state`, compacted by key: tasks, runs, backfills, alerts, calendars.

Instants are epoch seconds, as the ticker counts. Fields are added, never renamed.
"""

from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec import UNSET, Raw, UnsetType

from tasker_core.chains.links import ChainLink
from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.messages.alerts import AlertedChange, AlertWord
from tasker_core.messages.base import NULL, Message
from tasker_core.messages.runs import Overlap, RetryPolicy, Run, RunError
from tasker_core.task import Task


class AcceptedMisfire(msgspec.Struct, frozen=True, gc=False):
    """The misfire options of an accepted task. `grace` is an ISO 8601 duration."""

    policy: Literal["latest", "all", "none"] = "latest"
    grace: str = "PT1M"
    max: int = 100


class Pause(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Since when a task is paused, on whose demand, and why."""

    at: str
    by: str | None = None
    note: str | None = None


class AcceptedTask(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A task as accepted, read without pydantic: what verdicts carry. Encoded again it is the same JSON.

    Held memory follows from it: `schedule` is its canonical JSON, equal for all tasks that share a schedule, so that
    one object serves them all, parsed once (`notify`, too); `payload` and `tags` stay bytes. (Raw values point into the
    record they were read from: keep `bytes(...)` of them, or the whole record stays in memory.)

    `pause` is no part of the definition: the ticker adds it to a paused task.
    """

    id: str
    name: str
    description: str = ""
    tags: Raw = Raw(b"[]")
    schedule: Raw
    handler: str = "default"
    payload: Raw = NULL
    timeout: str = "PT1M"
    retry: RetryPolicy | UnsetType = UNSET
    overlap: Overlap | UnsetType = UNSET
    max_consecutive_failures: int | UnsetType = UNSET
    misfire: AcceptedMisfire | UnsetType = UNSET
    then: tuple[ChainLink, ...] | UnsetType = UNSET
    notify: Raw | UnsetType = UNSET
    paused: bool = False
    pause: Pause | UnsetType = UNSET

    @property
    def misfire_options(self) -> AcceptedMisfire:
        """The misfire options, the defaults where the task says nothing."""
        return AcceptedMisfire() if self.misfire is UNSET else self.misfire

    @property
    def successors(self) -> tuple[str, ...]:
        """The tasks that it starts."""
        return () if self.then is UNSET else tuple(link.task for link in self.then)


def accepted_task(task: Task) -> AcceptedTask:
    """The form of a task that is kept, once all that it left out is filled in (an interval's anchor, `paused`)."""
    fields = task.model_dump(mode="json", include={"timeout", "retry", "overlap", "misfire", "then"})
    return AcceptedTask(
        id=task.id,
        name=task.name,
        description=task.description,
        tags=Raw(msgspec.json.encode(task.tags)),
        schedule=Raw(task.schedule.model_dump_json(exclude_none=True).encode()),
        handler=task.handler,
        payload=Raw(msgspec.json.encode(task.payload)),
        timeout=fields["timeout"],
        retry=msgspec.convert(fields["retry"], RetryPolicy) if "retry" in fields else UNSET,
        overlap=fields.get("overlap", UNSET),
        max_consecutive_failures=UNSET if task.max_consecutive_failures is None else task.max_consecutive_failures,
        misfire=msgspec.convert(fields["misfire"], AcceptedMisfire) if "misfire" in fields else UNSET,
        then=msgspec.convert(fields["then"], tuple[ChainLink, ...]) if "then" in fields else UNSET,
        notify=_notify_json(task),
        paused=bool(task.paused),
    )


def _notify_json(task: Task) -> Raw | UnsetType:
    """The canonical JSON of `notify`, so that tasks which tell the same share it."""
    if not task.notify:
        return UNSET
    entries = [one.model_dump(mode="json") for one in task.notify]
    return Raw(msgspec.json.encode(entries))


RunPosition = tuple[int, str]
"""Of a run among those of its task, as the execution log lists them: when it was due, then its id."""


class FailureStreak(msgspec.Struct, frozen=True, omit_defaults=True):
    """The failures in a row of a task that counts them (failure_streak.py of the ticker).

    `since`: the version under which the count began; runs of earlier ones don't count, nor do those up to `after`, the
    last success that had to be remembered. `failed`: the runs that failed since, ascending.
    """

    since: int
    after: RunPosition = (0, "")
    failed: tuple[RunPosition, ...] = ()


class TaskState(Message, frozen=True, kw_only=True, tag="task"):
    """One task (key `task/<id>`).

    `since`: occurrences effective after it are under this definition; `after_nominal`: the last nominal time dealt with
    when the definition took effect (effective_schedule.py; absent: none); `runs_done`: scheduled runs emitted in this
    generation, kept only where the schedule has `max_runs`; `recent`: the ids of its last events; `changed`: where the
    event of its last change was first appended, so that a forwarded one that is older is superseded; `foreign`: it was
    changed by a forwarded one; `cancelled_ms`: when all its runs were cancelled last, in epoch milliseconds: what was
    emitted up to then is not tried again; `finished_at`: when no occurrence was left; `streak`: the failures in a row,
    only of a task with `max_consecutive_failures`; `calendars`: under which versions of its calendars it is;
    `traceparent`: of the event that defined it, where its trace is
    recorded.
    """

    generation: int
    version: int
    task: AcceptedTask
    since: int
    after_nominal: int | None = None
    runs_done: int = 0
    recent: tuple[str, ...] = ()
    changed: AppendPosition | None = None
    cancelled_ms: int | None = None
    foreign: bool = False
    finished_at: int | None = None
    streak: FailureStreak | None = msgspec.field(default=None, name="row")
    calendars: dict[str, int] | None = None
    traceparent: str | None = None


class TaskTombstone(Message, frozen=True, kw_only=True, tag="gone"):
    """A deleted task that was changed by forwarded events (key `task/<id>`): one that is older does not bring it back.

    `deleted`: where the event that deleted it was first appended; `at`: the second from which that held.
    """

    deleted: AppendPosition
    at: int


class Wait(msgspec.Struct, frozen=True, omit_defaults=True):
    """An attempt that has begun and waits for its callback: since when, and in which lane it came."""

    received_at: str
    started_at: str
    lane: Literal["live", "background"] = "live"


class PendingAttempt(msgspec.Struct, frozen=True, omit_defaults=True):
    """An attempt to come: the whole run as its executor had it, which attempt is next, and when.

    With `wait` it is the end of this attempt that is to come, by a report, at the latest `at`.
    """

    run: Run
    attempt: int
    at: int
    wait: Wait | None = None


class CallbackReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an attempt ended, as its callback reported it at an instant."""

    attempt: int
    outcome: Literal["succeeded", "failed"]
    reported_at: str
    result: Raw = NULL
    error: RunError | None = None


class RunMemory(Message, frozen=True, kw_only=True, tag="run-memory"):
    """One manual, chained, retried, cancelled or waiting run (key `run/<run_id>`).

    It is kept for a day after `changed_at`, longer if pending. `attempt`: the highest one emitted, or refused;
    `waited`: the highest one that waits for no report any more; `report`: one that came before its attempt waited.
    """

    task_id: str
    attempt: int = 1
    pending: PendingAttempt | None = None
    cancelled: bool = False
    changed_at: int
    waited: int = 0
    report: CallbackReport | None = None


class BackfillState(Message, frozen=True, kw_only=True, tag="backfill"):
    """One backfill being worked off (key `backfill/<task_id>/<event_id>`), at `rate` runs a minute.

    Either a range: nominal times after `cursor` and before `end`; or `times`: those still to come, ascending. The
    generation is that of the task when it was asked for: a task made anew under the same id is another one. `runs` have
    been emitted. `traceparent` is of the event that asked for it, where its trace is recorded.
    """

    task_id: str
    generation: int
    rate: int
    cursor: int | None = None
    end: int | None = None
    times: tuple[int, ...] = ()
    runs: int = 0
    traceparent: str | None = None


class Failing(msgspec.Struct, frozen=True, omit_defaults=True):
    """A task whose runs fail: when the first of them was due, how many have failed, and the last by when it was due.

    `told_ms`: when that was told last, in epoch milliseconds; 0: the next failure is told again.
    """

    since: int
    failures: int
    last: RunPosition
    told_ms: int


class WatchedRun(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A run that was emitted and has not ended, and how late it is already, in seconds, of what is told."""

    effective: int
    run_id: str
    late: int = 0


class TaskAlerts(Message, frozen=True, kw_only=True, tag="alerts"):
    """What is known of a task that tells somebody (key `alerts/<task_id>`; task_alerts.py of the ticker).

    `failing` while its runs fail; `failed`: the ids of the runs that failed last, which count once; `unfinished`: runs
    that were emitted and have not ended, while somebody is told of lateness; `late`: how late, in seconds → the last
    run that was as late as that, and when the first was due; `late_again`: those of which the next late run is told
    again, as others are told since then; `missed_to`: the end of the last outage that was told.
    """

    generation: int
    failing: Failing | None = None
    failed: tuple[str, ...] = ()
    unfinished: tuple[WatchedRun, ...] = ()
    late: dict[int, tuple[RunPosition, int]] = {}  # noqa: RUF012 (msgspec copies it)
    late_again: tuple[int, ...] = ()
    missed_to: int = 0


class AlertGroup(Message, frozen=True, kw_only=True, tag="alert-group"):
    """What one target is to be told next (key `alert-group/<hash of the target>`).

    `target` is its JSON: `{"webhook": …}` or `{"kafka": …}`. At the second `due_at` the changes are sent, or the group
    is forgotten when there are none. `more`: how many changes of each word do not fit.
    """

    target: Raw
    changes: tuple[AlertedChange, ...] = ()
    more: dict[AlertWord, int] = {}  # noqa: RUF012 (msgspec copies it)
    due_at: int


class CalendarState(Message, frozen=True, kw_only=True, tag="calendar"):
    """A calendar in the partition of its name (key `calendar/<name>`), which alone changes it.

    `deleted`: it is gone, and only remembered, so that an older event that was forwarded does not bring it back.
    `changed`: where the event of its last change was first appended; `recent`: the ids of its last events.
    """

    version: int
    description: str = ""
    days: tuple[str, ...] = ()
    effective_from: str
    deleted: bool = False
    changed: AppendPosition
    recent: tuple[str, ...] = ()


class CalendarVersion(Message, frozen=True, kw_only=True, tag="calendar-version"):
    """The days of a version of a calendar (key `calendar-version/<name>/<version>`), kept where a task is under it."""

    days: tuple[str, ...] = ()


StateRecord = (
    TaskState | TaskTombstone | RunMemory | BackfillState | TaskAlerts | AlertGroup | CalendarState | CalendarVersion
)
decode_state_record: Callable[[bytes], StateRecord] = msgspec.json.Decoder(StateRecord).decode
