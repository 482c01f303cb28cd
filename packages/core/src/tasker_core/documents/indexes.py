"""PURE. The collections, their indexes, and how long their documents are kept."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

from tasker_core.documents.journal import JournalField
from tasker_core.documents.missed_occurrences import MissedField
from tasker_core.documents.runs import RunField
from tasker_core.documents.tasks import TaskField

CollectionName = Literal["tasks", "runs", "missed", "journal", "handlers", "partitions", "rebuilds"]
F = TypeVar("F", bound=str)

DAY: Final = 24 * 3600
TOMBSTONE_RETENTION_SECONDS: Final = 30 * DAY
"""Longer than the topics keep records, so that none that is read again revives what was deleted."""
RUN_RETENTION_SECONDS: Final = 30 * DAY
JOURNAL_RETENTION_SECONDS: Final = 30 * DAY
TTL: Final = "expireAfterSeconds"


class Index(NamedTuple, Generic[F]):
    """An index: its name, its keys with their directions, and MongoDB's options."""

    name: str
    keys: Sequence[tuple[F, Literal[1, -1]]]
    options: Mapping[str, Any] = {}


_HIDDEN: Final[Mapping[TaskField, bool]] = {"deleted": True}
_STARTING: Final[Mapping[TaskField, Any]] = {"starts": {"$gt": ""}}
"""Any id is greater; a task that starts none is in no index for that."""
_CHAINED: Final[Mapping[RunField, Any]] = {"after_run_id": {"$exists": True}}
_TASKS: Final[Sequence[Index[TaskField]]] = (
    Index("by_name", [("deleted", 1), ("name", 1), ("_id", 1)]),
    Index("by_update", [("deleted", 1), ("updated_at", -1), ("_id", -1)]),
    Index("by_next", [("deleted", 1), ("next_at", 1), ("_id", 1)]),
    Index("by_tag", [("deleted", 1), ("tags", 1), ("_id", 1)]),
    Index("by_successor", [("starts", 1), ("_id", 1)], {"partialFilterExpression": _STARTING}),
    Index("retention", [("gone_at", 1)], {TTL: TOMBSTONE_RETENTION_SECONDS, "partialFilterExpression": _HIDDEN}),
)
_RUNS: Final[Sequence[Index[RunField]]] = (
    Index("by_time", [("effective_at", -1), ("_id", -1)]),
    Index("by_task", [("task_id", 1), ("effective_at", -1), ("_id", -1)]),
    Index("by_state", [("state", 1), ("effective_at", -1), ("_id", -1)]),
    Index("by_predecessor", [("after_run_id", 1), ("_id", 1)], {"partialFilterExpression": _CHAINED}),
    Index("retention", [("logged_at", 1)], {TTL: RUN_RETENTION_SECONDS}),
)
_MISSED: Final[Sequence[Index[MissedField]]] = (
    Index("by_task", [("task_id", 1), ("to_at", -1)]),
    Index("retention", [("logged_at", 1)], {TTL: RUN_RETENTION_SECONDS}),
)
_JOURNAL: Final[Sequence[Index[JournalField]]] = (
    Index("by_event", [("event_id", 1)]),
    Index("by_task", [("task_id", 1), ("logged_at", -1)]),
    Index("retention", [("logged_at", 1)], {TTL: JOURNAL_RETENTION_SECONDS}),
)
INDEXES: Final[Mapping[CollectionName, Sequence[Index[Any]]]] = {
    "tasks": _TASKS,
    "runs": _RUNS,
    "missed": _MISSED,
    "journal": _JOURNAL,
    "handlers": (),
    "partitions": (),
    "rebuilds": (),
}
"""Of each collection its indexes. The log sink makes them when it starts."""
