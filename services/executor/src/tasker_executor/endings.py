"""PURE. What became of an attempt, and the messages that tell it."""

from typing import NamedTuple

import msgspec

from tasker_core.instant import rfc3339
from tasker_core.messages import NULL, Outcome, RunError, RunFinished, RunStarted, encode
from tasker_executor.failure import Failed
from tasker_executor.job import Job

MAX_RESULT_BYTES = 512 * 1024
MAX_MESSAGE_CHARACTERS = 1_000


class Ending(NamedTuple):
    """The outcome of an attempt with its result (JSON) and error."""

    outcome: Outcome
    result: msgspec.Raw = NULL
    error: RunError | None = None


def succeeded(result: object) -> Ending:
    """The ending with what a handler returned; one that can't be kept is a failure."""
    try:
        return Ending("succeeded", _kept(result))
    except Failed as refused:
        return _failed(refused.kind, str(refused), NULL)


def failed(kind: str, message: str, result: object = None) -> Ending:
    """The ending of a failed attempt, with what it brought all the same if that can be kept."""
    try:
        kept = _kept(result)
    except Failed:
        kept = NULL
    return _failed(kind, message, kept)


def cancelled() -> Ending:
    """The ending of an attempt that somebody has cancelled."""
    return Ending("cancelled", NULL, RunError("cancelled", "cancelled on request"))


def finished(job: Job, ending: Ending, started_ms: int | None, finished_ms: int, worker: str) -> bytes:
    """The `run.finished` of a run."""
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


def _kept(result: object) -> msgspec.Raw:
    """A result as JSON. Raises Failed when it is none, or too large."""
    if result is None:
        return NULL
    try:
        body = encode(result)
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        raise Failed("result_not_json", f"the handler's result is no JSON: {error}") from error
    if len(body) > MAX_RESULT_BYTES:
        limit = MAX_RESULT_BYTES // 1024
        raise Failed("result_too_large", f"the handler's result has {len(body)} bytes of JSON; at most {limit} KiB fit")
    return msgspec.Raw(body)


def _failed(kind: str, message: str, result: msgspec.Raw) -> Ending:
    text = message.encode(errors="replace").decode()  # half of a surrogate pair can't be written
    return Ending("failed", result, RunError(kind, text[:MAX_MESSAGE_CHARACTERS]))
