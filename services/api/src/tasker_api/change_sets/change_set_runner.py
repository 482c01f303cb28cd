"""Carries change-sets out beside the requests of this process."""

import asyncio
from functools import partial
from typing import Final

from tasker_api.change_sets.change_set_job import ChangeSetJob, ChangeSetOrder, JobParts
from tasker_api.change_sets.portions import PortionSource
from tasker_api.problems import Problem
from tasker_core.documents.change_sets import ChangeSetDocument

MAX_AT_ONCE: Final = 8


class ChangeSetRunner:
    """Jobs run from when they are begun, as long as `run` does."""

    def __init__(self, parts: JobParts) -> None:
        self._parts = parts
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._carried: dict[str, ChangeSetJob] = {}

    def job(self, order: ChangeSetOrder) -> ChangeSetJob:
        """A job that carries a change-set out once it is begun. Raises Problem (429) when there are too many."""
        if len(self._jobs) >= MAX_AT_ONCE:
            detail = f"{MAX_AT_ONCE} change-sets are being carried out by this process: wait for one, or cancel one"
            raise Problem(429, detail, headers={"Retry-After": "5"})
        return ChangeSetJob(self._parts, order)

    def is_running(self, change_set: str) -> bool:
        """Whether this process carries it out."""
        return change_set in self._jobs

    def look(self, change_set: str) -> None:
        """Let the job of a change-set, if it is here, look at the log at once."""
        if (job := self._carried.get(change_set)) is not None:
            job.look()

    def asked(self, change_set: str) -> ChangeSetDocument | None:
        """How a change-set of this process was begun, which the log may not show yet."""
        job = self._carried.get(change_set)
        return None if job is None else job.order.asked

    def carries_out(self, source: PortionSource) -> bool:
        """Whether a job has this source, which it closes."""
        return any(job.order.source is source for job in self._carried.values())

    def is_of_this_process(self, owner: str) -> bool:
        """Whether an owner of a change-set was a job of this process."""
        return owner.startswith(f"{self._parts.instance} ")

    def begin(self, job: ChangeSetJob) -> None:
        """Let a job run, unless its change-set is carried out here already."""
        name = job.order.id
        if name in self._jobs:
            self._carried[name].patience_ms = max(self._carried[name].patience_ms, job.patience_ms)
        else:
            self._carried[name] = job
            self._jobs[name] = asyncio.create_task(self._run(job))
            self._jobs[name].add_done_callback(partial(self._ended, name))

    async def run(self) -> None:
        """Until cancelled; then the jobs are as well, and another process goes on with them when it is asked to."""
        try:
            await asyncio.Event().wait()
        finally:
            jobs = list(self._jobs.values())
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)

    async def _run(self, job: ChangeSetJob) -> None:
        ending = await job.run()
        self._parts.log.info("change-set ended", change_set=job.order.id, ending=ending)

    def _ended(self, name: str, job: "asyncio.Task[None]") -> None:
        del self._jobs[name], self._carried[name]
        if not job.cancelled() and (error := job.exception()) is not None:
            self._parts.log.error("change-set failed", change_set=name, exc_info=error)
