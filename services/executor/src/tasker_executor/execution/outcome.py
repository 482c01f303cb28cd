"""PURE. What became of an attempt, whether there is another one, and the messages that tell it."""

from math import ceil
from typing import NamedTuple

import msgspec

from tasker_core.messages import NULL, Outcome, Run, RunError, RunFinished, RunStarted, encode
from tasker_core.retry import next_attempt_ms
from tasker_core.time.instant import rfc3339
from tasker_executor.failure import Failed
from tasker_executor.partition.decoding import instant_ms
from tasker_executor.partition.job import Job

MAX_RESULT_BYTES = 512 * 1024
MAX_MESSAGE_CHARACTERS = 1_000
MAX_KIND_CHARACTERS = 100
MAX_WAIT_SECONDS = 7 * 24 * 3600.0


class Ending(NamedTuple):
    """The outcome of an attempt with its result (JSON) and error.

    `final`: a failure that another attempt can't change. `wait_seconds`: how long the other side wants to be left alone
    (Retry-After).
    """

    outcome: Outcome
    result: msgspec.Raw = NULL
    error: RunError | None = None
    final: bool = False
    wait_seconds: float = 0.0


def succeeded(result: object) -> Ending:
    """The ending with what a handler returned; one that can't be kept is a failure."""
    try:
        return Ending("succeeded", _kept(result))
    except Failed as refused:
        return failed(refused)


def failed(failure: Failed) -> Ending:
    """The ending of a failed attempt, with what it brought all the same if that can be kept."""
    try:
        kept = _kept(failure.result)
    except Failed:
        kept = NULL
    error = RunError(_text(failure.kind, MAX_KIND_CHARACTERS), _text(failure, MAX_MESSAGE_CHARACTERS))
    return Ending("failed", kept, error, failure.final, failure.wait_seconds)


def cancelled() -> Ending:
    """The ending of an attempt that somebody has cancelled."""
    return Ending("cancelled", NULL, RunError("cancelled", "cancelled on request"))


def replaced(by: Run) -> Ending:
    """The ending of an attempt that a later run of its task has replaced."""
    message = f"cancelled, because {_named(by)} replaced it: the task's overlap is replace"
    return Ending("cancelled", NULL, RunError("replaced", message))


def skipped(run: Run, because: Run) -> Ending:
    """The ending of a run that was not started because of another one of its task."""
    overlap = run.policy.overlap
    why = {
        "replace": f"{_named(because)} is newer and unfinished, and only what is older is replaced",
        "queue_one": f"{_named(because)} waits already, and one at most does: the task's overlap is queue_one",
        "queue_all": f"as many as may wait already, last {_named(because)}: the task's overlap is queue_all",
    }.get(overlap, f"{_named(because)} was unfinished, and the task's overlap is {overlap}")
    attempt = f"attempt {run.attempt} was " if run.attempt > 1 else ""
    return Ending("skipped", NULL, RunError("overlap", f"{attempt}not started: {why}"))


def gave_way(to: Run) -> Ending:
    """The ending of a repeated attempt that gave its place among the waiting ones to a newer run."""
    message = f"not tried again: {_named(to)} is newer, and only {to.policy.overlap.replace('_', ' ')} may wait"
    return Ending("skipped", NULL, RunError("overlap", message))


def next_at_ms(run: Run, ending: Ending, failed_ms: int) -> int | None:
    """When the next attempt of a run is due, in whole seconds (as epoch milliseconds); None when there is none.

    The age of a backfilled run counts from its emission: it was due long ago.
    """
    if ending.outcome != "failed" or ending.final:
        return None
    due = next_attempt_ms(
        run.policy.retry,
        run_id=run.run_id,
        attempt=run.attempt,
        effective_ms=instant_ms(run.emitted_at if run.kind == "backfill" else run.effective_at),
        failed_ms=failed_ms,
        wait_ms=ceil(min(max(0.0, ending.wait_seconds), MAX_WAIT_SECONDS) * 1000),
    )
    return None if due is None else -(-due // 1000) * 1000


def finished(
    job: Job, ending: Ending, started_ms: int | None, finished_ms: int, worker: str, next_ms: int | None = None
) -> bytes:
    """The `run.finished` of a run; `next_ms` is when its next attempt is due."""
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
            outcome=ending.outcome,
            retry_at=None if next_ms is None else rfc3339(next_ms),
            received_at=rfc3339(job.received_ms),
            started_at=None if started_ms is None else rfc3339(started_ms),
            finished_at=rfc3339(finished_ms),
            result=ending.result,
            error=ending.error,
            worker=worker,
            lane=job.lane,
        )
    )


def started(job: Job, started_ms: int, worker: str) -> bytes:
    """The `run.started` of a run."""
    fields = {name: getattr(job.run, name) for name in job.run.__struct_fields__}
    received, began = rfc3339(job.received_ms), rfc3339(started_ms)
    return encode(RunStarted(**fields, received_at=received, started_at=began, worker=worker, lane=job.lane))


def _named(run: Run) -> str:
    return f"the run of {run.nominal_at} ({run.run_id})"


def _text(said: object, most: int) -> str:
    """What a handler says, whatever that is; half of a surrogate pair can't be written."""
    return str(said)[:most].encode(errors="replace").decode()


def _kept(result: object) -> msgspec.Raw:
    """A result as JSON. Raises Failed when it is none, or too large."""
    if result is None:
        return NULL
    try:
        body = encode(result)
    except Exception as error:  # it may be an object that does anything when it is looked at
        raise Failed("result_not_json", f"the handler's result is no JSON: {error}", final=True) from error
    if len(body) > MAX_RESULT_BYTES:
        limit = MAX_RESULT_BYTES // 1024
        message = f"the handler's result has {len(body)} bytes of JSON; at most {limit} KiB fit"
        raise Failed("result_too_large", message, final=True)
    return msgspec.Raw(body)
