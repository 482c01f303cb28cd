"""PURE. How the log moves a task on: to its newest run, its next time and its end, and only forward.

Progress is right in any order, by anybody, any number of times, so it needs no transaction: it is a conditional update.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from tasker_core.documents.runs import RunContent
from tasker_core.documents.tasks import LastRunDocument, TaskField, TaskProgressChanges
from tasker_core.run_states import RunState
from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.runs import rank_of
from tasker_log_sink.projection.tasks.run_outcomes import ProgressOperator, RunOutcomes, outcomes_of, stored_outcomes
from tasker_log_sink.projection.tasks.task_updates import FinishedVersion, NextTime, TaskDraft

POSITIONS: Final[tuple[TaskField, ...]] = ("next_of", "last_of", "finished_version", "ended_of")
"""The fields of a task that say how far it has come."""


class RunProgress(NamedTuple):
    """How far a run has come. Of two the later along (version, effective time, id) is shown, of one what it became.

    Not the whole run: as many as there are tasks may be kept for a while, and a result may be long.
    """

    run_id: str
    version: int
    effective_at: datetime
    nominal_at: datetime
    finished_at: datetime | None
    state: RunState
    rank: int

    @classmethod
    def of(cls, run: RunContent) -> "RunProgress":
        """What a task shows of the run of this document."""
        return cls(
            run["_id"],
            run["version"],
            run["effective_at"],
            run["nominal_at"],
            run["finished_at"],
            run["state"],
            rank_of(run),
        )

    @property
    def order_key(self) -> list[int | str]:
        """Where it is among the runs of its task."""
        return [self.version, to_ms(self.effective_at), self.run_id, self.rank]

    def apply(self, task: TaskDraft) -> None:
        """Show this run, unless a newer one is shown."""
        if (key := self.order_key) > task.fields["last_of"]:
            task.fields["last_of"], task.fields["last_run"] = key, self.last_run()

    def last_run(self) -> LastRunDocument:
        """The field `last_run` of its task."""
        return {
            "run_id": self.run_id,
            "state": self.state,
            "nominal_at": self.nominal_at,
            "effective_at": self.effective_at,
            "finished_at": self.finished_at,
            "version": self.version,
        }


class TaskProgress(NamedTuple):
    """What is next, the newest run, the version under which no occurrence is left (0: none), and how runs ended."""

    next_time: NextTime | None = None
    run: RunProgress | None = None
    finished_version: int = 0
    outcomes: RunOutcomes | None = None

    @classmethod
    def of(cls, next_time: NextTime | None, run: RunContent | None, finished_version: int) -> "TaskProgress":
        """What one record says, with its run as it has become."""
        if run is None:
            return cls(next_time, None, finished_version)
        return cls(next_time, RunProgress.of(run), finished_version, outcomes_of(run))

    def merged(self, other: "TaskProgress") -> "TaskProgress":
        """The further one of both, part by part."""
        return TaskProgress(
            _further(self.next_time, other.next_time),
            _further(self.run, other.run),
            max(self.finished_version, other.finished_version),
            _merged(self.outcomes, other.outcomes),
        )

    def apply(self, task: TaskDraft) -> None:
        """Move on what is not there yet."""
        if self.next_time is not None:
            self.next_time.apply(task)
        if self.run is not None:
            self.run.apply(task)
        if self.finished_version:
            FinishedVersion(self.finished_version).apply(task)
        if self.outcomes is not None:
            stored_outcomes(task.fields).merged(self.outcomes).set_in(task.fields)

    def is_in(self, stored: Mapping[str, Any]) -> bool:
        """Whether a task stands where this brings it (POSITIONS of it): so after the short way, if that matched."""
        return (
            (self.next_time is None or stored["next_of"] == self.next_time.order_key)
            and (self.run is None or stored["last_of"] == self.run.order_key)
            and (not self.finished_version or stored["finished_version"] == self.finished_version)
            and (self.outcomes is None or stored.get("ended_of") == [self.outcomes.generation, self.outcomes.ended])
        )

    def conditional_update(
        self, task_id: str
    ) -> tuple[dict[TaskField, Any], dict[ProgressOperator, dict[str, Any]]] | None:
        """The short way, (filter, update): it matches a task where every part moves on, or is there already.

        None where there is no short way.
        """
        matching: dict[TaskField, Any] = {"_id": task_id}
        changes: TaskProgressChanges = {}
        if self.next_time is not None:
            changes["next_of"] = next_of = self.next_time.order_key
            changes["next_at"] = self.next_time.next_at
            matching["next_of"] = {"$lte": next_of}
        if self.run is not None:
            changes["last_of"] = last_of = self.run.order_key
            changes["last_run"] = self.run.last_run()
            matching["last_of"] = {"$lte": last_of}
        if self.finished_version:
            changes["finished_version"] = self.finished_version
            changes["state"] = "finished"
            matching["version"] = matching["finished_version"] = {"$lte": self.finished_version}
            matching["state"] = {"$ne": "paused"}
        if self.outcomes is None:
            return matching, {"$set": dict[str, Any](changes)}
        if (short := self.outcomes.conditional_update()) is None:
            return None
        short[0].update(matching)
        short[1]["$set"].update(changes)
        return short


def _merged(one: RunOutcomes | None, other: RunOutcomes | None) -> RunOutcomes | None:
    if one is None or other is None:
        return other if one is None else one
    return one.merged(other)


Part = TypeVar("Part", NextTime, RunProgress)


def _further(one: Part | None, other: Part | None) -> Part | None:
    if one is None or other is None:
        return other if one is None else one
    return other if other.order_key > one.order_key else one
