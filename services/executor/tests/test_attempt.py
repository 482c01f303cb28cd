"""One attempt: what becomes of a handler's result, failure, time-out and cancellation."""

import asyncio
from typing import Any

import pytest

from tasker_core.kafka_record import Record
from tasker_core.messages.base import NULL
from tasker_core.messages.runs import Policy, Run, RunError
from tasker_core.time.instant import parse_ms
from tasker_executor.attempt_failure import AttemptFailed, PartialResult
from tasker_executor.execution.attempt import run_quick, run_slow, too_old_outcome
from tasker_executor.execution.outcome import AttemptOutcome, cancelled, failed, succeeded
from tasker_executor.handlers.local_handlers import SlowHandler
from tasker_executor.partition.decoding import MAX_AGE_MS
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.testing.target_server import AT, run_of
from tasker_runtime.logs import Log, configure
from tasker_runtime.testing import RecordedLog

LOG = configure("executor", "console")
NO_LUCK = AttemptFailed("no_luck", "it was not to be", {"kept": 1}, final=True, wait_seconds=3.0)


def job_of(timeout_seconds: float = 60.0) -> Job:
    partition = LanePartition("live", OffsetTracker(None))
    run = run_of(None, policy=Policy("PT5S"))
    return Job(partition, Record("", 0, 0, 0, None, b"", ()), run, 0, timeout_seconds)


async def outcome_of(
    handler: SlowHandler, job: Job | None = None, stop: AttemptOutcome | None = None, log: Log = LOG
) -> AttemptOutcome:
    outcome = await run_slow(job or job_of(), handler, lambda: stop, log)
    assert isinstance(outcome, AttemptOutcome)
    return outcome


async def stopped(
    handler: SlowHandler, job: Job, stop: AttemptOutcome | None, log: Log = LOG
) -> asyncio.Task[AttemptOutcome]:
    """An attempt that was cancelled after it had begun, and is over."""
    task = asyncio.create_task(outcome_of(handler, job, stop, log))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    return task


async def hangs(_: Run) -> object:
    return await asyncio.Event().wait()


async def reports_how_far_it_came(_: Run) -> object:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError as error:
        error.args = ("anything", PartialResult({"done": 3}))
        raise


async def has_a_time_out_of_its_own(_: Run) -> object:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise TimeoutError from None


async def fails_when_cancelled(_: Run) -> object:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise NO_LUCK from None


async def succeeds_when_cancelled(_: Run) -> object:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return "all the same"


def raising(error: BaseException) -> SlowHandler:
    async def handler(_: Run) -> object:
        raise error

    return handler


@pytest.mark.parametrize(("age_ms", "too_old"), [(0, False), (MAX_AGE_MS, False), (MAX_AGE_MS + 1, True)])
def test_an_attempt_that_was_emitted_long_ago_fails_for_good(age_ms: int, too_old: bool) -> None:
    outcome = too_old_outcome(run_of(None), parse_ms(AT) + age_ms)
    if not too_old:
        assert outcome is None
        return
    message = "emitted more than 24 h ago, so it was not started; trigger the task to run it now"
    assert outcome == AttemptOutcome("failed", NULL, RunError("too_old", message), final=True)


async def test_the_outcome_of_a_handler_that_returns_has_its_result() -> None:
    async def handler(run: Run) -> object:
        return run.run_id

    assert await outcome_of(handler) == succeeded("the-run-id")
    assert run_quick(run_of(None), lambda run: run.run_id, LOG) == succeeded("the-run-id")


async def test_the_outcome_of_a_handler_that_reports_a_failure_is_that_failure() -> None:
    def quick(_: Run) -> object:
        raise NO_LUCK

    assert await outcome_of(raising(NO_LUCK)) == failed(NO_LUCK)
    assert run_quick(run_of(None), quick, LOG) == failed(NO_LUCK)


@pytest.mark.parametrize("error", [ValueError("seven"), TimeoutError("its own"), KeyError("x")])
async def test_whatever_a_handler_raises_is_a_failure_and_logged(error: Exception) -> None:
    def quick(_: Run) -> object:
        raise error

    expected = failed(AttemptFailed("error", f"{type(error).__name__}: {error}"))
    log = RecordedLog()
    assert await outcome_of(raising(error), log=log) == expected
    assert run_quick(run_of(None), quick, log) == expected
    about = {"trace_id": "the-run-id", "task_id": "t", "run_id": "the-run-id", "attempt": 1, "partition": None}
    line = ("error", "handler raised", {**about, "handler": "curl", "exc_info": error})
    assert log.lines == [line, line]


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise ZeroDivisionError


async def test_an_exception_that_has_no_text_is_a_failure_all_the_same() -> None:
    outcome = await outcome_of(raising(Unspeakable()))
    assert outcome.error == RunError("error", "Unspeakable: it has no text, as that raises ZeroDivisionError")
    message: Any = Unspeakable()
    outcome = await outcome_of(raising(AttemptFailed("odd", message)))
    assert outcome.error == RunError("odd", "it has no text, as that raises ZeroDivisionError")


@pytest.mark.parametrize(
    ("handler", "result"),
    [(hangs, None), (has_a_time_out_of_its_own, None), (reports_how_far_it_came, {"done": 3})],
)
async def test_a_handler_that_takes_longer_than_its_time_out_fails_with_what_it_had_reached(
    handler: SlowHandler, result: Any
) -> None:
    message = "not finished within the task's time-out of PT5S; give the task a longer one, or make its work shorter"
    assert await outcome_of(handler, job_of(0.0)) == failed(AttemptFailed("timeout", message, result))


async def test_the_outcome_of_an_attempt_that_is_stopped_is_that_of_the_stop_even_if_it_fails_then() -> None:
    log = RecordedLog()
    for handler in (hangs, fails_when_cancelled):
        assert (await stopped(handler, job_of(), cancelled(), log)).result() == cancelled()
    assert log.lines == []


async def test_an_attempt_that_succeeds_although_it_is_stopped_has_succeeded() -> None:
    assert (await stopped(succeeds_when_cancelled, job_of(), cancelled())).result() == succeeded("all the same")


async def test_a_cancellation_that_nobody_asked_for_is_a_failure() -> None:
    outcome = (await stopped(hangs, job_of(), None)).result()
    assert (outcome.status, outcome.error) == ("failed", RunError("error", "CancelledError: "))


@pytest.mark.parametrize("handler", [hangs, fails_when_cancelled])
async def test_an_attempt_that_is_left_to_the_next_owner_has_no_outcome_unless_it_succeeds(
    handler: SlowHandler,
) -> None:
    job = job_of()
    job.partition.abandoned = True
    assert (await stopped(handler, job, cancelled())).cancelled()
    assert (await stopped(succeeds_when_cancelled, job, cancelled())).result() == succeeded("all the same")
