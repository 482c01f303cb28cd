"""The documents in MongoDB: written by the log sink only, read by the API.

All instants are BSON dates (UTC, milliseconds). User-given JSON (payloads, results, schedules) is kept as JSON text
under names ending in `_json`: it may hold what BSON cannot (large integers, any key, any depth), and it comes back
byte for byte.
"""

from datetime import datetime
from typing import Any, Literal, TypedDict

TaskWord = Literal["active", "paused", "finished"]
RunWord = Literal["waiting", "running", "retrying", "succeeded", "failed", "cancelled", "skipped"]

DAY = 24 * 3600
TOMBSTONE_RETENTION_SECONDS = 30 * DAY
"""Longer than the topics keep records, so that none that is read again revives what is gone."""
RUN_RETENTION_SECONDS = 30 * DAY
JOURNAL_RETENTION_SECONDS = 30 * DAY


class LastRun(TypedDict):
    """The newest run of a task along (version, effective time)."""

    run_id: str
    state: RunWord
    nominal_at: datetime
    effective_at: datetime
    finished_at: datetime | None
    version: int


class TaskDocument(TypedDict):
    """Collection `tasks`: what stands now. `_id` is the task id.

    Per task the greater (generation, version) wins. `deleted` marks what reads leave out: a tombstone, or a task of
    which only results have come yet (`version` 0). `next_at` is the next nominal time; it and `last_run` only move
    forward along (version, effective time).
    """

    _id: str
    generation: int
    version: int
    name: str
    description: str
    tags: list[str]
    schedule_json: str
    handler: str
    payload_json: str
    timeout: str
    retry_json: str
    """As accepted, `null` for the default; as `overlap` and `misfire_json` absent in documents of earlier releases."""
    overlap: str
    max_consecutive_failures: int | None
    misfire_json: str
    pause_json: str
    """Of a paused task: {at, by, note}, else `null`. As `max_consecutive_failures` absent in earlier documents."""
    state: TaskWord
    created_at: datetime
    updated_at: datetime
    next_at: datetime | None
    next_of: list[Any]
    """(version, effective time in ms, `next_at` in ms) as told: what comes from an older place is ignored."""
    last_run: LastRun | None
    last_of: list[Any]
    """(version, effective time in ms, run id, how far it has come) of `last_run`, as with `next_of`."""
    deleted: bool
    finished_version: int
    """The log sink's own: the latest version under which no occurrence was left; 0 for none."""
    deleted_version: int
    """The log sink's own: the latest version at which the task was deleted or removed; 0 for none."""
    gone_at: datetime | None
    """Since when it has been hidden; a hidden one goes after TOMBSTONE_RETENTION_SECONDS."""


class RunDocument(TypedDict):
    """Collection `runs`: the execution log. `_id` is the run id. The first final outcome stands."""

    _id: str
    task_id: str
    task_name: str
    generation: int
    version: int
    kind: str
    lane: str
    nominal_at: datetime
    effective_at: datetime
    emitted_at: datetime
    received_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    logged_at: datetime
    attempt: int
    attempts: list[dict[str, Any]]
    """Earlier or later attempts besides the one shown: {attempt, outcome, started_at, finished_at, error, worker}."""
    state: RunWord
    retry_at: datetime | None
    """While `retrying`: when the next attempt is due. Absent in documents of earlier releases."""
    handler: str
    payload_json: str
    result_json: str
    error: dict[str, str] | None
    worker: str
    seen: int
    """The log sink's own, only where the ticker had the last word: how far executors had brought the run."""


class MissedDocument(TypedDict):
    """Collection `missed`: ranges of nominal times that did not run. `_id` is made of what the range is."""

    _id: str
    task_id: str
    generation: int
    version: int
    reason: str
    from_at: datetime
    to_at: datetime
    logged_at: datetime


class JournalDocument(TypedDict):
    """Collection `journal`: each task event with its verdict. `_id` is `<task_id>/<event_id>`.

    The first verdict stands.
    """

    _id: str
    task_id: str
    event_id: str
    event_type: str
    verdict: str
    generation: int | None
    version: int | None
    actor: str | None
    channel: str
    note: str | None
    digest: str | None
    effective_from: datetime | None
    task_json: str | None
    next_at: datetime | None
    run_id: str | None
    errors: list[dict[str, str]]
    logged_at: datetime


class HandlerDocument(TypedDict):
    """Collection `handlers`: what executors announced, the last word of each name. `_id` is the name.

    `problem` says why payloads can't be checked against the schema, if so; then `payload_schema_json` is `null`.
    """

    _id: str
    withdrawn: bool
    description: str
    group: str
    payload_schema_json: str
    problem: str | None
    logged_at: datetime


class PartitionDocument(TypedDict):
    """Collection `partitions`: what is applied of one partition of one topic.

    `_id` is `<cluster id>/<topic>/<partition>`.

    `next_offset` is the first offset not yet applied; `watermark` (watermarks topic only) the time reached;
    `tasks_offset` (results and verdicts) the first offset whose moves the tasks may not show yet;
    `sessions` the ids of the sessions in which its owner writes.
    """

    _id: str
    cluster_id: str
    topic: str
    partition: int
    next_offset: int
    tasks_offset: int
    sessions: list[str]
    watermark: datetime | None
    applied_at: datetime


Keys = list[tuple[str, int]]
INDEXES: dict[str, list[tuple[str, Keys, dict[str, Any]]]] = {
    "tasks": [
        ("by_name", [("deleted", 1), ("name", 1), ("_id", 1)], {}),
        ("by_update", [("deleted", 1), ("updated_at", -1), ("_id", -1)], {}),
        ("by_next", [("deleted", 1), ("next_at", 1), ("_id", 1)], {}),
        ("by_tag", [("deleted", 1), ("tags", 1), ("_id", 1)], {}),
        (
            "retention",
            [("gone_at", 1)],
            {"expireAfterSeconds": TOMBSTONE_RETENTION_SECONDS, "partialFilterExpression": {"deleted": True}},
        ),
    ],
    "runs": [
        ("by_time", [("effective_at", -1), ("_id", -1)], {}),
        ("by_task", [("task_id", 1), ("effective_at", -1), ("_id", -1)], {}),
        ("by_state", [("state", 1), ("effective_at", -1), ("_id", -1)], {}),
        ("retention", [("logged_at", 1)], {"expireAfterSeconds": RUN_RETENTION_SECONDS}),
    ],
    "missed": [
        ("by_task", [("task_id", 1), ("to_at", -1)], {}),
        ("retention", [("logged_at", 1)], {"expireAfterSeconds": RUN_RETENTION_SECONDS}),
    ],
    "journal": [
        ("by_event", [("event_id", 1)], {}),
        ("by_task", [("task_id", 1), ("logged_at", -1)], {}),
        ("retention", [("logged_at", 1)], {"expireAfterSeconds": JOURNAL_RETENTION_SECONDS}),
    ],
    "handlers": [],
}
"""Collection → (index name, keys, options). The log sink makes them when it starts."""
