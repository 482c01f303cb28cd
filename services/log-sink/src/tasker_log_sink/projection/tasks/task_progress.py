"""PURE. How the log moves a task on: to its newest run, its next time and its end, and only forward.

Progress is right in any order, by anybody, any number of times, so it may be written later than the log.
"""

from datetime import datetime
from typing import NamedTuple, TypeVar

from tasker_core.documents.runs import RunContent
from tasker_core.documents.tasks import LastRunDocument
from tasker_core.run_states import RunState
from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.runs import rank_of
from tasker_log_sink.projection.tasks.run_outcomes import RunOutcomes, outcomes_of, stored_outcomes
from tasker_log_sink.projection.tasks.task_updates import NOT_FINISHED, FinishedVersion, NextTime, TaskDraft, derive


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
            derive(task.fields)

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
    """What is next, the newest run, under which version no occurrence is left, and how runs ended."""

    next_time: NextTime | None = None
    run: RunProgress | None = None
    finished: FinishedVersion = NOT_FINISHED
    outcomes: RunOutcomes | None = None

    @classmethod
    def of(cls, next_time: NextTime | None, run: RunContent | None, finished: FinishedVersion) -> "TaskProgress":
        """What one record says, with its run as it has become."""
        if run is None:
            return cls(next_time, None, finished)
        return cls(next_time, RunProgress.of(run), finished, outcomes_of(run))

    def merged(self, other: "TaskProgress") -> "TaskProgress":
        """The further one of both, part by part."""
        return TaskProgress(
            _further(self.next_time, other.next_time),
            _further(self.run, other.run),
            max(self.finished, other.finished),
            _merged(self.outcomes, other.outcomes),
        )

    def apply(self, task: TaskDraft) -> None:
        """Move on what is not there yet."""
        if self.next_time is not None:
            self.next_time.apply(task)
        if self.run is not None:
            self.run.apply(task)
        if self.finished.version:
            self.finished.apply(task)
        if self.outcomes is not None:
            stored_outcomes(task.fields).merged(self.outcomes).set_in(task.fields)


def _merged(one: RunOutcomes | None, other: RunOutcomes | None) -> RunOutcomes | None:
    if one is None or other is None:
        return other if one is None else one
    return one.merged(other)


Part = TypeVar("Part", NextTime, RunProgress)


def _further(one: Part | None, other: Part | None) -> Part | None:
    if one is None or other is None:
        return other if one is None else one
    return other if other.order_key > one.order_key else one
