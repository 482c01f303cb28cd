"""The spans of the executor: `run` of each attempt, and one for what its handler calls."""

from collections.abc import Mapping
from typing import Any, Literal

from tasker_core.messages.runs import Run
from tasker_core.trace_context import HEADER, TraceContext, run_span_id, run_trace_id
from tasker_runtime.tracing.spans import Attribute, FinishedSpan, SpanKind, SpanRecorder


class RunSpans:
    """Records spans in the traces of runs; without a recorder it only says which trace that is."""

    def __init__(self, recorder: SpanRecorder | None = None) -> None:
        self._recorder = recorder

    def samples(self, run: Run) -> bool:
        """Whether the trace of a run is recorded."""
        if self._recorder is None:
            return False
        trace_id = run_trace_id(run.run_id)
        return trace_id is not None and self._recorder.samples(trace_id)

    def call_traceparent(self, run: Run) -> str | None:
        """The header of what a run calls: the span of the call, in the run's own trace; None where it has none.

        If nothing is recorded here, it says all the same that others may: so what they record is found by the run's id.
        """
        return self._traceparent(run, "call")

    def attempt_traceparent(self, run: Run) -> str | None:
        """The same of the attempt as a whole, for handlers that record spans of their own."""
        return self._traceparent(run, "run")

    def event_headers(self, run: Run) -> list[tuple[str, bytes]]:
        """The headers of a task event about an attempt, if its trace is recorded."""
        if not self.samples(run) or (traceparent := self.attempt_traceparent(run)) is None:
            return []
        return [(HEADER, traceparent.encode())]

    def record_attempt(
        self,
        run: Run,
        *,
        received_ms: int,
        started_ms: int | None,
        finished_ms: int,
        attributes: Mapping[str, Attribute],
        error: str | None,
    ) -> None:
        """An attempt is over: from when it was read to its outcome. Call it only where `samples` says so."""
        self._record(
            "run",
            run,
            name="run",
            parent_id=run_span_id(run.run_id, run.attempt, "emit"),
            kind="consumer",
            start_ms=received_ms,
            end_ms=finished_ms,
            attributes={
                "tasker.task_id": run.task_id,
                "tasker.run_id": run.run_id,
                "tasker.attempt": run.attempt,
                "tasker.handler": run.handler,
                **attributes,
            },
            events={} if started_ms is None else {"started": started_ms},
            error=error,
        )

    def record_call(
        self,
        run: Run,
        name: str,
        *,
        kind: SpanKind,
        start_ms: int,
        end_ms: int,
        attributes: Mapping[str, Attribute],
        error: str | None,
    ) -> None:
        """What a handler has called. Call it only where `samples` says so."""
        self._record(
            "call",
            run,
            name=name,
            parent_id=run_span_id(run.run_id, run.attempt, "run"),
            kind=kind,
            start_ms=start_ms,
            end_ms=end_ms,
            attributes=attributes,
            error=error,
        )

    def _traceparent(self, run: Run, stage: Literal["run", "call"]) -> str | None:
        trace_id = run_trace_id(run.run_id)
        if trace_id is None:
            return None
        sampled = self._recorder is None or self._recorder.samples(trace_id)
        return TraceContext(trace_id, run_span_id(run.run_id, run.attempt, stage), sampled).traceparent

    def _record(self, stage: Literal["run", "call"], run: Run, **fields: Any) -> None:
        trace_id = run_trace_id(run.run_id)
        assert self._recorder is not None
        assert trace_id is not None
        span_id = run_span_id(run.run_id, run.attempt, stage)
        self._recorder.record(FinishedSpan(trace_id=trace_id, span_id=span_id, **fields))
