"""The spans of the log sink: `log` of each result, `project` of each verdict that bears a trace."""

from collections.abc import Iterable

from tasker_core.kafka_record import Record
from tasker_core.time.instant import to_ms
from tasker_core.trace_context import parse_traceparent, run_span_id, run_trace_id, span_id_of
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_runtime.tracing.spans import FinishedSpan, SpanRecorder


class LogSpans:
    """Records what has become readable."""

    def __init__(self, recorder: SpanRecorder) -> None:
        self._recorder = recorder

    def record(self, projected: Iterable[tuple[Record, DecodedRecord]], logged_ms: int) -> None:
        """Record what a transaction has made readable."""
        for record, decoded in projected:
            if (
                span := self._log_span(record, decoded, logged_ms) or _project_span(record, decoded, logged_ms)
            ) is not None:
                self._recorder.record(span)

    def _log_span(self, record: Record, decoded: DecodedRecord, logged_ms: int) -> FinishedSpan | None:
        """From the end of an attempt to its being readable; None for another record, or where that is not recorded."""
        run = decoded.run
        if run is None or run["finished_at"] is None or "seen" in run:  # which the ticker has ended
            return None
        trace_id = run_trace_id(run["_id"])
        if trace_id is None or not self._recorder.samples(trace_id):
            return None
        return FinishedSpan(
            name="log",
            trace_id=trace_id,
            span_id=run_span_id(run["_id"], run["attempt"], "log"),
            parent_id=run_span_id(run["_id"], run["attempt"], "run"),
            kind="consumer",
            start_ms=to_ms(run["finished_at"]),
            end_ms=logged_ms,
            attributes={
                "tasker.task_id": run["task_id"],
                "tasker.run_id": run["_id"],
                "tasker.attempt": run["attempt"],
                "tasker.state": run["state"],
                "tasker.partition": record.partition,
            },
        )


def _project_span(record: Record, decoded: DecodedRecord, logged_ms: int) -> FinishedSpan | None:
    """From the append of a verdict to its being readable; None for another record, or a trace that is not recorded."""
    journal = decoded.journal
    trace = None if decoded.traceparent is None else parse_traceparent(decoded.traceparent)
    if journal is None or trace is None or not trace.sampled:
        return None
    return FinishedSpan(
        name="project",
        trace_id=trace.trace_id,
        span_id=span_id_of(trace.trace_id, trace.span_id, "project", record.partition, record.offset),
        parent_id=trace.span_id,
        kind="consumer",
        start_ms=record.timestamp,
        end_ms=logged_ms,
        attributes={
            "tasker.task_id": journal["task_id"],
            "tasker.event_id": journal["event_id"],
            "tasker.event_type": journal["event_type"],
            "tasker.verdict": journal["verdict"],
            "tasker.partition": record.partition,
        },
    )
