"""What Tasker writes to Kafka: the contract, as frozen typed structs with their codecs.

Times are RFC 3339 texts in UTC with milliseconds; absent means default. Fields are added, never renamed; unknown
ones are ignored when services read each other.

Users' task events are in `events/task_event.py`, what the ticker keeps for itself in `ticker_state.py`.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec
from msgspec import Raw

from tasker_core.chains.links import ChainLink, Predecessor
from tasker_core.errors import FieldError
from tasker_core.ids import Kind

Outcome = Literal["succeeded", "failed", "cancelled", "skipped"]
VerdictWord = Literal["accepted", "rejected", "superseded", "forwarded"]
MissedReason = Literal["policy", "coalesced", "over_max", "too_old", "paused", "deleted", "changed"]
Channel = Literal["rest", "ui", "kafka", "import"]
EventType = Literal[
    "put", "delete", "pause", "resume", "trigger", "backfill", "cancel", "retry", "outcome", "chain", "wait", "report"
]  # fmt: skip
EndReason = Literal["cancelled", "deleted", "too_old", "refused"]
Overlap = Literal["allow", "skip", "queue_one", "queue_all", "replace"]
NULL = Raw(b"null")


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of all messages: the tag is the field `type`."""


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How often and when a failed run is tried again (retry.py). Durations are ISO 8601.

    `max_attempts` counts the first one; the pause grows from `initial` by `factor` up to `max`, of which the share
    `jitter` is spread; no attempt is due later than `max_age` after the effective time.
    """

    max_attempts: int = 1
    initial: str = "PT10S"
    factor: float = 2.0
    max: str = "PT1H"
    jitter: float = 0.1
    max_age: str = "P1D"


class Policy(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a run is to be carried out. `timeout` is an ISO 8601 duration per attempt.

    `overlap` decides what happens to a run that is due while another one of its task is unfinished; `retry` (absent:
    none) what happens after a failure. Where there is `max_consecutive_failures`, the ticker counts,
    and executors report how runs other than backfilled ones end (event `outcome`). `then` are the tasks that executors
    start when the run has ended for good (event `chain`).
    """

    timeout: str = "PT1M"
    overlap: Overlap = "allow"
    retry: RetryPolicy | None = None
    max_consecutive_failures: int | None = None
    then: tuple[ChainLink, ...] | None = None


class Run(Message, frozen=True, kw_only=True, tag="run"):
    """One run to do now (due-tasks, due-background).

    `nominal_at` is what the schedule says, `emitted_at` when the ticker built this record, `next_at` the task's next
    nominal time (absent: none). `traceparent` is that of the event that defined the task or asked for this run, if
    it bore one whose trace is recorded: the run has a trace of its own, with its id, which links there. Of a chained
    run `after` is the one whose end started it, and `chain` are the tasks whose runs have started one another until it,
    first to last.
    """

    run_id: str
    task_id: str
    task_name: str
    generation: int
    version: int
    kind: Kind = "scheduled"
    nominal_at: str
    effective_at: str
    emitted_at: str
    next_at: str | None = None
    attempt: int = 1
    handler: str = "default"
    payload: Raw = NULL
    policy: Policy = Policy()
    traceparent: str | None = None
    after: Predecessor | None = None
    chain: tuple[str, ...] = ()


class Cancel(Message, frozen=True, kw_only=True, tag="cancel"):
    """Runs to be cancelled (due-tasks, due-background): one, or without `run_id` all unfinished ones of the task.

    It hits what was read before it in the same lane, and of the other one what is clearly older.
    """

    task_id: str
    run_id: str | None = None


class RunError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why an attempt failed. `kind` is a word for programs, `message` a sentence for people."""

    kind: str
    message: str


class ReportedEnd(Message, frozen=True, kw_only=True, tag="reported"):
    """How an attempt ended that waited for its callback, in its lane; `run` to `started_at` are its executor's."""

    task_id: str
    run: Run
    outcome: Literal["succeeded", "failed"]
    received_at: str
    started_at: str
    reported_at: str
    result: Raw = NULL
    error: RunError | None = None


