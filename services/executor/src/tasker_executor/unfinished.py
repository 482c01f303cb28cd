"""The runs that are waiting or under way, by task, so that a cancel finds them."""

import asyncio

from tasker_core.messages import Cancel
from tasker_executor.feed import Feed
from tasker_executor.job import Job


class Unfinished:
    """Runs with a slot or without; those of quick handlers are over before anybody could cancel them."""

    def __init__(self) -> None:
        self._jobs: dict[str, dict[Job, asyncio.Task[None] | None]] = {}
        self._cancelled: set[Job] = set()

    def add(self, job: Job, task: asyncio.Task[None] | None = None) -> None:
        """A run waits, or (`task`) is under way."""
        self._jobs.setdefault(job.run.task_id, {})[job] = task

    def remove(self, job: Job) -> None:
        """A run is over, or another member's."""
        self._cancelled.discard(job)
        if (jobs := self._jobs.get(job.run.task_id)) is not None:
            jobs.pop(job, None)
            if not jobs:
                del self._jobs[job.run.task_id]

    def forget(self, feed: Feed) -> None:
        """A partition is another member's: what waited of it is theirs."""
        for jobs in list(self._jobs.values()):
            for job in [job for job, task in jobs.items() if task is None and job.feed is feed]:
                self.remove(job)

    def cancelled(self, job: Job) -> bool:
        """Whether it was a cancel that ended the run's task."""
        return job in self._cancelled

    def hit_by(self, wanted: Cancel, partition: int) -> set[Job]:
        """The runs that a cancel read from this partition means: those read before it."""
        return {
            job
            for job in self._jobs.get(wanted.task_id, ())
            if job.record.partition == partition and wanted.run_id in (None, job.run.run_id) and not job.feed.gone
        }

    def stop(self, job: Job) -> bool:
        """Stop a run that is under way; False when it only waits."""
        task = self._jobs[job.run.task_id][job]
        if task is not None and job not in self._cancelled:
            self._cancelled.add(job)
            task.cancel()
        return task is not None
