"""The messages of results: every field of the run is in them, and any outcome can be encoded."""

from typing import Any

import msgspec
import pytest

from tasker_core.chains.links import Predecessor
from tasker_core.handlers.result import MAX_RESULT_BYTES
from tasker_core.kafka_record import Record
from tasker_core.messages.runs import Policy, Run, RunFinished, decode_result
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.execution.outcome import AttemptOutcome, failed, succeeded
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.reporting.result_messages import run_finished, run_started

NOON = 1_767_268_800_000
AT = "2026-01-01T12:00:00.000Z"
FIELDS: dict[str, Any] = {
    "run_id": "r",
    "task_id": "t",
    "task_name": "T\n2",
    "generation": 1,
    "version": 2,
    "kind": "manual",
    "nominal_at": AT,
    "effective_at": AT,
    "emitted_at": AT,
    "next_at": AT,
    "attempt": 2,
    "handler": "curl",
    "payload": msgspec.Raw(b'{"a":\n1}'),
    "policy": Policy("PT2S"),
    "traceparent": "00-1",
    "after": Predecessor("s", "q", AT, "failed"),
    "chain": ("a", "s"),
}
RUN = Run(**FIELDS)
JOB = Job(LanePartition("background", OffsetTracker(None)), Record("", 0, 0, 0, None, None, ()), RUN, NOON, 2)


def test_every_field_of_the_run_is_in_its_end() -> None:
    message = decode_result(run_finished(JOB, succeeded({"x": 1}), NOON + 5, NOON + 9, "w"))
    assert isinstance(message, RunFinished)
    assert {name: getattr(message, name) for name in RUN.__struct_fields__} == FIELDS
    assert (message.received_at, message.started_at) == (AT, "2026-01-01T12:00:00.005Z")
    assert (message.finished_at, message.worker, message.lane) == ("2026-01-01T12:00:00.009Z", "w", "background")
    assert (message.outcome, bytes(message.result), message.error) == ("succeeded", b'{"x":1}', None)
    start_message = decode_result(run_started(JOB, NOON + 5, "w"))
    assert {name: getattr(start_message, name) for name in RUN.__struct_fields__} == FIELDS


@pytest.mark.parametrize("result", [object(), {1: object()}, "\ud800", {(1, 2): 3}])
def test_a_result_that_is_no_json_is_a_failure(result: object) -> None:
    assert kind_of(succeeded(result)) == "result_not_json"


def test_a_result_may_not_be_too_large() -> None:
    assert succeeded("a" * (MAX_RESULT_BYTES - 2)).status == "succeeded"
    assert kind_of(succeeded("a" * MAX_RESULT_BYTES)) == "result_too_large"
    assert failed(AttemptFailed("x", "y", "a" * MAX_RESULT_BYTES)) == failed(AttemptFailed("x", "y"))


def test_any_message_can_be_written() -> None:
    outcome = failed(AttemptFailed("x", "\ud800" + "a" * 5000))
    assert outcome.error is not None
    assert len(outcome.error.message) == 1000
    assert decode_result(run_finished(JOB, outcome, None, NOON, "w")).started_at is None


def kind_of(outcome: AttemptOutcome) -> str | None:
    return outcome.error.kind if outcome.error else None
