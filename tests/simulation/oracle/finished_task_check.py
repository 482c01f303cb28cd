"""Tasks that are over: that they are reported as finished, and after their retention as removed."""

from typing import Any

from tests.simulation.limits import RETENTION_SECONDS
from tests.simulation.oracle.committed_log import CommittedBatch
from tests.simulation.oracle.emitted_runs import EmittedRuns
from tests.simulation.oracle.invariants import Invariant, require
from tests.simulation.oracle.partition_model import PartitionModel
from tests.simulation.oracle.task_model import TaskModel

Body = dict[str, Any]
SLACK_SECONDS = 5
FINISHED = Invariant.FINISHED


class FinishedTaskCheck:
    """The finished tasks of one partition."""

    def __init__(self, model: PartitionModel, emitted: EmittedRuns) -> None:
        self._model, self._emitted = model, emitted
        self._to_count: list[tuple[TaskModel, int]] = []

    def apply(self, body: Body, batch: CommittedBatch, before: CommittedBatch | None) -> None:
        """Apply a record of a batch, at its place among the batch's verdicts."""
        if body["type"] not in ("finished", "removed"):
            return
        task, detail = self._model.tasks.get(body["task_id"]), f"{body} at {batch.time}"
        same = task is not None and (task.generation, task.version) == (body["generation"], body["version"])
        require(same, FINISHED, f"{detail}, but the task is {task}")
        assert task is not None
        if body["type"] == "finished":
            if task.finished is not None and task.versions and body["version"] > task.finished_as:
                task.finished_as = task.version
                return  # an edit that leaves it finished says so again, and so does a handover
            self._finish(task, body["reason"], batch, detail)
            task.finished_as = task.version
            task.finished = (before.time if before else batch.time, batch.time)
        else:
            self._remove(task, batch, detail)

    def extend_retention(self, batch: CommittedBatch) -> None:
        """Where something was pending, the retention may begin anew; called before and after events are applied."""
        for task in self._model.tasks.values():
            if task.finished and self._is_pending(task):
                task.finished = (task.finished[0], batch.time)

    def check_counts(self) -> None:
        """When the runs of the batch have been added: those that used up `max_runs` must be as many."""
        for task, limit in self._to_count:
            runs = task.runs_done
            detail = f"{task.task_id} of {task.generation} is finished after {runs} runs of {limit}"
            require(runs >= limit, FINISHED, detail)
        self._to_count.clear()

    def check_end(self, last: CommittedBatch) -> None:
        """In the end nothing is left that is over."""
        for task in self._model.tasks.values():
            detail = f"at {last.time}: {task}"
            if task.finished is None:
                over = self._is_over(task, last.time - SLACK_SECONDS)
                require(not over, FINISHED, f"{detail} is not reported as finished")
            else:
                require(task.finished_as > 0, FINISHED, f"{detail} was handed over, and then not said to be finished")
                kept = last.time - SLACK_SECONDS < task.finished[1] + RETENTION_SECONDS
                require(kept or self._is_pending(task), FINISHED, f"{detail} is not removed")

    def _finish(self, task: TaskModel, reason: str, batch: CommittedBatch, detail: str) -> None:
        require(task.finished is None and not task.paused, FINISHED, f"{detail}, but the task is {task}")
        schedule = task.body["schedule"]
        if reason == "max_runs":
            require("max_runs" in schedule, FINISHED, detail)
            self._to_count.append((task, schedule["max_runs"]))
            return
        require(reason == ("once" if task.calendar.once else "end"), FINISHED, detail)
        require(not task.calendar.manual, FINISHED, f"{detail}, though it can be triggered")
        coming = task.coming(batch.decided(task.task_id)) or task.calendar.following
        require(not coming, FINISHED, f"{detail}, though {coming} are to come")
        bare = self._may_come(task, batch.deciding)
        require(not bare, FINISHED, f"{detail}, though other days of its calendars would bring more")

    def _remove(self, task: TaskModel, batch: CommittedBatch, detail: str) -> None:
        require(task.finished is not None, FINISHED, f"{detail}, but it was not finished: {task}")
        assert task.finished is not None
        require(batch.time >= task.finished[0] + RETENTION_SECONDS, FINISHED, f"{detail}, too early: {task}")
        require(not self._is_pending(task), FINISHED, f"{detail}, though something of it is pending")
        self._model.remove(task, batch.decided(task.task_id))

    def _is_pending(self, task: TaskModel) -> bool:
        """Whether an attempt or a backfill of it is pending."""
        pending = any(run.task_id == task.task_id and run.pending for run in self._model.runs.values())
        backfills = self._model.backfills.values()
        return pending or any(of.task_id == task.task_id and not of.ended for of in backfills)

    def _is_over(self, task: TaskModel, at: int) -> bool:
        """Whether a task was over at a second, and had been since its last change and run."""
        schedule, runs = task.body["schedule"], _counted_runs(task, self._emitted)
        if task.paused or max([*task.changes, *runs]) >= at:
            return False
        if "max_runs" in schedule and len(runs) >= schedule["max_runs"]:
            return True
        if "exclude" in schedule and "end" not in schedule:
            return False  # that nothing is left may be found out bit by bit only
        if self._may_come(task, at):
            return False
        return not (task.calendar.manual or task.calendar.following or task.coming(at))

    def _may_come(self, task: TaskModel, at: int) -> bool:
        """Whether a task under calendars has times to come after a second that they leave out, or may."""
        bare = task.bare_calendar
        left = any(nominal + bare.offset > at for nominal, _ in bare.occurrences)
        return bool(task.versions) and (left or bool(bare.following))


def _counted_runs(task: TaskModel, emitted: EmittedRuns) -> list[int]:
    """When runs of a task were emitted under a definition that counts them."""
    of_task = (run for (task_id, generation, _), run in emitted.runs.items() if (task_id, generation) == task.key)
    return [run.batch.time for run in of_task if "max_runs" in task.bodies[run.body["version"]]["schedule"]]
