"""The runs that wait or are under way, by task: for the gate of each task, and so that a cancel finds them."""

import asyncio

from tasker_core.messages import Cancel
from tasker_core.record import Record
from tasker_executor.execution.outcome import Ending
from tasker_executor.partition.job import Job
from tasker_executor.partition.partition import Feed

CLEARLY_OLDER_MS = 1_000
"""More than one transaction of the ticker takes, and than the clocks of brokers are apart."""


class Unfinished:
    """Runs that were let through (with a slot or without), and those behind them at the gate of their task.

    Those of quick handlers are over at once, so they are only ever found behind.
    """

    def __init__(self) -> None:
        self._ahead: dict[str, dict[Job, asyncio.Task[None] | None]] = {}
        self._behind: dict[str, dict[Job, None]] = {}
        self._stopped: dict[Job, Ending] = {}
        self.queued = 0

    def __contains__(self, task_id: str) -> bool:
        """Whether a task has any."""
        return task_id in self._ahead or task_id in self._behind

    def ahead(self, task_id: str) -> list[Job]:
        """Those of a task that were let through."""
        return list(self._ahead.get(task_id, ()))

    def behind(self, task_id: str) -> list[Job]:
        """Those of a task that wait at the gate, in the order they came."""
        return list(self._behind.get(task_id, ()))

    def add(self, job: Job, task: asyncio.Task[None] | None = None) -> None:
        """A run was let through; with `task` it is under way."""
        self._ahead.setdefault(job.run.task_id, {})[job] = task

    def remove(self, job: Job) -> None:
        """A run that was let through is over, or another member's."""
        self._stopped.pop(job, None)
        _discard(self._ahead, job)

    def queue(self, job: Job) -> None:
        """A run waits at the gate."""
        self._behind.setdefault(job.run.task_id, {})[job] = None
        self.queued += 1
        job.enter()

    def unqueue(self, job: Job) -> bool:
        """Take a run away from the gate; whether it was there."""
        if not _discard(self._behind, job):
            return False
        self.queued -= 1
        job.leave()
        return True

    def next(self, task_id: str) -> Job | None:
        """Take the run from the gate that may go now: the first one, once nothing is ahead of it."""
        queue = self._behind.get(task_id)
        if not queue or task_id in self._ahead:
            return None
        job = next(iter(queue))
        self.unqueue(job)
        return job

    def gated(self) -> list[str]:
        """The tasks of which runs wait at the gate."""
        return list(self._behind)

    def forget(self, feed: Feed) -> None:
        """A partition is another member's: what waited of it is theirs."""
        for jobs in list(self._ahead.values()):
            for job in [job for job, task in jobs.items() if task is None and job.feed is feed]:
                self.remove(job)
        for queue in list(self._behind.values()):
            for job in [job for job in queue if job.feed is feed]:
                self.unqueue(job)

    def stopped(self, job: Job) -> Ending | None:
        """The ending of a run that was told to stop."""
        return self._stopped.get(job)

    def hit_by(self, wanted: Cancel, cancel: Record) -> list[Job]:
        """The runs that a cancel means, of those read so far."""
        through = self._ahead.get(wanted.task_id, {})
        return [
            job
            for job in (*self.behind(wanted.task_id), *through)
            if _before(job.record, cancel)
            and wanted.run_id in (None, job.run.run_id)
            and not job.feed.gone
            and ((task := through.get(job)) is None or not task.done())
        ]

    def stop(self, job: Job, ending: Ending) -> bool:
        """Stop a run that is under way, to end like this; False when it only waits. The first ending stands."""
        task = self._ahead.get(job.run.task_id, {}).get(job)
        if task is not None and job not in self._stopped:
            self._stopped[job] = ending
            task.cancel()
        return task is not None


def _before(run: Record, cancel: Record) -> bool:
    """Whether a run that was read was emitted before a cancel.

    Each lane has a copy of the cancel, and what was read before it in its lane came before it. Of the other lane only
    what is clearly older counts: one copy may be read long after the other, and a run emitted in between is not meant.
    It is hit at all since the other lane's copy may have to wait, behind many runs, until that lane is read on.
    """
    if run.partition != cancel.partition:
        return False
    return run.topic == cancel.topic or run.timestamp < cancel.timestamp - CLEARLY_OLDER_MS


def _discard(jobs_of: dict[str, dict[Job, asyncio.Task[None] | None]] | dict[str, dict[Job, None]], job: Job) -> bool:
    jobs = jobs_of.get(job.run.task_id)
    if jobs is None or job not in jobs:
        return False
    del jobs[job]
    if not jobs:
        del jobs_of[job.run.task_id]
    return True
