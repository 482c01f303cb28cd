"""One attempt: a handler with its time-out, and the outcome of whatever it does."""

import asyncio
from collections.abc import Callable

from tasker_core.messages.runs import Run
from tasker_executor.attempt_failure import AttemptFailed, PartialResult
from tasker_executor.awaited_callback import AwaitedCallback
from tasker_executor.execution.outcome import AttemptOutcome, failed, succeeded, words_of
from tasker_executor.handlers.local_handlers import QuickHandler, SlowHandler
from tasker_executor.partition.decoding import too_old
from tasker_executor.partition.job import Job
from tasker_executor.run_log_fields import run_fields
from tasker_runtime.logs import Log


def too_old_outcome(run: Run, now_ms: int) -> AttemptOutcome | None:
    """The outcome of an attempt that is too old to start; None when it is not."""
    if not too_old(run, now_ms):
        return None
    message = "emitted more than 24 h ago, so it was not started; trigger the task to run it now"
    return failed(AttemptFailed("too_old", message, final=True))


def run_quick(run: Run, handler: QuickHandler, log: Log) -> AttemptOutcome:
    """Run a handler that waits for nothing."""
    try:
        return succeeded(handler(run))
    except AttemptFailed as failure:
        return failed(failure)
    except Exception as error:  # noqa: BLE001 -- a handler may raise anything
        return _raised(run, error, log)


async def run_slow(
    job: Job, handler: SlowHandler, stop_outcome: Callable[[], AttemptOutcome | None], log: Log
) -> AttemptOutcome | AwaitedCallback:
    """Run a handler that waits, for at most its time-out. Its attempt may go on, and end by a callback.

    It may be stopped with a cancellation, `stop_outcome` then returns the outcome; that also replaces a failure that
    comes after. Raises CancelledError when it is left to the partition's next owner, unless the handler succeeded.
    """
    run, limit = job.run, asyncio.timeout(job.timeout_seconds)
    try:
        async with limit:
            returned = await handler(run)
            if isinstance(returned, AwaitedCallback):
                return returned
            outcome = succeeded(returned)
    except AttemptFailed as failure:
        outcome = failed(failure)
    except TimeoutError as error:
        outcome = _timed_out(run, error) if limit.expired() else _raised(run, error, log)
    except asyncio.CancelledError as error:
        if job.abandoned:
            raise
        outcome = stop_outcome() or _raised(run, error, log)
    except Exception as error:  # noqa: BLE001 -- a handler may raise anything
        outcome = _raised(run, error, log)
    if outcome.status != "failed":
        return outcome
    if job.abandoned:
        raise asyncio.CancelledError
    return stop_outcome() or outcome


def _raised(run: Run, error: BaseException, log: Log) -> AttemptOutcome:
    log.error("handler raised", **run_fields(run), handler=run.handler, exc_info=error)
    return failed(AttemptFailed("error", f"{type(error).__name__}: {words_of(error)}"))


def _timed_out(run: Run, error: TimeoutError) -> AttemptOutcome:
    """With what the handler had reached, if it says so: the time-out was made from its cancellation."""
    arguments: tuple[object, ...] = error.__cause__.args if error.__cause__ else ()
    result = next((one.result for one in arguments if isinstance(one, PartialResult)), None)
    advice = "give the task a longer one, or make its work shorter"
    message = f"not finished within the task's time-out of {run.policy.timeout}; {advice}"
    return failed(AttemptFailed("timeout", message, result))
