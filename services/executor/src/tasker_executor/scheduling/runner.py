"""From a record to the attempt it means: decoded, past the overlap policy of its task, into a slot, and out again."""

import asyncio
from dataclasses import dataclass
from functools import partial

from tasker_core.kafka_record import Record
from tasker_core.messages.runs import Cancel, ReportedEnd
from tasker_executor import metrics
from tasker_executor.announcements.foreign_handlers import ForeignHandlers
from tasker_executor.awaited_callback import AwaitedCallback
from tasker_executor.execution.attempt import run_quick, run_slow, too_old_outcome
from tasker_executor.execution.outcome import AttemptOutcome, cancelled, displaced, replaced, reported, skipped
from tasker_executor.handlers.local_handlers import LocalHandlers, SlowHandler
from tasker_executor.handlers.plugins.lingering_threads import LingeringThreads
from tasker_executor.partition.asyncio_tasks import AsyncioTasks
from tasker_executor.partition.decoding import UndecodableRecord, decode_record, instant_ms
from tasker_executor.partition.job import Job
from tasker_executor.partition.partition import LanePartition
from tasker_executor.partition.result_bytes import ResultBytes
from tasker_executor.reporting.reporter import Reporter
from tasker_executor.run_log_fields import set_partition
from tasker_executor.scheduling.cancels import PendingCancels
from tasker_executor.scheduling.host_limits import HostLimits
from tasker_executor.scheduling.in_flight import InFlightRuns
from tasker_executor.scheduling.overlap import QueueRun, ReplaceRuns, SkipRun, StartRun, decide
from tasker_executor.scheduling.slots import Slots
from tasker_executor.scheduling.unclaimed_runs import UnclaimedRuns
from tasker_runtime.clock import Clock
from tasker_runtime.logs import Log

START_REPORT_SECONDS = 1.0
"""A run that is still going on after this is reported as started."""


@dataclass(frozen=True, slots=True)
class RunnerDependencies:
    """What a runner works with."""

    handlers: LocalHandlers
    lingering_threads: LingeringThreads
    reporter: Reporter
    tasks: AsyncioTasks
    clock: Clock
    log: Log
    foreign_handlers: ForeignHandlers
    unsent: ResultBytes


