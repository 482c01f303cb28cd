"""What the log sink records of a batch that it has written."""

from typing import Any

import pytest

from tasker_core.ids import run_id
from tasker_core.kafka_record import Record
from tasker_core.trace_context import run_span_id
from tasker_log_sink.consuming.batch import decode_batch
from tasker_log_sink.log_spans import LogSpans
from tasker_log_sink.testing.messages import NOON_MS, ended, finished, started, verdict
from tasker_runtime.testing import RecordedSpans

RUN = run_id("t", 1, "scheduled", 20)
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def recorded(*values: bytes, sampled: bool = True) -> list[dict[str, Any]]:
    """The spans of a batch with these records and some that are of no use; it is logged a minute after noon."""
    sources: Any = {"r": "results", "v": "verdicts", "w": "watermarks"}
    read = [Record("w", 3, 0, 0, None, b'{"time":"2026-01-01T12:00:00Z","next_offset":1,"turn":1,"owner":"o"}', ())]
    for offset, value in enumerate(values):
        read.append(Record("r", 3, 2 * offset, 0, None, b"no result", ()))
        topic = "r" if b'"run.' in value else "v"
        read.append(Record(topic, 3, 2 * offset + 1, NOON_MS + 21_000, None, value, ()))
    spans = RecordedSpans(sampled=sampled)
    LogSpans(spans).record(decode_batch(read, sources).with_origins(read), NOON_MS + 60_000)
    return spans.spans


def test_a_result_is_the_last_span_of_its_attempt() -> None:
    (span,) = recorded(finished(RUN, "t", 3, 20, attempt=2))
    assert (span["name"], span["trace_id"]) == ("log", int(RUN, 16))
    assert (span["span_id"], span["parent_id"]) == (run_span_id(RUN, 2, "log"), run_span_id(RUN, 2, "run"))
    assert (span["start_ms"], span["end_ms"]) == (NOON_MS + 20_300, NOON_MS + 60_000)
    assert span["attributes"]["tasker.partition"] == 3


def test_what_is_not_over_or_not_recorded_has_none() -> None:
    assert recorded(started(RUN, "t", 3, 20), ended(RUN, "t", 3, 20), finished("the-run", "t", 3, 20)) == []
    assert recorded(finished(RUN, "t", 3, 20), sampled=False) == []


@pytest.mark.parametrize("word", ["accepted", "rejected"])
def test_a_verdict_is_a_span_in_the_trace_of_its_event(word: str) -> None:
    (span,) = recorded(verdict("t", 3, 10, verdict=word, traceparent=f"00-{TRACE}-{SPAN}-01"), sampled=False)
    assert (span["name"], span["trace_id"], span["parent_id"]) == ("project", int(TRACE, 16), int(SPAN, 16))
    assert (span["start_ms"], span["end_ms"]) == (NOON_MS + 21_000, NOON_MS + 60_000)
    assert span["attributes"]["tasker.verdict"] == word


@pytest.mark.parametrize("header", [None, f"00-{TRACE}-{SPAN}-00", "no header"])
def test_a_verdict_without_a_recorded_trace_has_none(header: str | None) -> None:
    assert recorded(verdict("t", 3, 10, traceparent=header)) == []
