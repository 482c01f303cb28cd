"""The runs of each task that wait or execute: for decisions on overlap, and so that a cancel finds them."""

import asyncio

from tasker_core.kafka_record import Record
from tasker_core.messages.runs import Cancel
from tasker_executor.execution.outcome import AttemptOutcome
from tasker_executor.partition.job import Job
from tasker_executor.partition.partition import LanePartition
from tasker_executor.scheduling.cancels import is_meant


class InFlightRuns:
    """Active runs (executing, or waiting for a slot), and those queued behind them because of their task's overlap.

    Runs of quick handlers are over at once, so they are only ever among the queued ones.
    """

    def __init__(self) -> None:
        self._active: dict[str, dict[Job, asyncio.Task[None] | None]] = {}
        self._queued: dict[str, dict[Job, None]] = {}
        self._stopped: dict[Job, AttemptOutcome] = {}
        self._unacknowledged: dict[str, dict[Job, None]] = {}
        self.queue_length = 0

    def active(self, task_id: str) -> list[Job]:
        """The active runs of a task."""
        return list(self._active.get(task_id, ()))

    def queued(self, task_id: str) -> list[Job]:
        """The queued runs of a task, in the order they came."""
        return list(self._queued.get(task_id, ()))

    def add(self, job: Job, task: asyncio.Task[None] | None = None) -> None:
        """A run is active; with `task` it executes."""
        self._active.setdefault(job.run.task_id, {})[job] = task

    def remove(self, job: Job) -> None:
        """An active run is over, or another member's."""
        self._stopped.pop(job, None)
        _discard(self._active, job)

    def enqueue(self, job: Job) -> None:
        """Queue a run behind the active ones of its task."""
        self._queued.setdefault(job.run.task_id, {})[job] = None
        self.queue_length += 1
        job.start_waiting(job.run.task_id)

    def dequeue(self, job: Job) -> bool:
        """Remove a queued run; whether it was queued."""
        if not _discard(self._queued, job):
            return False
        self.queue_length -= 1
        job.stop_waiting(job.run.task_id)
        return True

    def pop_next(self, task_id: str) -> Job | None:
        """Remove and return the queued run of a task that may start now: the first one, once none is active."""
        queue = self._queued.get(task_id)
        if not queue or task_id in self._active:
            return None
        job = next(iter(queue))
        self.dequeue(job)
        return job

    def tasks_with_queue(self) -> list[str]:
        """The tasks that have queued runs."""
        return list(self._queued)

    def forget(self, partition: LanePartition) -> None:
        """A partition is another member's: so are its runs that wait, and those that it runs again."""
        for jobs in list(self._unacknowledged.values()):
            for job in [job for job in jobs if job.partition is partition]:
                self.acknowledge(job)
        for jobs in list(self._active.values()):
            for job in [job for job, task in jobs.items() if task is None and job.partition is partition]:
                self.remove(job)
        for queue in list(self._queued.values()):
            for job in [job for job in queue if job.partition is partition]:
                self.dequeue(job)

    def stop_outcome(self, job: Job) -> AttemptOutcome | None:
        """The outcome with which a run was stopped; None when it was not."""
        return self._stopped.get(job)

    def matching(self, cancel: Cancel, record: Record) -> list[Job]:
        """The runs that a cancel means, of those read so far; `record` is that of the cancel."""
        active = self._active.get(cancel.task_id, {})
        return [
            job
            for job in (*self.queued(cancel.task_id), *active)
            if is_meant(job, cancel, record) and ((task := active.get(job)) is None or not task.done())
        ]

    def report(self, job: Job) -> None:
        """The end of a run is being reported: until that is acknowledged, a crash has it run again."""
        self._unacknowledged.setdefault(job.run.task_id, {})[job] = None

    def acknowledge(self, job: Job) -> None:
        """The end of a run is reported."""
        _discard(self._unacknowledged, job)

    def reported(self, cancel: Cancel, record: Record) -> list[Job]:
        """The runs that a cancel means and that have ended, but might be run again after a crash."""
        return [job for job in self._unacknowledged.get(cancel.task_id, ()) if is_meant(job, cancel, record)]

    def stop(self, job: Job, outcome: AttemptOutcome) -> bool:
        """Stop a run that executes, with this outcome; False when it only waits. The first outcome stands."""
        task = self._active.get(job.run.task_id, {}).get(job)
        if task is not None and job not in self._stopped:
            self._stopped[job] = outcome
            task.cancel()
        return task is not None


def _discard(jobs_of: dict[str, dict[Job, asyncio.Task[None] | None]] | dict[str, dict[Job, None]], job: Job) -> bool:
    jobs = jobs_of.get(job.run.task_id)
    if jobs is None or job not in jobs:
        return False
    del jobs[job]
    if not jobs:
        del jobs_of[job.run.task_id]
    return True
