"""PURE. The collections, their indexes, and how long their documents are kept."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

from tasker_core.documents.calendars import CalendarRevisionField
from tasker_core.documents.change_sets import ChangeSetField
from tasker_core.documents.journal import JournalField
from tasker_core.documents.missed_occurrences import MissedField
from tasker_core.documents.revisions import ENDS, RevisionField
from tasker_core.documents.runs import RunField
from tasker_core.documents.statistics import Resolution, StatisticsField
from tasker_core.documents.tasks import NextTimeField, TaskField, TaskPath

CollectionName = Literal[
    "tasks",
    "next_times",
    "runs",
    "missed",
    "journal",
    "revisions",
    "handlers",
    "calendars",
    "calendar_revisions",
    "change_sets",
    "partitions",
    "rebuilds",
    "stats",
    "stats_pending",
]
F = TypeVar("F", bound=str)

DAY: Final = 24 * 3600
RUN_RETENTION_SECONDS: Final = 30 * DAY
JOURNAL_RETENTION_SECONDS: Final = 30 * DAY
REVISION_RETENTION_SECONDS: Final = 90 * DAY
TOMBSTONE_RETENTION_SECONDS: Final = 90 * DAY
"""Longer than the topics keep records, so that none that is read again revives what was deleted; and as long as the
history and the runs of a deleted task, whose they are only its tags tell."""
STATISTICS_RETENTION_SECONDS: Final[Mapping[Resolution, int]] = {
    "minute": 14 * DAY,
    "hour": 400 * DAY,
    "day": 3650 * DAY,
}
"""How long what is counted of a minute, an hour, a day is kept."""
CALENDAR_REVISION_RETENTION_SECONDS: Final = 400 * DAY
"""So long after its last day in force a version of a calendar is known: it explains what ran, and what did not."""
CHANGE_SET_RETENTION_SECONDS: Final = 90 * DAY
"""Longer than what they did is kept in the journal: who did what to how many is worth more than each task of it."""
TTL: Final = "expireAfterSeconds"
PARTIAL: Final = "partialFilterExpression"


Retentions = Mapping[tuple[CollectionName, str], int]
"""By collection and index: after how many seconds a document expires, instead of what the index says here."""


class Index(NamedTuple, Generic[F]):
    """An index: its name, its keys with their directions, and MongoDB's options."""

    name: str
    keys: Sequence[tuple[F, Literal[1, -1]]]
    options: Mapping[str, Any] = {}


PEOPLES_ORDER: Final[Mapping[str, Any]] = {"locale": "en", "strength": 5, "numericOrdering": True}
"""How names and ids of tasks are compared (MongoDB's collation): as people do.

Letters whatever their case and accents, which only decide between names that are equal otherwise; numbers by their
value. Level 5 tells all apart that are not canonically equivalent, so that filters stay exact, and ids differ.
All lists of tasks are read under it, whatever their order, so that each of their indexes serves them all.
"""
_LISTED: Final = {"collation": PEOPLES_ORDER}
_IDLE: Final[Mapping[TaskField, Any]] = {"state": {"$in": ["paused", "finished"]}}
"""They don't run: what is told of them stays as it is."""
_UNUSUAL_OUTCOME: Final[Mapping[TaskField, Any]] = {"last_outcome": {"$in": [None, "cancelled", "failed", "skipped"]}}
"""Most tasks have succeeded, and they cost these indexes nothing."""
_FAILING: Final[Mapping[TaskField, Any]] = {"failures": {"$gte": 1}}
_HIDDEN: Final[Mapping[TaskField, bool]] = {"deleted": True}
_STARTING: Final[Mapping[TaskField, Any]] = {"starts": {"$gt": ""}}
"""Any id is greater; a task that starts none is in no index for that."""
_UNDER_CALENDARS: Final[Mapping[TaskPath, Any]] = {"calendars.name": {"$gt": ""}}
_CHAINED: Final[Mapping[RunField, Any]] = {"after_run_id": {"$exists": True}}
_FAILED: Final[Mapping[RunField, Any]] = {"state": "failed"}
"""For backfills of what has failed; all other runs cost this index nothing."""
_UNUSUAL_KIND: Final[Mapping[RunField, Any]] = {"kind": {"$lt": "scheduled"}}
"""All kinds but `scheduled` come before it; so a run as it usually is costs nothing here, nor in the next one."""
_BACKGROUND: Final[Mapping[RunField, Any]] = {"lane": "background"}
_ORDERS: Final[Mapping[str, TaskField]] = {
    "name": "name",
    "id": "_id",
    "creation": "created_at",
    "update": "updated_at",
    "outcome": "last_outcome",
    "failures": "failures",
}


