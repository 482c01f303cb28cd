"""PURE. Collection `tasks`: the tasks as they are now; and `next_times`, the order in which they are due."""

from datetime import datetime
from typing import Any, Final, Literal, TypedDict

from tasker_core.documents.calendars import CalendarUse
from tasker_core.messages.runs import Outcome
from tasker_core.run_states import RunState

MAX_FAILURES: Final = 100
"""So many failures in a row are counted at most."""
TaskStatus = Literal["active", "paused", "finished"]
"""`finished`: no occurrence is left, the last one has an outcome or was missed, and so has the newest run."""


class LastRunDocument(TypedDict):
    """The newest run of a task along (version, effective time)."""

    run_id: str
    state: RunState
    nominal_at: datetime
    effective_at: datetime
    finished_at: datetime | None
    version: int


class StreakDocument(TypedDict):
    """The failures in a row of a task: the newest success (`after`, 0 for none), and what failed later, ascending.

    Runs are known by their positions (`run_outcomes.py` of the log sink).
    """

    after: int
    failed: list[int]


class TaskDefinitionFields(TypedDict):
    """What a version of the task defines. The log sink writes it and never reads it again."""

    name: str
    description: str
    tags: list[str]
    schedule_json: str
    timing: str
    """When it fires, equal for all tasks that fire at the same instants (timing_key.py). Only changes with the
    definition. As `retry_json` absent in documents of earlier releases. Alone of these the log sink reads it again."""
    handler: str
    payload_json: str
    timeout: str
    retry_json: str
    """As accepted, `null` for the default; as `overlap` and `misfire_json` absent in documents of earlier releases."""
    overlap: str
    max_consecutive_failures: int | None
    misfire_json: str
    then_json: str
    """As accepted, `null` for none; as `pause_json` absent in earlier documents."""
    notify_json: str
    """As accepted, `null` for nobody; absent in earlier documents."""
    starts: list[str]
    """The ids of the tasks in `then_json`, for the index."""
    pause_json: str
    """Of a paused task: {at, by, note}, else `null`. As `max_consecutive_failures` absent in earlier documents."""
    words: list[str]
    """By which searches find it (words.py); absent in earlier documents. Only changes with the definition."""
    paused_by: str | None
    """The `by` of `pause_json`: lists are filtered by it."""


class TaskProgressFields(TypedDict):
    """How far the log has brought the task: `next_at` is its next nominal time, `last_run` its newest run.

    Both move forward only, along (version, effective time).
    """

    version: int
    state: TaskStatus
    next_at: datetime | None
    due_at: datetime | None
    """When `next_at` is due at the latest, where `spread` delays it; else None, or absent."""
    next_of: list[int]
    """(version, effective time in ms, `next_at` in ms) of the report: a report of an older position is ignored."""
    last_run: LastRunDocument | None
    last_of: list[Any]
    """(version, effective time in ms, run id, rank) of `last_run`, as with `next_of`."""
    last_outcome: Outcome | None
    """How the newest run of this generation ended that has; None when none has."""
    ended_of: list[int]
    """(generation, position) of that run: what is known of runs of an earlier generation does not count."""
    failures: int
    """How many runs have failed in `streak`."""
    streak: StreakDocument
    finished_version: int
    """The log sink's own: the latest version under which no occurrence was left; 0 for none."""
    last_nominal_ms: int
    """The log sink's own: the nominal time of the last occurrence under that version; 0 where nobody tells it. Absent
    in documents of earlier releases."""


class TaskStateFields(TaskProgressFields):
    """What the log sink reads of a task in order to go on from it.

    `deleted` marks what reads leave out: a tombstone, or a task of which only results have come yet (`version` 0).
    """

    _id: str
    generation: int
    created_at: datetime | None
    """As `updated_at` None only while `version` is 0."""
    updated_at: datetime | None
    deleted: bool
    deleted_version: int
    """The log sink's own: the latest version at which the task was deleted or removed; 0 for none."""
    calendars: list[CalendarUse]
    """The calendars that it uses, by name; absent in documents of earlier releases."""
    timing: str
    """As in the definition that stands."""
    gone_at: datetime | None
    """Since when it has been hidden; a hidden one expires after TOMBSTONE_RETENTION_SECONDS."""


class TaskDocument(TaskStateFields, TaskDefinitionFields):
    """A task. `_id` is its id. The greater (generation, version) wins."""


TaskField = Literal[
    "_id",
    "generation",
    "version",
    "name",
    "description",
    "tags",
    "schedule_json",
    "timing",
    "handler",
    "payload_json",
    "timeout",
    "retry_json",
    "overlap",
    "max_consecutive_failures",
    "misfire_json",
    "then_json",
    "notify_json",
    "starts",
    "pause_json",
    "paused_by",
    "words",
    "state",
    "created_at",
    "updated_at",
    "next_at",
    "due_at",
    "next_of",
    "last_run",
    "last_of",
    "last_outcome",
    "ended_of",
    "failures",
    "streak",
    "deleted",
    "finished_version",
    "last_nominal_ms",
    "deleted_version",
    "calendars",
    "gone_at",
]
TaskPath = TaskField | Literal["calendars.name"]
"""Also of fields within fields, as indexes and filters name them."""


class NextTimeDocument(TypedDict):
    """When a task that is not deleted runs next: its `next_at` once more, where an index costs each run little.

    MongoDB makes the keys of all indexes of a collection anew where an update changes what one of them has. `_id`: the
    task's. `due_at`: the task's, too; absent in entries of earlier releases.
    """

    _id: str
    next_at: datetime | None
    due_at: datetime | None


NextTimeField = Literal["_id", "next_at", "due_at"]
READ_AGAIN: Final[frozenset[str]] = frozenset({"timing"})
"""What the log sink reads of definitions."""
