"""The HTTP shapes of runs, and of what became of each occurrence of a task."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tasker_core.chains.links import FinalOutcome
from tasker_core.ids import Kind
from tasker_core.messages.verdicts import Channel, MissedReason
from tasker_core.run_states import RunState
from tasker_core.time.instant import Instant

Lane = Literal["live", "background"]
OccurrenceStatus = Literal[
    "ran", "skipped", "cancelled", "running", "waiting", "retrying", "missed", "paused", "excluded", "superseded",
    "deleted", "ended", "before", "coming", "pending", "unknown", "unaccounted",
]  # fmt: skip


class RunErrorInfo(BaseModel):
    """Why a run failed: a word for programs and a sentence for people."""

    kind: str
    message: str


class AfterInfo(BaseModel):
    """The run whose end has started a chained one; `chain`: the tasks that led to that, first to last, itself the last.

    Its result is `GET /api/v1/runs/{run_id}`.
    """

    model_config = ConfigDict(title="After")

    task_id: str
    run_id: str
    nominal_at: Instant
    outcome: FinalOutcome
    chain: list[str]


class AttemptResponse(BaseModel):
    """An attempt besides the one that the run shows."""

    model_config = ConfigDict(title="Attempt")

    attempt: int
    outcome: str
    started_at: Instant | None
    finished_at: Instant | None
    error: RunErrorInfo | None
    worker: str


class RunItem(BaseModel):
    """A run in a list: its stages from the nominal time to the log line.

    `retry_at` while it is `retrying`, `waiting_until` while it is `waiting`: when its callback must have come. `after`
    is the run whose end has started it (null: it is not of the kind `chained`).
    """

    id: str
    task_id: str
    task_name: str
    kind: Kind
    lane: Lane
    nominal_at: Instant
    effective_at: Instant
    emitted_at: Instant
    received_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    logged_at: Instant
    attempt: int
    state: RunState
    retry_at: Instant | None
    waiting_until: Instant | None
    handler: str
    error: RunErrorInfo | None
    worker: str
    version: int
    after: AfterInfo | None


class RunResponse(RunItem):
    """A run, whole."""

    model_config = ConfigDict(title="Run")

    payload: JsonValue
    result: JsonValue
    attempts: list[AttemptResponse]


class RunList(BaseModel):
    """One page of runs, newest first."""

    items: list[RunItem]
    next_cursor: str | None


class RecentRun(BaseModel):
    """A run among the newest of its task: how it went."""

    id: str
    state: RunState
    kind: Kind
    nominal_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    error: RunErrorInfo | None


class RecentRuns(BaseModel):
    """By task, its newest runs, newest first. Tasks that there never were are left out."""

    tasks: dict[str, list[RecentRun]]


class MissedItem(BaseModel):
    """Nominal times of a task that did not run: from the first to the last of them, and why.

    `task_name` is null where the task is not known any more. `text` says the reason in a sentence; of each single
    nominal time `GET /api/v1/tasks/{task_id}/occurrences` tells.
    """

    model_config = ConfigDict(populate_by_name=True)

    id: str
    task_id: str
    task_name: str | None
    version: int
    reason: MissedReason
    from_: Annotated[Instant, Field(alias="from")]
    to: Instant
    logged_at: Instant
    text: str


class MissedList(BaseModel):
    """One page of what was missed, the newest first."""

    items: list[MissedItem]
    next_cursor: str | None


class OccurrenceRun(BaseModel):
    """The run of an occurrence; the rest of it is `GET /api/v1/runs/{run_id}`."""

    id: str
    state: RunState
    started_at: Instant | None
    finished_at: Instant | None
    error: RunErrorInfo | None


class OccurrenceItem(BaseModel):
    """A nominal time of a task, and what became of it; `text` says it in a sentence.

    `status`: `ran` (succeeded or failed), `skipped`, `cancelled`, `running`, `waiting` and `retrying` are told by its
    run; `missed`, `paused`, `excluded`, `superseded` (another definition took its place before its effective time had
    come), `deleted`, `ended` (no occurrence was left) and `before` (the task, or its schedule, begins later) are why
    there is none; `coming` will run; `pending` is due, but not decided or not logged yet; `unknown` is not known any
    more; `unaccounted` should be in the log and is not. `reason` is a word more: of `missed` that of the range
    (`policy`, `coalesced`, `over_max`, `too_old`, `paused`, `deleted`, `changed`), of `excluded` the entry, or
    `calendar` and its name, of `ended` `max_runs`, `end` or `removed`, of `before` `created` or `start`, of `pending`
    `not_decided`, `catching_up` or `not_logged`, of `unknown` `not_kept`, `before_known_history` or `not_counted`.

    `version` is the definition that it belongs to. `changed_to` is the version that paused it (`from`, `to`: how long,
    open while it lasts), replaced or deleted it, by whom (`by`, `channel`, `note`); of a range that was missed, `from`
    and `to` are its first and last nominal time. `backfill` is the newest backfilled run of the nominal time.
    """

    model_config = ConfigDict(populate_by_name=True)

    nominal_at: Instant
    effective_at: Instant
    status: OccurrenceStatus
    reason: str | None
    run: OccurrenceRun | None
    backfill: OccurrenceRun | None
    version: int
    changed_to: int | None
    by: str | None
    channel: Channel | None
    note: str | None
    from_: Annotated[Instant | None, Field(alias="from")]
    to: Instant | None
    text: str


class OccurrenceList(BaseModel):
    """One page of occurrences. What was due before `known_from` may not be known any more: `known_because` says why.

    `not_kept`: the log keeps runs so long; `before_known_history`: the history of the task begins there. With filters,
    a page may hold fewer than `limit`, or none, and yet have a `next_cursor`: so far has been looked.
    """

    items: list[OccurrenceItem]
    known_from: Instant
    known_because: Literal["not_kept", "before_known_history"]
    next_cursor: str | None
