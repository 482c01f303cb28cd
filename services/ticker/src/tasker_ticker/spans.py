"""The spans of the ticker: `emit` of each run, `apply` of each event that bears a trace.

They are made from what a committed batch holds anyway, so scheduling knows nothing of them.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from tasker_core.messages.runs import Run, decode_due
from tasker_core.messages.verdicts import Verdict, decode_verdict
from tasker_core.time.instant import parse_ms
from tasker_core.trace_context import parse_traceparent, run_span_id, run_trace_id, span_id_of
from tasker_runtime.tracing.spans import FinishedSpan, SpanRecorder
from tasker_ticker.scheduling.batch import Lane, TransactionBatch
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent

_LANES: Final[tuple[Lane, ...]] = ("due-tasks", "due-background")


class _Emitted(msgspec.Struct):
    """What decides whether a record gets a span."""

    type: str
    run_id: str | None = None


_decode_emitted = msgspec.json.Decoder(_Emitted).decode


class TickerSpans:
    """Those of a process, all partitions together."""

    def __init__(self, recorder: SpanRecorder) -> None:
        self._recorder = recorder

    def record(
        self, partition: int, batch: TransactionBatch, events: Sequence[IncomingEvent], committed_ms: int
    ) -> None:
        """Record what a committed batch has emitted, and the events that it applied."""
        for lane in _LANES:
            for _, value in batch.records.get(lane, ()):
                run = None if value is None else self._sampled_run(value)
                if run is not None:
                    self._recorder.record(_emit_span(run, partition, lane, committed_ms))
        traced = [event for event in events if event.content.origin.recorded_trace]
        if traced:
            verdicts = _verdicts(batch) if self._recorder.has_room else {}
            for event in traced:
                self._recorder.record(_apply_span(event, partition, verdicts, committed_ms))

    def _sampled_run(self, value: bytes) -> Run | None:
        """A run that gets a span. The loop waits meanwhile, so each record is decoded whole at most once, and only for
        a span that will be taken."""
        if not (self._recorder.samples_all and self._recorder.has_room):
            head = _decode_emitted(value)
            trace_id = run_trace_id(head.run_id) if head.type == "run" and head.run_id is not None else None
            if trace_id is None or not self._recorder.samples(trace_id):
                return None
            if not self._recorder.has_room:
                self._recorder.drop()
                return None
        run = decode_due(value)
        return run if isinstance(run, Run) and run_trace_id(run.run_id) is not None else None


def _emit_span(run: Run, partition: int, lane: Lane, committed_ms: int) -> FinishedSpan:
    """From when it was due to the commit; of what was due in another sense than the schedule's, from its emission.

    A further attempt follows from the one before.
    """
    trace_id, first = run_trace_id(run.run_id), run.attempt == 1
    assert trace_id is not None
    due = run.effective_at if first and run.kind == "scheduled" else run.emitted_at
    return FinishedSpan(
        name="emit",
        trace_id=trace_id,
        span_id=run_span_id(run.run_id, run.attempt, "emit"),
        parent_id=None if first else run_span_id(run.run_id, run.attempt - 1, "run"),
        kind="producer",
        start_ms=parse_ms(due),
        end_ms=committed_ms,
        attributes={
            "tasker.task_id": run.task_id,
            "tasker.run_id": run.run_id,
            "tasker.attempt": run.attempt,
            "tasker.kind": run.kind,
            "tasker.handler": run.handler,
            "tasker.nominal_at": run.nominal_at,
            "tasker.lane": "live" if lane == "due-tasks" else "background",
            "tasker.partition": partition,
        },
        link=None if run.traceparent is None else parse_traceparent(run.traceparent),
    )


def _apply_span(
    event: IncomingEvent, partition: int, verdicts: dict[tuple[str, str], Verdict], committed_ms: int
) -> FinishedSpan:
    """From the first append of an event to the commit of its verdict."""
    origin = event.content.origin
    trace = origin.recorded_trace
    assert trace is not None
    event_id = origin.event_id or event.appended.event_id
    verdict = verdicts.get((origin.task_id, event_id))
    attributes = {
        "tasker.task_id": origin.task_id,
        "tasker.event_id": event_id,
        "tasker.event_type": origin.event_type,
        "tasker.partition": partition,
    }
    if verdict is not None:  # an outcome that only counts has none
        attributes["tasker.verdict"] = verdict.verdict
        if verdict.run_id is not None:
            attributes["tasker.run_id"] = verdict.run_id
    return FinishedSpan(
        name="apply",
        trace_id=trace.trace_id,
        span_id=span_id_of(trace.trace_id, trace.span_id, "apply", partition, event.offset),
        parent_id=trace.span_id,
        kind="consumer",
        start_ms=event.appended.ms,
        end_ms=committed_ms,
        attributes=attributes,
    )


def _verdicts(batch: TransactionBatch) -> dict[tuple[str, str], Verdict]:
    """The verdicts of a batch by task and event; of several on one event (a repetition) the first."""
    found: dict[tuple[str, str], Verdict] = {}
    for _, value in batch.records.get("verdicts", ()):
        message = decode_verdict(value or b"")
        if isinstance(message, Verdict):
            found.setdefault((message.task_id, message.event_id), message)
    return found
