"""Reports what became of attempts; all reports are acknowledged before the offset of the run's record is committed."""

import asyncio
from collections.abc import Callable, Container, Coroutine
from functools import partial
from typing import Any, Protocol

from tasker_core.kafka_record import Record
from tasker_executor import metrics
from tasker_executor.awaited_callback import AwaitedCallback
from tasker_executor.execution.outcome import AttemptOutcome, next_attempt_at_ms
from tasker_executor.partition.decoding import instant_ms
from tasker_executor.partition.job import Job
from tasker_executor.partition.partition import LanePartition
from tasker_executor.partition.result_bytes import ResultBytes
from tasker_executor.reporting.dead_letters import DeadLetterReporter
from tasker_executor.reporting.result_messages import run_finished, run_started
from tasker_executor.reporting.task_event_publisher import TaskEventPublisher, reports_end
from tasker_executor.run_log_fields import run_fields
from tasker_executor.run_spans import RunSpans
from tasker_runtime.clock import Clock
from tasker_runtime.logs import Log
from tasker_runtime.tracing.spans import Attribute

Step = Callable[[], Coroutine[Any, Any, None]]
Acknowledged = Callable[[Job], None]
Spawn = Callable[[LanePartition, Coroutine[Any, Any, None]], object]


class ResultSink(Protocol):
    """Where results go. What is added is sent until it is acknowledged; then `acknowledged` is called."""

    def add(self, partition: int, key: bytes, value: bytes, acknowledged: Callable[[], None] | None = None) -> None:
        """Send a result to the partition of its run."""
        ...


class Reporter:
    """Writes results, dead letters and task events. `spawn` does what takes time, `worker` names this process.

    `handlers` are the names of handlers that metrics know; `unsent` counts results that wait.
    """

    def __init__(
        self,
        results: ResultSink,
        dead_letters: DeadLetterReporter,
        task_events: TaskEventPublisher,
        spawn: Spawn,
        handlers: Container[str],
        clock: Clock,
        worker: str,
        log: Log,
        spans: RunSpans | None = None,
        unsent: ResultBytes | None = None,
    ) -> None:
        self._unsent = unsent or ResultBytes()
        self._traced = spans or RunSpans()
        self._results, self._dead_letters, self._task_events = results, dead_letters, task_events
        self._spawn, self._handlers = spawn, handlers
        self._clock, self._worker, self._log = clock, worker, log

    def report_start(self, job: Job, started_ms: int) -> None:
        """An attempt is still going on."""
        self._add(job, run_started(job, started_ms, self._worker), None)

    def report_wait(self, job: Job, callback: AwaitedCallback, started_ms: int, acknowledged: Acknowledged) -> None:
        """An attempt waits for its callback: the ticker keeps it from here on; `acknowledged` is called at the end."""
        value = run_started(job, started_ms, self._worker, callback.deadline * 1000)
        publish = partial(self._task_events.publish_wait, job, started_ms, callback.deadline)
        self._spawn(job.partition, self._add_after([publish], job, value, partial(acknowledged, job)))

    def report_outcome(
        self,
        job: Job,
        outcome: AttemptOutcome,
        started_ms: int | None,
        acknowledged: Acknowledged,
        finished_ms: int | None = None,
    ) -> None:
        """An attempt is over; `started_ms` is None when it did not start, `acknowledged` is called at the end.

        It is over now, unless `finished_ms` says when it was.
        Before the result of a failed attempt is sent, either the next attempt is requested or a dead letter is written.
        Where the ticker wants to know final outcomes, it gets this before, too. Other tasks are started when
        the result is acknowledged, so that it can be found where they look for it.
        """
        now, run = self._clock.now_ms(), job.run
        ended_ms = now if finished_ms is None else finished_ms
        self._measure(job, outcome, started_ms, ended_ms)
        retry_ms = next_attempt_at_ms(run, outcome, now)
        if run.kind == "alert" and retry_ms is None:
            metrics.ALERTS.labels(outcome.status).inc()
        if self._traced.samples(run):
            self._trace(job, outcome, started_ms, ended_ms, again=retry_ms is not None)
        value = run_finished(job, outcome, started_ms, ended_ms, self._worker, retry_ms)
        done = partial(acknowledged, job)
        steps: list[Step] = []
        if outcome.status == "failed" and outcome.error is not None:
            kind, message = outcome.error.kind, outcome.error.message
            self._log.warning(
                "run failed",
                **run_fields(run, job.record.partition),
                handler=run.handler,
                kind=kind,
                reason=message,
                again=retry_ms is not None,
            )
            if retry_ms is not None:
                steps.append(partial(self._task_events.publish_retry, run, job.record.partition, retry_ms))
            else:
                steps.append(partial(self._dead_letters.write, job.record, f"{kind}: {message}", "failed"))
        if retry_ms is None and reports_end(run, outcome):
            steps.append(partial(self._task_events.publish_outcome, run, job.record.partition, outcome))
        if run.policy.then is not None and retry_ms is None and outcome.status in ("succeeded", "failed"):
            starts = partial(self._task_events.publish_starts, run, job.lane, outcome.status)
            self._spawn(job.partition, self._add_before(starts, steps, job, value, done))
        elif steps:
            self._spawn(job.partition, self._add_after(steps, job, value, done))
        else:
            self._add(job, value, done)

    async def report_undecodable(self, record: Record, reason: str) -> None:
        """Return when the dead letter of a record that is no run is acknowledged."""
        about = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        self._log.warning("dead letter", **about, reason=reason[:300])
        await self._dead_letters.write(record, reason, "unusable")

    def _trace(self, job: Job, outcome: AttemptOutcome, started_ms: int | None, now: int, *, again: bool) -> None:
        error = None if outcome.status != "failed" else outcome.error.kind if outcome.error else "failed"
        attributes: dict[str, Attribute] = {
            "tasker.outcome": outcome.status,
            "tasker.lane": job.lane,
            "tasker.partition": job.record.partition,
        }
        if again:
            attributes["tasker.retried"] = True
        if outcome.error is not None:
            attributes["error.type"] = outcome.error.kind
        self._traced.record_attempt(
            job.run,
            received_ms=job.received_ms,
            started_ms=started_ms,
            finished_ms=now,
            attributes=attributes,
            error=error,
        )

    def _measure(self, job: Job, outcome: AttemptOutcome, started_ms: int | None, now: int) -> None:
        handler = job.run.handler if job.run.handler in self._handlers else "unknown"
        metrics.attempts(handler, outcome.status).inc()
        if outcome.status == "failed" and outcome.error is not None:
            metrics.count_failure(handler, outcome.error.kind)
        if started_ms is not None:
            metrics.duration(handler).observe((now - started_ms) / 1000)
            metrics.lateness(job.lane).observe(max(0, started_ms - instant_ms(job.run.effective_at)) / 1000)

    async def _add_after(self, steps: list[Step], job: Job, value: bytes, acknowledged: Callable[[], None]) -> None:
        with self._unsent.holding(len(value)):
            for step in steps:
                await step()
        self._add(job, value, acknowledged)

    async def _add_before(
        self, starts: Step, steps: list[Step], job: Job, value: bytes, acknowledged: Callable[[], None]
    ) -> None:
        added = asyncio.Event()
        await self._add_after(steps, job, value, added.set)
        await added.wait()
        await starts()
        acknowledged()

    def _add(self, job: Job, value: bytes, acknowledged: Callable[[], None] | None) -> None:
        self._results.add(job.record.partition, job.run.task_id.encode(), value, acknowledged)
