"""What is read of the due topics: a run of which results can be told, a cancel, or a reason why it is neither."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.messages import Cancel, Policy, RetryPolicy, Run, decode_result, encode
from tasker_core.record import Record
from tasker_executor.execution.outcome import failed, next_attempt_at_ms
from tasker_executor.failure import AttemptFailed
from tasker_executor.http.called_host import called_host
from tasker_executor.partition.decoding import MAX_RECORD_BYTES, UndecodableRecord, decode_record
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.reporting.result_messages import run_finished, run_started
from tasker_executor.testing.http import run_of

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
        b" " * (MAX_RECORD_BYTES + 1),
        encode(run_of("@")).replace(b'"@"', DEEP),
        record_of(emitted_at="yesterday"),
        record_of(effective_at="2026-01-01T12:00:00"),
        record_of(policy={"timeout": "P1Y"}),
        record_of(type="explode"),
        record_of(attempt=0),
        record_of(attempt=-(10**400)),
        record_of(attempt=10**400),
    ],
)
def test_what_is_no_run_is_said_to_be_none(value: bytes | None) -> None:
    with pytest.raises(UndecodableRecord):
        decode_record(value)


def test_what_calls_a_place_may_be_nested_as_deep_as_it_likes() -> None:
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
def test_of_whatever_is_a_run_everything_can_be_told(changes: dict[str, object], policy: object) -> None:
    try:
        content = decode_record(record_of(**(changes if policy is None else changes | {"policy": policy})))
    except UndecodableRecord:
        return
    if isinstance(content, Cancel):
        return
    run, seconds = content
    assert seconds >= 0
    job = Job(LanePartition("live", OffsetTracker(None)), Record("t", 0, 0, 0, None, b"", ()), run, NOON, seconds)
    ending = failed(AttemptFailed("kind", "message"))
    told = decode_result(run_finished(job, ending, NOON, NOON, "worker", next_attempt_at_ms(run, ending, NOON)))
    assert (told.run_id, told.outcome) == (run.run_id, "failed")
    assert decode_result(run_started(job, NOON, "worker")).run_id == run.run_id