class Runner:
    """Takes records and sees to it that each ends in a result."""

    def __init__(self, dependencies: RunnerDependencies, concurrency: int, per_host: int) -> None:
        self._handlers, self._lingering = dependencies.handlers, dependencies.lingering_threads
        self._reporter, self._tasks = dependencies.reporter, dependencies.tasks
        self._clock, self._log, self._foreign = dependencies.clock, dependencies.log, dependencies.foreign_handlers
        self._unsent, self._was_full, self._held = dependencies.unsent, False, False
        slots = Slots(concurrency, self._start, self._is_held)
        self.slots = HostLimits(slots, self._handlers.called_host, per_host)
        self._in_flight, self._cancels = InFlightRuns(), PendingCancels()
        self._unclaimed = UnclaimedRuns(dependencies.foreign_handlers, self._handlers, self._clock)

    @property
    def queue_length(self) -> int:
        """How many runs wait for an earlier one of their task."""
        return self._in_flight.queue_length

    def accept(self, partition: LanePartition, record: Record, received_ms: int) -> None:
        """Take a record that was read; one that is finished or in flight already is ignored."""
        if not partition.offsets.accept(record.offset):
            return
        try:
            content = decode_record(record.value)
        except UndecodableRecord as error:
            self._tasks.spawn(partition, self._discard(partition, record, str(error)))
            return
        if isinstance(content, Cancel):
            self._cancel(content, partition, record)
            return
        if isinstance(content, ReportedEnd):
            self._end_reported(content, partition, record)
            return
        run, timeout_seconds = content
        job = Job(partition, record, run, received_ms, timeout_seconds)
        if run.handler in self._foreign:
            job.finish()
        elif run.handler not in self._handlers:
            self._unclaimed.add(job)
            self._tasks.spawn(partition, self._end_unclaimed(job))
        elif run.policy.overlap == "allow":  # also decided below, but such a task may have very many runs to look at
            self._activate(job)
        else:
            self._decide(job)

    def take_more(self) -> bool:
        """Whether records may be read: not while too many bytes of results wait for Kafka. Then nothing starts, either,
        and goes on with the first call that finds room again."""
        is_full, was_full = self._unsent.is_full, self._was_full
        self._was_full = is_full
        if is_full and not was_full:
            self._log.warning("results wait for Kafka: nothing is read or started", bytes=self._unsent.size)
        if was_full and not is_full:
            self._log.info("results are written: reading on")
        if self._held and not is_full:
            self.resume()
        return not is_full

    def _is_held(self) -> bool:
        """Whether nothing may start for now. It may have been so between two polls only: none of them sees it then."""
        self._held = self._unsent.is_full
        return self._held

    def pause(self) -> None:
        """Start nothing until `resume`: it is not known which partitions are ours."""
        self.slots.pause()

    def resume(self) -> None:
        """It is known which partitions are ours: start what waits."""
        self.slots.resume()
        for task_id in self._in_flight.tasks_with_queue():
            self._start_queued(task_id)

    def forget(self, partition: LanePartition) -> None:
        """A partition is another member's: so are its runs that wait, and those that a cancel in its lane stops."""
        self._in_flight.forget(partition)
        self._unclaimed.forget(partition)
        self._cancels.forget(partition)

    def _decide(self, job: Job) -> None:
        """What happens to a run, as others of its task may be unfinished."""
        run, in_flight = job.run, self._in_flight
        decision = decide(run.policy.overlap, in_flight.active(run.task_id), in_flight.queued(run.task_id), job)
        if not isinstance(decision, StartRun):
            metrics.overlaps(run.policy.overlap, decision.label).inc()
        match decision:
            case StartRun():
                self._activate(job)
            case SkipRun(because=other):
                self._report(job, skipped(run, other.run), None)
            case QueueRun(instead_of=other):
                in_flight.enqueue(job)
                if other is not None:
                    self._drop_waiting(other, displaced(run))
            case ReplaceRuns(replaced=others):
                in_flight.enqueue(job)
                for other in others:
                    self._stop(other, replaced(run))
                self._start_queued(run.task_id)

    def _activate(self, job: Job) -> None:
        """Run it at once if its handler waits for nothing, else as soon as there is a slot."""
        if quick := self._handlers.quick.get(job.run.handler):
            started_ms = self._clock.now_ms()
            if (outcome := too_old_outcome(job.run, started_ms)) is not None:
                self._report(job, outcome, None)
            else:
                set_partition(job.record.partition)
                self._report(job, run_quick(job.run, quick, self._log), started_ms)
        else:
            self._in_flight.add(job)
            self.slots.add(job)

    def _start_queued(self, task_id: str) -> None:
        """Activate queued runs of a task, as many as may be."""
        while self.slots.open and (job := self._in_flight.pop_next(task_id)) is not None:
            self._activate(job)

    def _start(self, job: Job) -> None:
        """Start a run that has got a slot."""
        task = self._tasks.spawn(job.partition, self._execute(job, self._handlers.slow[job.run.handler]))
        self._in_flight.add(job, task)
        # Not at the coroutine's end: one that is cancelled before its first step has none.
        task.add_done_callback(partial(self._executed, job))

    async def _execute(self, job: Job, handler: SlowHandler) -> None:
        set_partition(job.record.partition)
        started_ms = self._clock.now_ms()
        if (outcome := too_old_outcome(job.run, started_ms)) is not None:
            self._end(job, outcome, None)
            return
        loop = asyncio.get_running_loop()
        start_report = loop.call_later(START_REPORT_SECONDS, self._reporter.report_start, job, started_ms)
        try:
            outcome = await run_slow(job, handler, lambda: self._in_flight.stop_outcome(job), self._log)
        finally:
            start_report.cancel()
        if isinstance(outcome, AwaitedCallback):
            self._in_flight.remove(job)
            self._in_flight.report(job)
            self._reporter.report_wait(job, outcome, started_ms, self._acknowledged)
        else:
            self._end(job, outcome, started_ms)

    def _end(self, job: Job, outcome: AttemptOutcome, started_ms: int | None) -> None:
        """Report the end, and remove the run in the same moment: none is skipped because of a run that has ended."""
        if job.run.run_id not in self._lingering:
            self._in_flight.remove(job)
        self._report(job, outcome, started_ms)

    def _end_reported(self, end: ReportedEnd, partition: LanePartition, record: Record) -> None:
        """Report the end of an attempt that waited for its callback: nothing is run, and nothing stands in its way."""
        job = Job(partition, record, end.run, instant_ms(end.received_at), timeout_seconds=0)
        if end.run.handler in self._foreign:
            job.finish()
            return
        started_ms = instant_ms(end.started_at)
        finished_ms = max(started_ms, instant_ms(end.reported_at))
        self._reporter.report_outcome(job, reported(end), started_ms, self._acknowledged, finished_ms)

    def _executed(self, job: Job, task: asyncio.Task[None]) -> None:
        outcome = self._in_flight.stop_outcome(job)
        if task.cancelled() and outcome is not None and not job.abandoned:
            self._report(job, outcome, None)  # before its first step
        thread = self._lingering.pop(job.run.run_id)
        if thread is None:
            self._release(job)
        else:  # it keeps its slot, and its task's other runs waiting
            thread.add_done_callback(lambda _: self._release(job))

    def _release(self, job: Job) -> None:
        self._in_flight.remove(job)
        self.slots.release(job)
        self._start_queued(job.run.task_id)

    def _cancel(self, cancel: Cancel, partition: LanePartition, record: Record) -> None:
        jobs, unclaimed = self._in_flight.matching(cancel, record), self._unclaimed.matching(cancel, record)
        self._cancels.add(partition, record, [*jobs, *unclaimed, *self._in_flight.reported(cancel, record)])
        for job in unclaimed:
            self._unclaimed.stop(job, cancelled())
        for job in jobs:
            self._stop(job, cancelled())
        self._start_queued(cancel.task_id)

    def _stop(self, job: Job, outcome: AttemptOutcome) -> None:
        if not self._in_flight.stop(job, outcome):
            self._drop_waiting(job, outcome)

    def _drop_waiting(self, job: Job, outcome: AttemptOutcome) -> None:
        """End a run that only waits. No other starts for it yet: it might be one that is to be ended next."""
        if self.slots.remove(job):
            self._in_flight.remove(job)
        else:
            self._in_flight.dequeue(job)
        self._report(job, outcome, None)

    def _report(self, job: Job, outcome: AttemptOutcome, started_ms: int | None) -> None:
        self._in_flight.report(job)
        self._reporter.report_outcome(job, outcome, started_ms, self._acknowledged)

    def _acknowledged(self, job: Job) -> None:
        job.finish()
        self._in_flight.acknowledge(job)
        self._cancels.remove(job)

    async def _end_unclaimed(self, job: Job) -> None:
        outcome = await self._unclaimed.outcome(job)
        if outcome is None:
            self._acknowledged(job)  # by its own group, which a cancel reaches, too
        else:
            self._report(job, outcome, None)

    async def _discard(self, partition: LanePartition, record: Record, reason: str) -> None:
        await self._reporter.report_undecodable(record, reason)
        partition.offsets.finish(record.offset)
