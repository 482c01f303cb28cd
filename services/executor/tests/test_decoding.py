"""What is decoded of the due topics: a run whose results can be reported, a cancel, or a reason why it is neither."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.kafka_record import Record
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Cancel, Policy, ReportedEnd, RetryPolicy, Run, decode_result
from tasker_core.time.instant import parse_ms
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.execution.outcome import failed, next_attempt_at_ms
from tasker_executor.http.target_host import called_host
from tasker_executor.partition.decoding import MAX_RECORD_BYTES, UndecodableRecord, decode_record, too_old
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.reporting.result_messages import run_finished, run_started
from tasker_executor.testing.target_server import AT, run_of

NOON = 1_767_268_800_000
DEEP = b'{"a":' * 20_000 + b"1" + b"}" * 20_000


def record_of(**changes: object) -> bytes:
    run = run_of("https://example.com", policy=Policy(retry=RetryPolicy(max_attempts=3)))
    return encode(msgspec.json.decode(encode(run)) | changes)


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\x00\xff",
        b"[]",
        b" " * (MAX_RECORD_BYTES + 1),
        record_of(task_name="a" * MAX_RECORD_BYTES),
        encode(run_of("@")).replace(b'"@"', DEEP),
        record_of(emitted_at="yesterday"),
        record_of(effective_at="2026-01-01T12:00:00"),
        record_of(policy={"timeout": "P1Y"}),
        record_of(policy={"timeout": "soon"}),
        record_of(type="explode"),
        record_of(attempt=0),
        record_of(attempt=-(10**400)),
        record_of(attempt=10**400),
    ],
)
def test_what_is_no_run_is_undecodable(value: bytes | None) -> None:
    with pytest.raises(UndecodableRecord):
        decode_record(value)


def test_a_run_comes_with_its_time_out() -> None:
    run = run_of("https://example.com", policy=Policy("PT2S"))
    assert decode_record(encode(run)) == (run, 2.0)


def test_a_run_is_too_old_a_day_after_it_was_emitted() -> None:
    emitted_ms = parse_ms(AT)
    assert not too_old(run_of(None), emitted_ms + 24 * 3600 * 1000)
    assert too_old(run_of(None), emitted_ms + 24 * 3600 * 1000 + 1)


@pytest.mark.parametrize("cancel", [Cancel(task_id="t"), Cancel(task_id="t", run_id="r")])
def test_a_cancel_is_recognized(cancel: Cancel) -> None:
    assert decode_record(encode(cancel)) == cancel


def test_what_calls_a_host_may_be_nested_as_deep_as_it_likes() -> None:
    assert called_host(msgspec.structs.replace(run_of(None), payload=msgspec.Raw(DEEP))) is None


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-(10**30), 10**30, 10**400])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["PT1M", "PT0S", "P3650D", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "run", "cancel"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
fields = st.sampled_from([*Run.__struct_fields__, "type"])
policies: Any = st.fixed_dictionaries(
    {},
    optional={
        "timeout": values,
        "overlap": values,
        "retry": st.dictionaries(st.sampled_from(RetryPolicy.__struct_fields__), values),
    },
)


@given(st.dictionaries(fields, values, max_size=3), st.none() | policies)
def test_of_whatever_is_a_run_everything_can_be_reported(changes: dict[str, object], policy: object) -> None:
    try:
        content = decode_record(record_of(**(changes if policy is None else changes | {"policy": policy})))
    except UndecodableRecord:
        return
    if isinstance(content, Cancel | ReportedEnd):
        return
    run, seconds = content
    assert seconds >= 0
    job = Job(LanePartition("live", OffsetTracker(None)), Record("t", 0, 0, 0, None, b"", ()), run, NOON, seconds)
    outcome = failed(AttemptFailed("kind", "message"))
    message = decode_result(run_finished(job, outcome, NOON, NOON, "worker", next_attempt_at_ms(run, outcome, NOON)))
    assert (message.run_id, message.outcome) == (run.run_id, "failed")
    assert decode_result(run_started(job, NOON, "worker")).run_id == run.run_id
