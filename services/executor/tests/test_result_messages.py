"""What is read from the due topics, and what is told of it."""

import asyncio
import io
from typing import Any

import msgspec
import pytest

from tasker_core.messages import Cancel, Policy, Run, RunFinished, decode_result, encode
from tasker_core.record import Record
from tasker_executor.execution.outcome import MAX_RESULT_BYTES, AttemptOutcome, failed, succeeded
from tasker_executor.failure import AttemptFailed
from tasker_executor.handlers.execution_log import ExecutionLog
from tasker_executor.partition.decoding import MAX_RECORD_BYTES, UndecodableRecord, decode_record, too_old
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.reporting.result_messages import run_finished, run_started
from tasker_executor.testing.executor import CLOCK

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
}
RUN = Run(**FIELDS)
JOB = Job(LanePartition("background", OffsetTracker(None)), Record("", 0, 0, 0, None, None, ()), RUN, NOON, 2)


def test_every_field_of_the_run_is_in_its_end() -> None:
    told = decode_result(run_finished(JOB, succeeded({"x": 1}), NOON + 5, NOON + 9, "w"))
    assert isinstance(told, RunFinished)
    assert {name: getattr(told, name) for name in RUN.__struct_fields__} == FIELDS
    assert (told.received_at, told.started_at) == (AT, "2026-01-01T12:00:00.005Z")
    assert (told.finished_at, told.worker, told.lane) == ("2026-01-01T12:00:00.009Z", "w", "background")
    assert (told.outcome, bytes(told.result), told.error) == ("succeeded", b'{"x":1}', None)
    begun = decode_result(run_started(JOB, NOON + 5, "w"))
    assert {name: getattr(begun, name) for name in RUN.__struct_fields__} == FIELDS


@pytest.mark.parametrize("result", [object(), {1: object()}, "\ud800", {(1, 2): 3}])
def test_a_result_that_is_no_json_is_a_failure(result: object) -> None:
    assert kind_of(succeeded(result)) == "result_not_json"


def test_a_result_may_not_be_too_large() -> None:
    assert succeeded("a" * (MAX_RESULT_BYTES - 2)).status == "succeeded"
    assert kind_of(succeeded("a" * MAX_RESULT_BYTES)) == "result_too_large"
    assert failed(AttemptFailed("x", "y", "a" * MAX_RESULT_BYTES)) == failed(AttemptFailed("x", "y"))


def test_any_message_can_be_written() -> None:
    ending = failed(AttemptFailed("x", "\ud800" + "a" * 5000))
    assert ending.error is not None
    assert len(ending.error.message) == 1000
    assert decode_result(run_finished(JOB, ending, None, NOON, "w")).started_at is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\x00\xff",
        b"[]",
        b'{"type":"explode","task_id":"t"}',
        encode(msgspec.structs.replace(RUN, emitted_at="yesterday")),
        encode(msgspec.structs.replace(RUN, effective_at="2026-01-01T12:00:00")),
        encode(msgspec.structs.replace(RUN, policy=Policy("soon"))),
        encode(msgspec.structs.replace(RUN, task_name="a" * MAX_RECORD_BYTES)),
    ],
)
def test_what_is_no_run_is_unusable(value: bytes | None) -> None:
    with pytest.raises(UndecodableRecord):
        decode_record(value)


def test_a_run_and_its_age() -> None:
    assert decode_record(encode(RUN)) == (RUN, 2.0)
    assert not too_old(RUN, NOON + 24 * 3600 * 1000)
    assert too_old(RUN, NOON + 24 * 3600 * 1000 + 1)


@pytest.mark.parametrize("wanted", [Cancel(task_id="t"), Cancel(task_id="t", run_id="r")])
def test_a_cancel_is_told_apart(wanted: Cancel) -> None:
    assert decode_record(encode(wanted)) == wanted


@pytest.mark.parametrize("form", ["console", "json"])
async def test_the_execution_log_is_one_line_a_run(form: Any) -> None:
    stream = io.StringIO()
    lines = ExecutionLog(form, stream, CLOCK)
    lines.write(RUN)
    lines.write(msgspec.structs.replace(RUN, payload=msgspec.Raw(b'"' + b"x" * 5000 + b'"')))
    assert stream.getvalue() == ""
    flushed = asyncio.Event()
    asyncio.get_running_loop().call_soon(flushed.set)
    await flushed.wait()
    first, second = stream.getvalue().splitlines()
    assert 1000 < len(second) < 1500
    if form == "json":
        told = msgspec.json.decode(first)
        assert told.pop("at").endswith("Z")
        assert told == {
            "service": "executor",
            "action": "run",
            "level": "info",
            "task_id": "t",
            "task": "T\n2",
            "run_id": "r",
            "nominal_at": AT,
            "payload": {"a": 1},
        }
        msgspec.json.decode(second)
    else:
        assert 'payload={"a": 1} run_id=r service=executor task="T\\n2" task_id=t' in first


def kind_of(ending: AttemptOutcome) -> str | None:
    return ending.error.kind if ending.error else None
