"""PURE. Which runs, and which missed nominal times, a list is of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tasker_core.documents.missed_occurrences import MissedField
from tasker_core.documents.runs import ANY_STATE, RunField

RunQuery = dict[RunField, Any]
MissedQuery = dict[MissedField, Any]


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs. `since` (inclusive) and `until` (exclusive) bound the effective time.

    `after_run_id`: those that the end of this run has started. `task_ids`, `run_ids`: what a search has found.
    """

    task_id: str | None = None
    state: str | None = None
    kind: str | None = None
    lane: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after_run_id: str | None = None
    task_ids: Sequence[str] | None = None
    run_ids: Sequence[str] | None = None

    def query(self) -> RunQuery:
        """As a MongoDB query."""
        equal: RunQuery = {"task_id": self.task_id, "state": self.state, "kind": self.kind, "lane": self.lane}
        equal["after_run_id"] = self.after_run_id
        found: RunQuery = {field: value for field, value in equal.items() if value is not None}
        if within := _within(self.since, self.until):
            found["effective_at"] = within
        if self.task_ids is not None:
            found["task_id"] = {"$in": [one for one in self.task_ids if self.task_id in (None, one)]}
        if self.run_ids is not None:
            found["_id"] = {"$in": list(self.run_ids)}
        if not found.keys() & {"state", "task_id", "after_run_id", "_id"}:
            found["state"] = ANY_STATE
        return found

    @property
    def index(self) -> str | None:
        """The index in which what a search has found is read; None: MongoDB chooses."""
        if self.run_ids is not None:
            return "_id_"
        return None if self.task_ids is None else "by_task"


@dataclass(frozen=True, slots=True)
class MissedFilter:
    """Which ranges of missed nominal times. `since` (inclusive) and `until` (exclusive) bound the last of a range."""

    task_id: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def query(self) -> MissedQuery:
        """As a MongoDB query."""
        equal: MissedQuery = {"task_id": self.task_id, "reason": self.reason}
        found: MissedQuery = {field: value for field, value in equal.items() if value is not None}
        if within := _within(self.since, self.until):
            found["to_at"] = within
        return found


def _within(since: datetime | None, until: datetime | None) -> dict[str, datetime]:
    bounds = {"$gte": since, "$lt": until}
    return {operator: bound for operator, bound in bounds.items() if bound is not None}
