"""Tells what became of an attempt; what it says is durable before the offset of its record is passed."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tasker_executor import metrics
from tasker_executor.announcements.foreign_handlers import Elsewhere
from tasker_executor.execution.outcome import Ending, finished, next_at_ms, started
from tasker_executor.handlers.local_handlers import Registry
from tasker_executor.partition.decoding import instant_ms
from tasker_executor.partition.job import Job
from tasker_executor.partition.partition import Feed
from tasker_executor.reporting.dead_letters import Burials
from tasker_executor.reporting.result_producer import Results
from tasker_executor.reporting.retries import Retries
from tasker_executor.reporting.task_events import Outcomes, counts
from tasker_runtime.clock import Clock
from tasker_runtime.logs import Log

Step = Callable[[], Coroutine[Any, Any, None]]
Spawn = Callable[[Feed, Coroutine[Any, Any, None]], object]


@dataclass(frozen=True, slots=True)
class Shell:
    """What a runner works with. `worker` names this process in the results."""

    handlers: Registry
    results: Results
    burials: Burials
    retries: Retries
    outcomes: Outcomes
    clock: Clock
    worker: str
    log: Log
    elsewhere: Elsewhere = field(default_factory=Elsewhere)


class Telling:
    """Writes results. `told` is called with each job whose end is acknowledged; `spawn` does what takes time."""

    def __init__(self, shell: Shell, spawn: Spawn, told: Callable[[Job], None]) -> None:
        self._shell, self._spawn, self._told = shell, spawn, told

    def started(self, job: Job, began_ms: int) -> None:
        """An attempt is still going on."""
        self._add(job, started(job, began_ms, self._shell.worker), None)

    def ended(self, job: Job, ending: Ending, began_ms: int | None) -> None:
        """An attempt is over; `began_ms` is when it started, None when it did not.

        Of a failed one either the next attempt is asked for, or it is kept as a dead letter, before its end is told. Of
        a task that counts its failures, the ticker is told of each last end before, too.
        """
        now, run = self._shell.clock.now_ms(), job.run
        handler = run.handler if run.handler in self._shell.handlers else "unknown"
        metrics.outcomes(handler, ending.outcome).inc()
        if began_ms is not None:
            metrics.duration(handler).observe((now - began_ms) / 1000)
            metrics.lateness(job.lane).observe(max(0, began_ms - instant_ms(run.effective_at)) / 1000)
        next_ms = next_at_ms(run, ending, now)
        value = finished(job, ending, began_ms, now, self._shell.worker, next_ms)
        if ending.outcome != "failed" or ending.error is None:
            if counts(run, ending):
                self._spawn(job.feed, self._after(job, value, self._outcome(job, ending)))
            else:
                self._add(job, value, partial(self._told, job))
            return
        kind, message = ending.error.kind, ending.error.message
        self._shell.log.warning(
            "run failed",
            task_id=run.task_id,
            run_id=run.run_id,
            attempt=run.attempt,
            kind=kind,
            reason=message,
            again=next_ms is not None,
        )
        if next_ms is not None:
            steps: list[Step] = [partial(self._shell.retries.ask, run, job.record.partition, next_ms)]
        else:
            steps = [partial(self._shell.burials.publish, job.record, f"{kind}: {message}")]
            if counts(run, ending):
                steps.append(self._outcome(job, ending))
        self._spawn(job.feed, self._after(job, value, *steps))

    def _outcome(self, job: Job, ending: Ending) -> Step:
        return partial(self._shell.outcomes.tell, job.run, job.record.partition, ending)

    async def _after(self, job: Job, value: bytes, *steps: Step) -> None:
        for step in steps:
            await step()
        self._add(job, value, partial(self._told, job))

    def _add(self, job: Job, value: bytes, told: Callable[[], None] | None) -> None:
        self._shell.results.add(job.record.partition, job.run.task_id.encode(), value, told)
