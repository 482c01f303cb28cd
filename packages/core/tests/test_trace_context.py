"""Trace contexts: what is read of a header, and the ids of a run's spans."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.ids import run_id
from tasker_core.trace_context import (
    RunStage,
    TraceContext,
    packed,
    parse_traceparent,
    run_span_id,
    run_trace_id,
    unpacked,
)

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ids = st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1)


@given(st.builds(TraceContext, *ids, st.booleans()))
def test_what_is_written_is_read_again(context: TraceContext) -> None:
    assert parse_traceparent(context.traceparent) == context
    assert len(packed(context)) == 24
    assert unpacked(packed(context)) == context._replace(sampled=True)


@pytest.mark.parametrize(
    ("header", "sampled"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-03", True),  # later versions have more flags
        (f"cc-{TRACE}-{SPAN}-01-what-comes-later", True),
    ],
)
def test_a_header_says_which_span_it_is_and_whether_that_is_recorded(header: str, sampled: bool) -> None:
    assert parse_traceparent(header) == TraceContext(int(TRACE, 16), int(SPAN, 16), sampled)


@pytest.mark.parametrize(
    "header",
    [
        "",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01\n",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-0x",
    ],
)
def test_a_header_that_is_none_counts_as_absent(header: str) -> None:
    assert parse_traceparent(header) is None


def test_a_run_s_trace_has_its_id() -> None:
    identity = run_id("t", 1, "scheduled", 7)
    assert run_trace_id(identity) == int(identity, 16)
    assert [run_trace_id(other) for other in ("0" * 32, identity.upper() + "A", "the-run-id")] == [None] * 3


def test_each_stage_of_each_attempt_is_a_span_of_its_own_and_always_the_same() -> None:
    spans = {(a, s): run_span_id("r", a, s) for a in (1, 2) for s in get_args(RunStage)}
    assert len(set(spans.values())) == len(spans)
    assert spans == {(a, s): run_span_id("r", a, s) for a, s in spans}
    assert 0 < min(spans.values()) <= max(spans.values()) < 2**64
