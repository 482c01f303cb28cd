"""PURE. How the log moves a task on: to its newest run, its next time and its end, and only forward.

Progress is right in any order, by anybody, any number of times, so it needs no transaction: it is a conditional update.
"""

from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeVar

from tasker_core.documents.runs import RunContent
from tasker_core.documents.tasks import LastRunDocument, TaskField, TaskProgressChanges
from tasker_core.messages import Outcome
from tasker_core.run_states import RunState, is_final
from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.failures_in_a_row import Streak, stored_streak, streak_of
from tasker_log_sink.projection.runs import rank_of
from tasker_log_sink.projection.task_updates import FinishedVersion, NextTime, TaskDraft

ProgressCondition = TaskField | Literal["streak.generation", "streak.after", "streak.newest"]


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

    @property
    def outcome(self) -> Outcome | None:
        """How it has ended, if it has."""
        return self.state if is_final(self.state) else None

    def apply(self, task: TaskDraft) -> None:
        """Show this run, unless a newer one is shown."""
        if (key := self.order_key) > task.fields["last_of"]:
            task.fields["last_of"], task.fields["last_run"] = key, self.last_run()

    def apply_outcome(self, task: TaskDraft) -> None:
        """Show how this run has ended, unless a newer one has."""
        if (key := self.order_key) > task.fields["outcome_of"]:
            task.fields["outcome_of"], task.fields["last_outcome"] = key, self.outcome

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
    """What is next, the newest run, the version under which no occurrence is left (0: none), and what has ended.

    `ended` is the newest run that has.
    """

    next_time: NextTime | None = None
    run: RunProgress | None = None
    finished_version: int = 0
    ended: RunProgress | None = None
    streak: Streak | None = None

    @classmethod
    def of(cls, next_time: NextTime | None, run: RunContent | None, finished_version: int) -> "TaskProgress":
        """What one record says, with its run as it has become."""
        if run is None:
            return cls(next_time, None, finished_version)
        progress = RunProgress.of(run)
        ended = None if progress.outcome is None else progress
        return cls(next_time, progress, finished_version, ended, None if ended is None else streak_of(run))

    def merged(self, other: "TaskProgress") -> "TaskProgress":
        """The further one of both, part by part."""
        return TaskProgress(
            _further(self.next_time, other.next_time),
            _further(self.run, other.run),
            max(self.finished_version, other.finished_version),
            _further(self.ended, other.ended),
            _merged(self.streak, other.streak),
        )

    def apply(self, task: TaskDraft) -> None:
        """Move on what is not there yet."""
        if self.next_time is not None:
            self.next_time.apply(task)
        if self.run is not None:
            self.run.apply(task)
        if self.finished_version:
            FinishedVersion(self.finished_version).apply(task)
        if self.ended is not None:
            self.ended.apply_outcome(task)
        if self.streak is not None:
            streak = stored_streak(task.fields["streak"]).merged(self.streak)
            task.fields["streak"], task.fields["failures"] = streak.document(), len(streak.failed)

    def conditional_update(self, task_id: str) -> tuple[dict[ProgressCondition, Any], TaskProgressChanges] | None:
        """The short way, (filter, what to set): it matches a task where every part moves on, or is there already.

        None where there is no short way: a run that failed is counted with those that are stored.
        """
        matching: dict[ProgressCondition, Any] = {"_id": task_id}
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
        if self.ended is not None:
            changes["outcome_of"] = outcome_of = self.ended.order_key
            changes["last_outcome"] = self.ended.outcome
            matching["outcome_of"] = {"$lte": outcome_of}
        if self.streak is not None:
            if self.streak.failed:
                return None
            changes["streak"], changes["failures"] = self.streak.document(), 0
            matching["streak.generation"] = {"$lte": self.streak.generation}
            matching["streak.after"] = {"$lte": self.streak.after}
            matching["streak.newest"] = {"$lt": self.streak.after}
        return matching, changes


def _merged(one: Streak | None, other: Streak | None) -> Streak | None:
    if one is None or other is None:
        return other if one is None else one
    return one.merged(other)


Part = TypeVar("Part", NextTime, RunProgress)


def _further(one: Part | None, other: Part | None) -> Part | None:
    if one is None or other is None:
        return other if one is None else one
    return other if other.order_key > one.order_key else one
