"""The HTTP shapes of tasks."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tasker_core.alerts.notify import Notify
from tasker_core.chains.links import StartsOn, Successor
from tasker_core.documents.tasks import TaskStatus
from tasker_core.ids import TaskId
from tasker_core.messages.runs import Outcome, Overlap
from tasker_core.run_states import RunState
from tasker_core.schedules.schedule import Schedule
from tasker_core.task import Misfire, Retry, Task
from tasker_core.time.instant import Instant


class TaskChange(Task):
    """A task as it is put: the id is in the path, and may be repeated in the body."""

    id: TaskId | None = None  # pyright: ignore[reportIncompatibleVariableOverride] -- documents the body only


class TaskInput(TaskChange):
    """A task to create; without `id` one is minted (sortable, 26 characters)."""


def _as_patch(schema: dict[str, Any]) -> None:
    """Each field of a task, or null; of the objects that a patch merges with, any part."""
    whole = TaskChange.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = {name: {"type": "object"} for name in ("schedule",)}
    parts |= {name: {"type": ["object", "null"]} for name in ("retry", "misfire")}
    fields = {name: parts.get(name) or _or_null(field) for name, field in whole["properties"].items()}
    schema |= {"properties": fields, "additionalProperties": False}


def _or_null(field: dict[str, Any]) -> dict[str, Any]:
    described = {name: field[name] for name in ("title", "default") if name in field}
    kind = {name: value for name, value in field.items() if name not in described}
    return described | ({"anyOf": [kind, {"type": "null"}]} if kind else {})


class TaskPatch(BaseModel):
    """A merge patch (RFC 7396) of a task: what is left out stays, null means the default."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_as_patch)


class Note(BaseModel):
    """Why, for the journal."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=1000)] | None = None


class LastRunResponse(BaseModel):
    """The newest run of a task."""

    model_config = ConfigDict(title="LastRun")

    id: str
    state: RunState
    nominal_at: Instant
    effective_at: Instant
    finished_at: Instant | None


class PauseInfo(BaseModel):
    """Since when a task is paused, by whom (`tasker`: after too many failures in a row) and why, as far as is known."""

    at: Instant
    by: str | None = None
    note: str | None = None


class PredecessorTask(BaseModel):
    """A task whose runs start this one when they have ended: after which outcome."""

    task: str
    on: StartsOn


class TaskItem(BaseModel):
    """A task in a list. `version` is the ETag; `next_at` the next nominal time (null: none), until its run is logged,
    `due_at` when that is due at the latest: with the delay that `spread` gives to the task.

    `state` is `finished` once no occurrence is left, the last one has an outcome or was missed, and so has the newest
    run: what waits for an executor, a callback or its next attempt is not done yet.

    After `max_consecutive_failures` failed runs in a row it pauses itself (null: never). `failures` are those in a row
    by the log (100: or more), `last_outcome` is that of the newest run that has ended (null: none has), `pause` says
    why it is paused (null: it is not). `then` are the tasks that are started when its runs have ended, `notify` says
    who is told of what.
    """

    id: str
    name: str
    tags: list[str]
    schedule: Schedule
    schedule_description: str
    handler: str
    timeout: str
    retry: Retry
    overlap: Overlap
    max_consecutive_failures: int | None
    misfire: Misfire
    then: list[Successor]
    notify: list[Notify]
    state: TaskStatus
    paused: bool
    version: int
    generation: int
    created_at: Instant
    updated_at: Instant
    next_at: Instant | None
    due_at: Instant | None
    last_run: LastRunResponse | None
    last_outcome: Outcome | None
    failures: int
    pause: PauseInfo | None


class TaskResponse(TaskItem):
    """A task, whole.

    `calendars` are the versions of calendars that it is under; `preceded_by` are the tasks that start it, up to 100 in
    the order of their ids (`GET /tasks?then=` lists all), and
    `missing_successors` those of `then` that there are not (yet): until there are, starting them is refused.
    """

    model_config = ConfigDict(title="Task")

    description: str
    payload: JsonValue
    calendars: dict[str, int]
    preceded_by: list[PredecessorTask]
    missing_successors: list[str]


class TaskList(BaseModel):
    """One page of tasks."""

    items: list[TaskItem]
    next_cursor: str | None
