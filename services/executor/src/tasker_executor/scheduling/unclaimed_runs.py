"""Runs whose handler nobody is known to have: they wait without a slot until the newest announcements are read.

Until then each may be another group's, and that group alone may say how it ends. So what stops it meanwhile is only
noted, and holds once it is known that the run is nobody's.
"""

import asyncio

from tasker_core.kafka_record import Record
from tasker_core.messages.runs import Cancel
from tasker_executor.announcements.foreign_handlers import ForeignHandlers
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.execution.attempt import too_old_outcome
from tasker_executor.execution.outcome import AttemptOutcome, failed
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.partition.job import Job
from tasker_executor.partition.partition import LanePartition
from tasker_executor.scheduling.cancels import is_meant
from tasker_runtime.clock import Clock

REFRESH_SECONDS = 1.0
"""After this it is tried again to read the announcements."""


class UnclaimedRuns:
    """The runs that wait until it is known whose they are, with the outcome of those that were stopped meanwhile."""

    def __init__(self, foreign: ForeignHandlers, local: LocalHandlers, clock: Clock) -> None:
        self._foreign, self._local, self._clock = foreign, local, clock
        self._waiting: dict[str, dict[Job, AttemptOutcome | None]] = {}
        """By task."""

    def add(self, job: Job) -> None:
        """A run waits, from now on: a cancel that comes next is to find it."""
        self._waiting.setdefault(job.run.task_id, {})[job] = None
        job.start_waiting(job.run.handler)

    async def outcome(self, job: Job) -> AttemptOutcome | None:
        """How a run ends here, as soon as it is known, or it is too old to start; None: it is another group's."""
        while not await self._foreign.refresh():
            if (outcome := too_old_outcome(job.run, self._clock.now_ms())) is not None:
                return self._remove(job) or outcome
            await asyncio.sleep(REFRESH_SECONDS)
        stopped, name = self._remove(job), job.run.handler
        if name in self._foreign:
            return None
        message = f"no handler {name[:200]!r} here; there are {self._local.names()}"
        return stopped or failed(AttemptFailed("unknown_handler", message, final=True))

    def matching(self, cancel: Cancel, record: Record) -> list[Job]:
        """The runs that a cancel means; `record` is that of the cancel."""
        return [job for job in self._waiting.get(cancel.task_id, ()) if is_meant(job, cancel, record)]

    def stop(self, job: Job, outcome: AttemptOutcome) -> None:
        """A run that waits ends with this outcome, if it is nobody's. The first one stands."""
        jobs = self._waiting[job.run.task_id]
        jobs[job] = jobs[job] or outcome

    def forget(self, partition: LanePartition) -> None:
        """A partition is another member's: so are its runs."""
        for jobs in list(self._waiting.values()):
            for job in [job for job in jobs if job.partition is partition]:
                self._remove(job)

    def _remove(self, job: Job) -> AttemptOutcome | None:
        """A run waits no longer. Returns the outcome with which it was stopped."""
        job.stop_waiting(job.run.handler)
        jobs = self._waiting[job.run.task_id]
        outcome = jobs.pop(job)
        if not jobs:
            del self._waiting[job.run.task_id]
        return outcome
