"""Sends spans to an OTLP receiver: the only module that knows OpenTelemetry's SDK.

Spans are made from their times after the fact, so the SDK's tracers and contexts are left out; its batch processor and
exporter send them, in a thread of their own.
"""

import asyncio
import contextlib
import logging
import os
import socket
import threading
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, TraceFlags
from opentelemetry.trace import SpanKind as OtelKind
from opentelemetry.trace.status import Status, StatusCode

from tasker_runtime.logs import Log
from tasker_runtime.metrics.service_metrics import SPANS
from tasker_runtime.tracing.settings import TracingSettings
from tasker_runtime.tracing.spans import FinishedSpan, SpanKind

MAX_WAITING: Final = 8_192
"""Spans that wait to be sent at most, some 2 KB each."""
BATCH_SPANS: Final = 1_024
DELAY_MS: Final = 1_000
CLOSE_SECONDS: Final = 3.0
_KINDS: Final[dict[SpanKind, OtelKind]] = {
    "internal": OtelKind.INTERNAL,
    "server": OtelKind.SERVER,
    "client": OtelKind.CLIENT,
    "producer": OtelKind.PRODUCER,
    "consumer": OtelKind.CONSUMER,
}
_FLAGS: Final = TraceFlags(TraceFlags.SAMPLED)
_OK: Final = Status(StatusCode.UNSET)
_NS_PER_MS: Final = 1_000_000


class OtlpRecorder:
    """Records the spans of a service, each to be sent once. `settings` say where to."""

    def __init__(self, service: str, settings: TracingSettings, log: Log, close_seconds: float = CLOSE_SECONDS) -> None:
        url = settings.traces_url
        assert url is not None
        self._bound, self._log, self._close_seconds = round(settings.sampled_share * 2**64), log, close_seconds
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # _ReportingExporter says it, once
        self._exporter = _ReportingExporter(OTLPSpanExporter(endpoint=url), service, settings.receiver, log)
        self._dropped = SPANS.labels(service, "dropped")
        self._processor = BatchSpanProcessor(
            self._exporter,
            max_queue_size=MAX_WAITING,
            schedule_delay_millis=DELAY_MS,
            max_export_batch_size=BATCH_SPANS,
        )
        self._recorded = 0
        self._resource = Resource.create(
            {
                "service.name": os.environ.get("OTEL_SERVICE_NAME") or f"tasker-{service}",
                "service.version": version("tasker-runtime"),
                "service.instance.id": f"{socket.gethostname()}-{os.getpid()}",
            }
        )
        self._scope = InstrumentationScope("tasker", version("tasker-runtime"))

    @property
    def samples_all(self) -> bool:
        """Whether the share is 1."""
        return self._bound >= 2**64

    @property
    def has_room(self) -> bool:
        """Whether fewer than MAX_WAITING spans wait."""
        return self._recorded - self._exporter.sent < MAX_WAITING

    def samples(self, trace_id: int) -> bool:
        """As OpenTelemetry's TraceIdRatioBased: the lower 64 bits of the id decide."""
        return trace_id & 0xFFFF_FFFF_FFFF_FFFF < self._bound

    def record(self, span: FinishedSpan) -> None:
        """Take a span; it is dropped while MAX_WAITING others wait."""
        if not self.has_room:
            self.drop()
            return
        self._recorded += 1
        self._processor.on_end(self._readable(span))

    def drop(self) -> None:
        """Count it."""
        self._dropped.inc()

    async def close(self) -> None:
        """Send what waits, for at most `close_seconds`; the rest is lost, and the process need not wait for it."""
        loop = asyncio.get_running_loop()
        closed = loop.create_future()

        def shut_down() -> None:
            self._processor.shutdown()
            with contextlib.suppress(RuntimeError):  # the loop is gone
                loop.call_soon_threadsafe(closed.set_result, None)

        threading.Thread(target=shut_down, name="close-tracing", daemon=True).start()
        await asyncio.wait({closed}, timeout=self._close_seconds)
        if not closed.done():
            self._log.warning(
                "spans not exported", reason="no time is left", spans=self._recorded - self._exporter.sent
            )
            self._exporter.shutdown()

    def _readable(self, span: FinishedSpan) -> ReadableSpan:
        parent = None if span.parent_id is None else _context(span.trace_id, span.parent_id, remote=True)
        link = span.link
        return ReadableSpan(
            span.name,
            _context(span.trace_id, span.span_id, remote=False),
            parent,
            self._resource,
            dict(span.attributes),
            [Event(name, timestamp=ms * _NS_PER_MS) for name, ms in span.events.items()],
            () if link is None else (Link(_context(link.trace_id, link.span_id, remote=True)),),
            _KINDS[span.kind],
            status=_OK if span.error is None else Status(StatusCode.ERROR, span.error),
            start_time=span.start_ms * _NS_PER_MS,
            end_time=max(span.start_ms, span.end_ms) * _NS_PER_MS,
            instrumentation_scope=self._scope,
        )


class _ReportingExporter(SpanExporter):
    """Says once that spans can't be exported, and once that they can again. `sent`: how many were tried."""

    def __init__(self, exporter: SpanExporter, service: str, receiver: str, log: Log) -> None:
        self._exported, self._failed = SPANS.labels(service, "exported"), SPANS.labels(service, "failed")
        self._exporter, self._receiver, self._log = exporter, receiver, log
        self.sent = self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export a batch; what can't be within the exporter's own time-out is lost."""
        try:
            result = self._exporter.export(spans)
        finally:
            self.sent += len(spans)
        if result is SpanExportResult.SUCCESS:
            self._exported.inc(len(spans))
            if self._lost:
                self._log.info("spans exported again", receiver=self._receiver, lost=self._lost)
                self._lost = 0
        else:
            self._failed.inc(len(spans))
            if not self._lost:
                reason = "the OTLP receiver does not take them; nothing waits for it, and they are lost meanwhile"
                self._log.warning("spans not exported", receiver=self._receiver, reason=reason)
            self._lost += len(spans)
        return result

    def shutdown(self) -> None:
        """Stop, and let an export that waits for its next try give up."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is buffered here."""
        return self._exporter.force_flush(timeout_millis)


def _context(trace_id: int, span_id: int, *, remote: bool) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=remote, trace_flags=_FLAGS)
