"""PURE. The messages of the topic `results`."""

from typing import Protocol

from tasker_core.messages.base import encode
from tasker_core.messages.runs import Run, RunFinished, RunStarted
from tasker_core.time.instant import rfc3339
from tasker_executor.execution.outcome import AttemptOutcome
from tasker_executor.partition.priority_lanes import Lane


class ReceivedRun(Protocol):
    """A run that was read from a lane, at `received_ms` (epoch milliseconds)."""

    @property
    def run(self) -> Run: ...
    @property
    def lane(self) -> Lane: ...
    @property
    def received_ms(self) -> int: ...


def run_started(job: ReceivedRun, started_ms: int, worker: str, waiting_until_ms: int | None = None) -> bytes:
    """The `run.started` of a run; `waiting_until_ms` is when its callback must have come."""
    fields = {name: getattr(job.run, name) for name in job.run.__struct_fields__}
    return encode(
        RunStarted(
            **fields,
            received_at=rfc3339(job.received_ms),
            started_at=rfc3339(started_ms),
            worker=worker,
            lane=job.lane,
            waiting_until=None if waiting_until_ms is None else rfc3339(waiting_until_ms),
        )
    )


def run_finished(
    job: ReceivedRun,
    outcome: AttemptOutcome,
    started_ms: int | None,
    finished_ms: int,
    worker: str,
    retry_ms: int | None = None,
) -> bytes:
    """The `run.finished` of a run; `retry_ms` is when its next attempt is due."""
    run = job.run
    return encode(
        RunFinished(
            run_id=run.run_id,
            task_id=run.task_id,
            task_name=run.task_name,
            generation=run.generation,
            version=run.version,
            kind=run.kind,
            nominal_at=run.nominal_at,
            effective_at=run.effective_at,
            emitted_at=run.emitted_at,
            next_at=run.next_at,
            attempt=run.attempt,
            handler=run.handler,
            payload=run.payload,
            policy=run.policy,
            traceparent=run.traceparent,
            after=run.after,
            chain=run.chain,
            outcome=outcome.status,
            retry_at=None if retry_ms is None else rfc3339(retry_ms),
            received_at=rfc3339(job.received_ms),
            started_at=None if started_ms is None else rfc3339(started_ms),
            finished_at=rfc3339(finished_ms),
            result=outcome.result,
            error=outcome.error,
            worker=worker,
            lane=job.lane,
        )
    )
