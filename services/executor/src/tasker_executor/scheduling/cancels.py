"""Which runs a cancel means; and cancels that wait for the runs they have stopped, or came too late to stop.

They are finished when the ends of these are acknowledged: a restart before that runs them again, and must find the
cancel behind them.
"""

from tasker_core.kafka_record import Record
from tasker_core.messages.runs import Cancel
from tasker_executor.partition.job import Job
from tasker_executor.partition.partition import LanePartition

CLEARLY_OLDER_MS = 1_000
"""More than one transaction of the ticker takes, and than the clocks of brokers are apart."""


def is_meant(job: Job, cancel: Cancel, record: Record) -> bool:
    """Whether a cancel means a run that was read; `record` is that of the cancel."""
    return (
        job.run.task_id == cancel.task_id
        and cancel.run_id in (None, job.run.run_id)
        and not job.abandoned
        and _emitted_before(job.record, record)
    )


def _emitted_before(run: Record, cancel: Record) -> bool:
    """Whether a run that was read was emitted before a cancel.

    Each lane has a copy of the cancel, and what was read before it in its lane came before it. Of the other lane only
    what is clearly older counts: one copy may be read long after the other, and a run emitted in between is not meant.
    It is matched at all since the other lane's copy may have to wait, behind many runs, until that lane is read on.
    """
    if run.partition != cancel.partition:
        return False
    return run.topic == cancel.topic or run.timestamp < cancel.timestamp - CLEARLY_OLDER_MS


class PendingCancel:
    """The record of a cancel, and the runs that it means and whose results are not acknowledged yet."""

    def __init__(self, partition: LanePartition, record: Record, jobs: list[Job]) -> None:
        self._partition, self._record, self._jobs = partition, record, set(jobs)
        self._finish_if_done()

    def remove(self, job: Job) -> None:
        """The result of a run is acknowledged, or the run is another member's."""
        self._jobs.discard(job)
        self._finish_if_done()

    def _finish_if_done(self) -> None:
        if not self._jobs:
            self._partition.offsets.finish(self._record.offset)


class PendingCancels:
    """All cancels that are pending, by the runs that they wait for."""

    def __init__(self) -> None:
        self._by_job: dict[Job, list[PendingCancel]] = {}

    def add(self, partition: LanePartition, record: Record, jobs: list[Job]) -> None:
        """A cancel means these runs; without any it is finished."""
        pending = PendingCancel(partition, record, jobs)
        for job in jobs:
            self._by_job.setdefault(job, []).append(pending)

    def remove(self, job: Job) -> None:
        """The result of a run is acknowledged: no cancel waits for it any more."""
        for pending in self._by_job.pop(job, ()):
            pending.remove(job)

    def forget(self, partition: LanePartition) -> None:
        """A partition is another member's: a cancel in the other lane, if that stays, no longer waits for its runs."""
        for job in [job for job in self._by_job if job.partition is partition]:
            self.remove(job)