def _in_orders(
    of: str,
    part: Sequence[TaskField],
    orders: Sequence[str],
    options: Mapping[str, Any],
    behind: Sequence[TaskField] = (),
) -> list[Index[TaskPath]]:
    """`<of>_by_<order>`: the tasks that pass a part of a filter, in some orders.

    A filter by what stands `behind` the order passes over tasks without reading them.
    """
    found: list[Index[TaskPath]] = []
    for order in orders:
        fields: dict[TaskPath, None] = dict.fromkeys(("deleted", *part, _ORDERS[order], "_id", *behind))
        found.append(Index(f"{of}_by_{order}", [(field, 1) for field in fields], {**_LISTED, **options}))
    return found


# Nothing in them may change with each run (`next_at`, `last_run`): to update what one of them has costs MongoDB as much
# as to insert the task.
_TASKS: Final[Sequence[Index[TaskPath]]] = (
    Index("listed_by_name", [("deleted", 1), ("name", 1), ("_id", 1)], _LISTED),
    *_in_orders("of_all", [], ["id", "creation", "update"], {}, ["handler"]),
    Index("listed_by_outcome", [("deleted", 1), ("last_outcome", 1), ("_id", 1)], _LISTED),
    Index("listed_by_failures", [("deleted", 1), ("failures", 1), ("_id", 1)], _LISTED),
    Index("of_tag", [("deleted", 1), ("tags", 1), ("name", 1), ("_id", 1)], _LISTED),
    Index("of_handler", [("deleted", 1), ("handler", 1), ("name", 1), ("_id", 1)], _LISTED),
    Index("of_state", [("deleted", 1), ("state", 1), ("name", 1), ("_id", 1)], _LISTED),
    Index("of_outcome", [("deleted", 1), ("last_outcome", 1), ("name", 1), ("_id", 1)], _LISTED),
    Index("of_pauser", [("deleted", 1), ("paused_by", 1), ("name", 1), ("_id", 1)], _LISTED),
    *_in_orders("of_tag", ["tags"], ["id", "creation", "update", "outcome"], {}),
    *_in_orders("of_outcome", ["last_outcome"], ["failures"], {}),
    *_in_orders(
        "of_idle",
        ["state"],
        ["id", "creation", "update", "outcome", "failures"],
        {PARTIAL: _IDLE},
        ["paused_by"],
    ),
    *_in_orders("of_unusual", ["last_outcome"], ["creation", "update"], {PARTIAL: _UNUSUAL_OUTCOME}),
    *_in_orders("of_failing", [], ["name", "id", "creation", "update", "outcome"], {PARTIAL: _FAILING}),
    Index("of_word", [("deleted", 1), ("words", 1)]),
    Index("of_word_by_name", [("deleted", 1), ("words", 1), ("name", 1), ("_id", 1)], _LISTED),
    Index("of_timing", [("deleted", 1), ("state", 1), ("timing", 1), ("handler", 1)]),
    Index("of_tag_and_timing", [("deleted", 1), ("state", 1), ("tags", 1), ("timing", 1), ("handler", 1)]),
    Index("of_successor", [("starts", 1), ("name", 1), ("_id", 1)], {**_LISTED, PARTIAL: _STARTING}),
    Index("of_calendar", [("calendars.name", 1), ("_id", 1)], {PARTIAL: _UNDER_CALENDARS}),
    Index("retention", [("gone_at", 1)], {TTL: TOMBSTONE_RETENTION_SECONDS, PARTIAL: _HIDDEN}),
)
_NEXT_TIMES: Final[Sequence[Index[NextTimeField]]] = (Index("in_order", [("next_at", 1), ("_id", 1)], _LISTED),)
_RUNS: Final[Sequence[Index[RunField]]] = (
    Index("by_task", [("task_id", 1), ("effective_at", -1), ("_id", -1)]),
    Index("by_state", [("state", 1), ("effective_at", -1), ("_id", -1)]),  # and all of them by time: ANY_STATE
    Index("by_kind", [("kind", 1), ("effective_at", -1), ("_id", -1)], {PARTIAL: _UNUSUAL_KIND}),
    Index("by_lane", [("lane", 1), ("effective_at", -1), ("_id", -1)], {PARTIAL: _BACKGROUND}),
    Index("by_predecessor", [("after_run_id", 1), ("_id", 1)], {"partialFilterExpression": _CHAINED}),
    Index("failed_of_task", [("task_id", 1), ("generation", 1), ("nominal_at", 1)], {PARTIAL: _FAILED}),
    Index("retention", [("logged_at", 1)], {TTL: RUN_RETENTION_SECONDS}),
)
_MISSED: Final[Sequence[Index[MissedField]]] = (
    Index("by_time", [("to_at", -1), ("_id", -1)]),
    Index("of_task", [("task_id", 1), ("to_at", -1), ("_id", -1)]),
    Index("of_reason", [("reason", 1), ("to_at", -1), ("_id", -1)]),
    Index("retention", [("logged_at", 1)], {TTL: RUN_RETENTION_SECONDS}),
)
_ENDING: Final[Mapping[RevisionField, Any]] = {"event_type": {"$in": list(ENDS)}}
_REVISIONS: Final[Sequence[Index[RevisionField]]] = (
    Index("by_task", [("task_id", 1), ("effective_from", -1), ("version", -1), ("position", -1)]),
    Index("standing", [("task_id", 1), ("superseded_at", 1)]),
    Index("retention", [("superseded_at", 1)], {TTL: REVISION_RETENTION_SECONDS}),
    Index("retention_of_ends", [("effective_from", 1)], {TTL: REVISION_RETENTION_SECONDS, PARTIAL: _ENDING}),
)
_OF_CHANGE_SET: Final[Mapping[JournalField, Any]] = {"change_set": {"$exists": True}}
"""Events that are part of no change-set cost this index nothing."""
_JOURNAL: Final[Sequence[Index[JournalField]]] = (
    Index("of_change_set", [("change_set", 1), ("verdict", 1), ("task_id", 1)], {PARTIAL: _OF_CHANGE_SET}),
    Index("by_event", [("event_id", 1)]),
    Index("by_task", [("task_id", 1), ("logged_at", -1)]),
    Index("retention", [("logged_at", 1)], {TTL: JOURNAL_RETENTION_SECONDS}),
)
_STATISTICS: Final[Sequence[Index[StatisticsField]]] = [
    Index(f"retention_{resolution}", [("at", 1)], {TTL: seconds, PARTIAL: {"resolution": resolution}})
    for resolution, seconds in STATISTICS_RETENTION_SECONDS.items()
]
_CALENDAR_REVISIONS: Final[Sequence[Index[CalendarRevisionField]]] = (
    Index("of_calendar", [("name", 1), ("version", -1)]),
    Index("retention", [("superseded_at", 1)], {TTL: CALENDAR_REVISION_RETENTION_SECONDS}),
)
_UNDOING: Final[Mapping[ChangeSetField, Any]] = {"undoes": {"$exists": True}}
_CHANGE_SETS: Final[Sequence[Index[ChangeSetField]]] = (
    Index("listed", [("created_at", -1), ("_id", -1)]),
    Index("undone", [("undoes", 1), ("created_at", -1)], {PARTIAL: _UNDOING}),
    Index("retention", [("created_at", 1)], {TTL: CHANGE_SET_RETENTION_SECONDS}),
)
INDEXES: Final[Mapping[CollectionName, Sequence[Index[Any]]]] = {
    "tasks": _TASKS,
    "next_times": _NEXT_TIMES,
    "runs": _RUNS,
    "missed": _MISSED,
    "journal": _JOURNAL,
    "revisions": _REVISIONS,
    "handlers": (),
    "calendars": (),
    "calendar_revisions": _CALENDAR_REVISIONS,
    "change_sets": _CHANGE_SETS,
    "partitions": (),
    "rebuilds": (),
    "stats": _STATISTICS,
    "stats_pending": (),
}
"""Of each collection its indexes. The log sink makes them when it starts."""
RETIRED: Final[Mapping[CollectionName, Sequence[str]]] = {
    "tasks": (
        "by_name",
        "by_update",
        "by_next",
        "by_tag",
        "listed_by_id",
        "listed_by_creation",
        "listed_by_update",
        "listed_by_next",
        "of_idle_by_next",
        "of_unusual_by_next",
        "of_failing_by_next",
    ),
    "missed": ("by_task",),
    "runs": ("by_time",),
}
"""Names of indexes of earlier releases that nothing reads any more."""


def indexed_fields(collection: CollectionName) -> frozenset[str]:
    """The fields whose change changes an index of a collection."""
    found = set[str]()
    for index in INDEXES[collection]:
        found.update(path.split(".")[0] for path in (*(key for key, _ in index.keys), *index.options.get(PARTIAL, ())))
    return frozenset(found)
