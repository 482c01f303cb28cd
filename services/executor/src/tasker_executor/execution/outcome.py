"""PURE. The outcome of an attempt, and whether and when there is another one."""

from math import ceil
from typing import NamedTuple

import msgspec

from tasker_core.handlers.result import UnusableResult, encode_result
from tasker_core.messages.base import NULL
from tasker_core.messages.runs import Outcome, ReportedEnd, Run, RunError
from tasker_core.retry import next_attempt_ms
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.partition.decoding import instant_ms

MAX_MESSAGE_CHARACTERS = 1_000
MAX_KIND_CHARACTERS = 100
MAX_REQUESTED_WAIT_SECONDS = 7 * 24 * 3600.0
"""A handler may postpone the next attempt by this much; for a Retry-After http/statuses.py has a shorter limit."""


class AttemptOutcome(NamedTuple):
    """How an attempt ended, with its result (JSON) and error.

    `final`: a failure that another attempt cannot change. `wait_seconds`: the next attempt is not due earlier
    (Retry-After).
    """

    status: Outcome
    result: msgspec.Raw = NULL
    error: RunError | None = None
    final: bool = False
    wait_seconds: float = 0.0


def succeeded(result: object) -> AttemptOutcome:
    """The outcome with what a handler returned; a result that cannot be encoded is a failure."""
    try:
        return AttemptOutcome("succeeded", encode_result(result))
    except UnusableResult as error:
        return failed(AttemptFailed(error.kind, str(error), final=True))


def failed(failure: AttemptFailed) -> AttemptOutcome:
    """The outcome of a failed attempt, with its result if that can be encoded."""
    try:
        result = encode_result(failure.result)
    except UnusableResult:
        result = NULL
    error = RunError(_text(failure.kind, MAX_KIND_CHARACTERS), _text(failure, MAX_MESSAGE_CHARACTERS))
    return AttemptOutcome("failed", result, error, failure.final, failure.wait_seconds)


def reported(end: ReportedEnd) -> AttemptOutcome:
    """The outcome of an attempt that waited for its callback."""
    error = end.error and RunError(
        _text(end.error.kind, MAX_KIND_CHARACTERS), _text(end.error.message, MAX_MESSAGE_CHARACTERS)
    )
    return AttemptOutcome(end.outcome, end.result, error)


def cancelled() -> AttemptOutcome:
    """The outcome of an attempt that a user has cancelled."""
    return AttemptOutcome("cancelled", NULL, RunError("cancelled", "cancelled on request"))


def replaced(by: Run) -> AttemptOutcome:
    """The outcome of an attempt that a later run of its task has replaced."""
    message = f"cancelled, because {_name(by)} replaced it: the task's overlap is replace"
    return AttemptOutcome("cancelled", NULL, RunError("replaced", message))


def skipped(run: Run, because: Run) -> AttemptOutcome:
    """The outcome of a run that was not started because of another one of its task."""
    overlap = run.policy.overlap
    reason = {
        "replace": f"{_name(because)} is newer and unfinished, and only what is older is replaced",
        "queue_one": f"{_name(because)} waits already, and one at most does: the task's overlap is queue_one",
        "queue_all": f"as many as may wait already, last {_name(because)}: the task's overlap is queue_all",
    }.get(overlap, f"{_name(because)} was unfinished, and the task's overlap is {overlap}")
    attempt = f"attempt {run.attempt} was " if run.attempt > 1 else ""
    return AttemptOutcome("skipped", NULL, RunError("overlap", f"{attempt}not started: {reason}"))


def displaced(by: Run) -> AttemptOutcome:
    """The outcome of a repeated attempt that was queued, and removed from the queue for a newer run."""
    reason = f"{_name(by)} is newer, and no more may wait: the task's overlap is {by.policy.overlap}"
    return AttemptOutcome("skipped", NULL, RunError("overlap", f"not tried again: {reason}"))


def words_of(value: object) -> str:
    """The text of what a handler raised; an exception that somebody else wrote may raise when it is asked for that."""
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 -- as above
        return f"it has no text, as that raises {type(error).__name__}"


def next_attempt_at_ms(run: Run, outcome: AttemptOutcome, failed_ms: int) -> int | None:
    """When the next attempt of a run is due, in whole seconds (as epoch milliseconds); None when there is none.

    The age of a backfilled run counts from its emission: it was due long ago.
    """
    if outcome.status != "failed" or outcome.final:
        return None
    due = next_attempt_ms(
        run.policy.retry,
        run_id=run.run_id,
        attempt=run.attempt,
        effective_ms=instant_ms(run.emitted_at if run.kind == "backfill" else run.effective_at),
        failed_ms=failed_ms,
        wait_ms=ceil(min(max(0.0, outcome.wait_seconds), MAX_REQUESTED_WAIT_SECONDS) * 1000),
    )
    return None if due is None else -(-due // 1000) * 1000


def _name(run: Run) -> str:
    return f"the run of {run.nominal_at} ({run.run_id})"


def _text(value: object, limit: int) -> str:
    """The words of a handler, whatever they are; half of a surrogate pair cannot be encoded."""
    return words_of(value)[:limit].encode(errors="replace").decode()