class BackfillEnded(Message, frozen=True, kw_only=True, tag="backfill.ended"):
    """A backfill that is done, or gone with its task, after so many runs (verdicts)."""

    event_id: str
    task_id: str
    generation: int
    reason: Literal["done", "deleted"]
    runs: int


class RunStarted(Run, frozen=True, kw_only=True, tag="run.started"):
    """A run that is still going on a second after its start, or waits for its callback `waiting_until` (results)."""

    received_at: str
    started_at: str
    worker: str
    lane: Literal["live", "background"] = "live"
    waiting_until: str | None = None


class RunFinished(Run, frozen=True, kw_only=True, tag="run.finished"):
    """What became of an attempt (results). Without `retry_at` it is final."""

    outcome: Outcome
    retry_at: str | None = None
    received_at: str
    started_at: str | None = None
    finished_at: str
    result: Raw = NULL
    error: RunError | None = None
    worker: str
    lane: Literal["live", "background"] = "live"


class Verdict(Message, frozen=True, kw_only=True, tag="verdict"):
    """The answer to one task event, with the resulting task (verdicts).

    `task` is the task as accepted (with `paused` filled in), `null` where there is none, `generation` the version that
    created it (neither it nor `version` for a cancel whose task is gone), `effective_from` the instant from which the
    change holds, `run_id` the run that a trigger made, `digest` what the event's producer named its content,
    `traceparent` the event's own.
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
    task: Raw = NULL
    next_at: str | None = None
    run_id: str | None = None
    traceparent: str | None = None
    errors: list[dict[str, Any]] = []

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


class Finished(Message, frozen=True, kw_only=True, tag="finished"):
    """A task that has no occurrence left; it stays editable for its retention (verdicts)."""

    task_id: str
    generation: int
    version: int
    reason: Literal["once", "end", "max_runs"]
    last_nominal: str


class Removed(Message, frozen=True, kw_only=True, tag="removed"):
    """A finished task whose retention is over: gone from state and projection (verdicts)."""

    task_id: str
    generation: int
    version: int


class HandlerAnnounced(Message, frozen=True, kw_only=True, tag="handler"):
    """A handler that the executors of a group carry out (handlers; its key is the name, a null value withdraws it).

    `payload_schema` is the JSON Schema of its payloads (absent: any payload), `group` the consumer group in which its
    executors read the due topics: all others pass over its runs.
    """

    name: str
    description: str = ""
    payload_schema: Raw = NULL
    group: str


class TaskSuccessors(Message, frozen=True, kw_only=True, tag="successors"):
    """The tasks that a task starts when runs of it have ended (chains; a null value: none any more)."""

    task_id: str
    successors: tuple[str, ...]


class Burst(msgspec.Struct, frozen=True):
    """The position in a second that is emitted in several transactions: all of it up to `after_task` is out."""

    second: str
    after_task: str


class CatchUp(msgspec.Struct, frozen=True):
    """One gap being worked off: occurrences effective in (from, to] of the tasks whose id sorts after `after_task`."""

    from_: str = msgspec.field(name="from")
    to: str
    after_task: str = ""


class Watermark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a partition stands: everything effective up to `time` is emitted, decided, or in a catch-up range."""

    time: str
    next_offset: int
    base: int = 1
    burst: Burst | None = None
    catch_up: list[CatchUp] = []
    turn: int
    owner: str


VerdictMessage = Verdict | Missed | Ended | BackfillEnded | Finished | Removed
decode_run = msgspec.json.Decoder(Run).decode
decode_due: Callable[[bytes], Run | Cancel | ReportedEnd] = msgspec.json.Decoder(Run | Cancel | ReportedEnd).decode
decode_result: Any = msgspec.json.Decoder(RunStarted | RunFinished).decode
decode_verdict: Any = msgspec.json.Decoder(VerdictMessage).decode
decode_announcement = msgspec.json.Decoder(HandlerAnnounced).decode
decode_successors = msgspec.json.Decoder(TaskSuccessors).decode
decode_watermark = msgspec.json.Decoder(Watermark).decode
encode = msgspec.json.Encoder().encode
