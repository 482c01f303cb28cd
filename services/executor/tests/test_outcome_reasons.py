"""What an outcome says to people: which other run was the reason; and the bounds of what a handler may say."""

from typing import Any

import msgspec
import pytest

from tasker_core.handlers.result import MAX_RESULT_BYTES
from tasker_core.kafka_record import Record
from tasker_core.messages.base import NULL
from tasker_core.messages.runs import Overlap, Policy, RetryPolicy, Run, RunError
from tasker_core.time.instant import parse_ms
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.execution.outcome import (
    MAX_KIND_CHARACTERS,
    MAX_MESSAGE_CHARACTERS,
    AttemptOutcome,
    cancelled,
    displaced,
    failed,
    next_attempt_at_ms,
    replaced,
    skipped,
    succeeded,
)
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.reporting.result_messages import run_finished
from tasker_executor.testing.target_server import AT, run_of

OTHER = "the run of 2026-01-01T12:00:00.000Z (other)"


def run_with(overlap: Overlap = "allow", **fields: Any) -> Run:
    return run_of(None, policy=Policy(overlap=overlap), **fields)


def outcome(status: Any, kind: str, message: str) -> AttemptOutcome:
    """An outcome without a result."""
    return AttemptOutcome(status, NULL, RunError(kind, message))


def test_a_run_that_was_cancelled_or_replaced_says_by_what() -> None:
    assert cancelled() == outcome("cancelled", "cancelled", "cancelled on request")
    assert replaced(run_with("replace", run_id="other")) == outcome(
        "cancelled", "replaced", f"cancelled, because {OTHER} replaced it: the task's overlap is replace"
    )


@pytest.mark.parametrize(
    ("overlap", "reason"),
    [
        ("skip", f"{OTHER} was unfinished, and the task's overlap is skip"),
        ("replace", f"{OTHER} is newer and unfinished, and only what is older is replaced"),
        ("queue_one", f"{OTHER} waits already, and one at most does: the task's overlap is queue_one"),
        ("queue_all", f"as many as may wait already, last {OTHER}: the task's overlap is queue_all"),
    ],
)
def test_a_run_that_was_skipped_says_because_of_which_one(overlap: Overlap, reason: str) -> None:
    because = run_with(run_id="other")
    assert skipped(run_with(overlap), because) == outcome("skipped", "overlap", f"not started: {reason}")
    repeated = skipped(run_with(overlap, attempt=2), because)
    assert repeated == outcome("skipped", "overlap", f"attempt 2 was not started: {reason}")


@pytest.mark.parametrize("overlap", ["queue_one", "queue_all"])
def test_a_repeated_attempt_that_was_displaced_says_by_which_run(overlap: Overlap) -> None:
    newer = run_with(overlap, run_id="other")
    message = f"not tried again: {OTHER} is newer, and no more may wait: the task's overlap is {overlap}"
    assert displaced(newer) == outcome("skipped", "overlap", message)


def test_what_a_handler_reports_of_its_failure_is_all_in_the_outcome() -> None:
    failure = AttemptFailed("busy", "come again", {"a": 1}, final=True, wait_seconds=7.5)
    error = RunError("busy", "come again")
    assert failed(failure) == AttemptOutcome("failed", msgspec.Raw(b'{"a":1}'), error, final=True, wait_seconds=7.5)
    assert failed(AttemptFailed("busy", "come again")) == outcome("failed", "busy", "come again")


def test_what_a_handler_says_is_cut_where_it_is_too_long() -> None:
    kind, message = "k" * MAX_KIND_CHARACTERS, "m" * MAX_MESSAGE_CHARACTERS
    assert failed(AttemptFailed(kind, message)).error == RunError(kind, message)
    assert failed(AttemptFailed(f"{kind}.", f"{message}.")).error == RunError(kind, message)


def test_a_result_that_is_just_too_large_fails_for_good_and_says_how_large_it_is() -> None:
    fits = "x" * (MAX_RESULT_BYTES - 2)
    assert succeeded(fits).status == "succeeded"
    error = succeeded(f"{fits}x").error
    advice = "at most 512 KiB fit; return a reference instead"
    message = f"the handler's result has {MAX_RESULT_BYTES + 1} bytes of JSON; {advice}"
    assert error == RunError("result_too_large", message)
    assert succeeded(f"{fits}x").final
    assert succeeded({1, object()}).final
    assert failed(AttemptFailed("kind", "message", fits)).result == msgspec.Raw(msgspec.json.encode(fits))


def test_an_attempt_without_a_result_has_none_in_its_message() -> None:
    job = Job(LanePartition("live", OffsetTracker(None)), Record("", 0, 0, 0, None, b"", ()), run_with(), 0, 1.0)
    message = run_finished(job, succeeded(None), 0, 0, "worker")
    assert b'"result"' not in message
    assert b'"result"' in run_finished(job, succeeded(0), 0, 0, "worker")


def test_a_result_that_is_no_json_says_what_is_wrong_with_it() -> None:
    error = succeeded({"a": object()}).error
    assert error is not None
    assert error.message == "the handler's result is no JSON: Encoding objects of type object is unsupported"


def test_the_next_attempt_is_due_at_a_whole_second_not_before_its_pause_is_over() -> None:
    run = run_of(None, policy=Policy(retry=RetryPolicy(max_attempts=2, initial="PT10S", jitter=0.0)))
    at, failure = parse_ms(AT), failed(AttemptFailed("x", "y"))
    assert [next_attempt_at_ms(run, failure, at + ms) for ms in (0, 1, 999, 1_000)] == [
        at + 10_000,
        at + 11_000,
        at + 11_000,
        at + 11_000,
    ]


def test_a_handler_may_postpone_the_next_attempt_by_a_week_at_most() -> None:
    retry = RetryPolicy(max_attempts=2, initial="PT10S", jitter=0.0, max_age="P30D")
    run, at = run_of(None, policy=Policy(retry=retry)), parse_ms(AT)
    week_ms = 7 * 24 * 3_600_000
    for wait_seconds, pause_ms in [(week_ms / 1_000 - 1, week_ms - 1_000), (week_ms / 1_000 + 1, week_ms)]:
        failure = failed(AttemptFailed("x", "y", wait_seconds=wait_seconds))
        assert next_attempt_at_ms(run, failure, at) == at + pause_ms
