"""One attempt: a handler and its time-out, and the ending that whatever happens means."""

import asyncio
from collections.abc import Callable

from tasker_core.messages import Run
from tasker_executor.execution.outcome import Ending, failed, succeeded
from tasker_executor.failure import Failed, Reached
from tasker_executor.handlers.local_handlers import Quick, Slow
from tasker_executor.partition.decoding import too_old
from tasker_executor.partition.job import Job
from tasker_runtime.logs import Log


def outdated(run: Run, now_ms: int) -> Ending | None:
    """The ending of an attempt that is too old to start; None when it is not."""
    if not too_old(run, now_ms):
        return None
    message = "emitted more than 24 h ago, so it was not started; trigger the task to run it now"
    return failed(Failed("too_old", message, final=True))


def quick_attempt(run: Run, handler: Quick, log: Log) -> Ending:
    """Carry out what waits for nothing."""
    try:
        return succeeded(handler(run))
    except Failed as failure:
        return failed(failure)
    except Exception as error:  # noqa: BLE001 -- a handler may raise anything
        return _raised(run, error, log)


async def slow_attempt(job: Job, handler: Slow, stopped: Callable[[], Ending | None], log: Log) -> Ending:
    """Carry out what waits, for at most its time-out.

    Somebody may stop it with a cancellation, `stopped` then tells the ending; it is that of a failure too that comes
    after. Raises CancelledError when it is left to the partition's next owner, whatever the handler made of that.
    """
    run, limit = job.run, asyncio.timeout(job.timeout_seconds)
    try:
        async with limit:
            ending = succeeded(await handler(run))
    except Failed as failure:
        ending = failed(failure)
    except TimeoutError as error:
        ending = _timed_out(run, error) if limit.expired() else _raised(run, error, log)
    except asyncio.CancelledError as error:
        if job.feed.gone:
            raise
        ending = stopped() or _raised(run, error, log)
    except Exception as error:  # noqa: BLE001 -- a handler may raise anything
        ending = _raised(run, error, log)
    if ending.outcome != "failed":
        return ending
    if job.feed.gone:
        raise asyncio.CancelledError
    return stopped() or ending


def _raised(run: Run, error: BaseException, log: Log) -> Ending:
    log.error("handler raised", task_id=run.task_id, run_id=run.run_id, handler=run.handler, exc_info=error)
    return failed(Failed("error", f"{type(error).__name__}: {error}"))


def _timed_out(run: Run, error: TimeoutError) -> Ending:
    """With what the handler had reached, if it says so: its cancellation is what the time-out was made from."""
    told: tuple[object, ...] = error.__cause__.args if error.__cause__ else ()
    reached = next((one.result for one in told if isinstance(one, Reached)), None)
    way_out = "give the task a longer one, or make its work shorter"
    message = f"not finished within the task's time-out of {run.policy.timeout}; {way_out}"
    return failed(Failed("timeout", message, reached))
