"""What the ticker decides: the answer to each task event, and what becomes of occurrences and runs (verdicts)."""

from typing import Any, Final, Literal

import msgspec
from msgspec import Raw

from tasker_core.errors import FieldError
from tasker_core.ids import Kind
from tasker_core.messages.base import NULL, Message
from tasker_core.messages.runs import Outcome

VerdictWord = Literal["accepted", "rejected", "superseded", "forwarded"]
MissedReason = Literal["policy", "coalesced", "over_max", "too_old", "paused", "deleted", "changed"]
Channel = Literal["rest", "ui", "kafka", "import"]
EventType = Literal[
    "put", "delete", "pause", "resume", "trigger", "backfill", "cancel", "retry", "outcome", "chain", "wait", "report",
    "calendar", "calendar-delete", "change-set",
]  # fmt: skip
CALENDAR_EVENTS: Final[tuple[EventType, ...]] = ("calendar", "calendar-delete")
"""Events about a calendar: in their verdicts `task_id` is the calendar's name."""
NO_TASK_EVENTS: Final[tuple[EventType, ...]] = (*CALENDAR_EVENTS, "change-set")
"""Events that are about no task: in verdicts on a `change-set` event `task_id` is the id of the change-set."""
EndReason = Literal["cancelled", "deleted", "too_old", "refused"]


class Verdict(Message, frozen=True, kw_only=True, tag="verdict"):
    """The answer to one task event, with the resulting task (verdicts).

    `task` is the task as accepted (with `paused` filled in), `null` where there is none, `generation` the version that
    created it (neither it nor `version` for a cancel whose task is gone), `effective_from` the instant from which the
    change holds, `calendars` the versions of the calendars under which the task is, `calendar` the calendar that a
    calendar event defined (`task_id` is its name then), `run_id` the run that a trigger made, `digest` what the event's
    producer named its content, `traceparent` the event's own, `change_set` the change-set that the event is part of,
    `change_set_state` what a `change-set` event states of it.

    Of accepted changes of a task: occurrences effective after `since`, and nominal after `after_nominal` (the last one
    dealt with when the change took effect; absent: none), are under this definition (effective_schedule.py). An edit
    that leaves the schedule alone keeps those of the version before.
    """

    event_id: str
    event_type: str
    task_id: str
    verdict: VerdictWord
    generation: int | None = None
    version: int | None = None
    actor: str | None = None
    channel: Channel = "kafka"
    note: str | None = None
    digest: str | None = None
    effective_from: str | None = None
    since: str | None = None
    after_nominal: str | None = None
    task: Raw = NULL
    calendars: dict[str, int] = {}  # noqa: RUF012 (msgspec copies it)
    calendar: Raw = NULL
    next_at: str | None = None
    run_id: str | None = None
    traceparent: str | None = None
    change_set: str | None = None
    change_set_state: Raw = NULL
    errors: list[dict[str, Any]] = []  # noqa: RUF012 (msgspec copies it)

    @property
    def field_errors(self) -> list[FieldError]:
        """The errors as typed values."""
        return [FieldError.model_validate(e) for e in self.errors]


class Missed(Message, frozen=True, kw_only=True, tag="missed"):
    """Occurrences that did not run, as one closed range of nominal times, and why (verdicts)."""

    task_id: str
    generation: int
    version: int
    reason: MissedReason
    from_: str = msgspec.field(name="from")
    to: str
    next_at: str | None = None


class Ended(Message, frozen=True, kw_only=True, tag="ended"):
    """A run whose pending attempt will not come, and why: the ticker's own final word on it (verdicts).

    `attempt` is the one that will not come; with `started_at` it had begun, and waited for its callback. `reason`:
    `cancelled` on request, `deleted` with its task, `too_old` when its last record is more than a day old, `refused`
    for everything else.
    """

    run_id: str
    task_id: str
    task_name: str
    generation: int
    version: int
    kind: Kind = "scheduled"
    nominal_at: str
    effective_at: str
    attempt: int = 1
    handler: str = "default"
    outcome: Outcome
    reason: EndReason
    ended_at: str
    started_at: str | None = None


class BackfillEnded(Message, frozen=True, kw_only=True, tag="backfill.ended"):
    """A backfill that is done, or gone with its task, after so many runs (verdicts)."""

    event_id: str
    task_id: str
    generation: int
    reason: Literal["done", "deleted"]
    runs: int


class Rescheduled(Message, frozen=True, kw_only=True, tag="rescheduled"):
    """A task handed over to another version of a calendar that it uses (verdicts).

    `effective_from`: since when; occurrences effective after `since` are under it, and `after_nominal` is the last
    nominal time dealt with before (absent: none). `task` is the task as it stands, `calendars` are the versions of all
    its calendars from now on.
    """

    task_id: str
    generation: int
    version: int
    calendar: str
    calendar_version: int
    effective_from: str
    since: str
    after_nominal: str | None = None
    next_at: str | None = None
    calendars: dict[str, int] = {}  # noqa: RUF012 (msgspec copies it)
    task: Raw = NULL


class Finished(Message, frozen=True, kw_only=True, tag="finished"):
    """A task that has no occurrence left; it stays editable for its retention (verdicts)."""

    task_id: str
    generation: int
    version: int
    reason: Literal["once", "end", "max_runs"]
    last_nominal: str


class Removed(Message, frozen=True, kw_only=True, tag="removed"):
    """A finished task whose retention is over: gone from state and projection (verdicts).

    `removed_at` is absent in records of earlier releases.
    """

    task_id: str
    generation: int
    version: int
    removed_at: str | None = None


VerdictMessage = Verdict | Missed | Ended | BackfillEnded | Rescheduled | Finished | Removed
decode_verdict: Any = msgspec.json.Decoder(VerdictMessage).decode
