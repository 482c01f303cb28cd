"""The HTTP shapes: what the API takes and answers. Conversions from documents are in `convert.py`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tasker_core.errors import FieldError
from tasker_core.ids import Kind, TaskId
from tasker_core.messages import Channel, Overlap, VerdictWord
from tasker_core.schedules.schedule import Cron, Interval, Once, Schedule
from tasker_core.task import Misfire, Retry
from tasker_core.task import Task as TaskDefinition
from tasker_core.time.instant import Instant
from tasker_runtime.documents import RunWord, TaskWord

Lane = Literal["live", "background"]


class TaskChange(TaskDefinition):
    """A task as it is put: the id is in the path, and may be repeated in the body."""

    id: TaskId | None = None  # pyright: ignore[reportIncompatibleVariableOverride] -- documents the body only


class TaskInput(TaskChange):
    """A task to create; without `id` one is minted (sortable, 26 characters)."""


class TaskPatch(BaseModel):
    """A merge patch (RFC 7396) of a task: what is left out stays, null means the default."""

    model_config = ConfigDict(extra="allow")


class Note(BaseModel):
    """Why, for the journal."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=1000)] | None = None


class TriggerInput(BaseModel):
    """What to run the task with now. Without `payload`, the task's own."""

    model_config = ConfigDict(extra="forbid")

    payload: JsonValue = None
    note: Annotated[str, Field(max_length=1000)] | None = None


class PreviewInput(BaseModel):
    """A schedule to look ahead from `from` (default: now). `timezone`: whose clock `local` is, where it names none."""

    model_config = ConfigDict(extra="forbid")

    schedule: Schedule
    count: Annotated[int, Field(ge=1, le=100)] = 5
    from_: Annotated[Instant | None, Field(alias="from")] = None
    timezone: str | None = None


class LastRun(BaseModel):
    """The newest run of a task."""

    id: str
    state: RunWord
    nominal_at: Instant
    effective_at: Instant
    finished_at: Instant | None


class PauseInfo(BaseModel):
    """Since when a task is paused, by whom (`tasker`: after too many failures in a row) and why, as far as is known."""

    at: Instant
    by: str | None = None
    note: str | None = None


class TaskItem(BaseModel):
    """A task in a list. `version` is the ETag; `next_at` the next nominal time (null: none).

    After `max_consecutive_failures` failed runs in a row it pauses itself (null: never).
    """

    id: str
    name: str
    tags: list[str]
    schedule: Once | Cron | Interval
    schedule_description: str
    handler: str
    timeout: str
    retry: Retry
    overlap: Overlap
    max_consecutive_failures: int | None
    misfire: Misfire
    state: TaskWord
    paused: bool
    version: int
    generation: int
    created_at: Instant
    updated_at: Instant
    next_at: Instant | None
    last_run: LastRun | None


class Task(TaskItem):
    """A task, whole. `pause` says why it is paused (null: it is not)."""

    description: str
    payload: JsonValue
    pause: PauseInfo | None


class Triggered(BaseModel):
    """The run that a trigger made."""

    event_id: str
    task_id: str
    run_id: str


class Pending(BaseModel):
    """The event is taken and not yet decided: look at `journal` (also in `Location`)."""

    event_id: str
    task_id: str
    journal: str


class RunErrorInfo(BaseModel):
    """Why a run failed: a word for programs and a sentence for people."""

    kind: str
    message: str


class Attempt(BaseModel):
    """An attempt besides the one that the run shows."""

    attempt: int
    outcome: str
    started_at: Instant | None
    finished_at: Instant | None
    error: RunErrorInfo | None
    worker: str


class RunItem(BaseModel):
    """A run in a list: its stages from the nominal time to the log line; `retry_at` while it is `retrying`."""

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
    state: RunWord
    retry_at: Instant | None
    handler: str
    error: RunErrorInfo | None
    worker: str
    version: int


class Run(RunItem):
    """A run, whole."""

    payload: JsonValue
    result: JsonValue
    attempts: list[Attempt]


class JournalEntry(BaseModel):
    """A task event with its verdict."""

    event_id: str
    event_type: str
    task_id: str
    verdict: VerdictWord
    version: int | None
    generation: int | None
    actor: str | None
    channel: Channel
    note: str | None
    effective_from: Instant | None
    task: dict[str, Any] | None
    next_at: Instant | None
    run_id: str | None
    errors: list[FieldError]
    logged_at: Instant


class Coming(BaseModel):
    """A coming nominal time: the instant, and the same at the schedule's own clock."""

    at: Instant
    local: str


class Preview(BaseModel):
    """A schedule in words, its next times, and what one might not expect of it."""

    description: str
    next: list[Coming]
    notes: list[str]


class HandlerInfo(BaseModel):
    """Something that can run, with the JSON Schema of its payload.

    `group` is the consumer group of the executors that announced it, null for Tasker's own handlers. `problem` says why
    payloads are not checked against the schema that was announced, if so.
    """

    name: str
    description: str
    payload_schema: dict[str, Any]
    group: str | None = None
    problem: str | None = None


class TaskList(BaseModel):
    """One page of tasks."""

    items: list[TaskItem]
    next_cursor: str | None


class RunList(BaseModel):
    """One page of runs, newest first."""

    items: list[RunItem]
    next_cursor: str | None


class HandlerList(BaseModel):
    """All handlers."""

    items: list[HandlerInfo]
    next_cursor: str | None = None
