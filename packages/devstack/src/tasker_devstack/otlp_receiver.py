"""A receiver of traces over OTLP/HTTP, for tests and benchmarks: it keeps the spans that it is sent."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tasker_devstack.processes.ports import HOST

Link = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedSpan:
    """A span as it came over the wire; ids are hexadecimal, times epoch milliseconds, `links` (trace, span)."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    start_ms: int
    end_ms: int
    attributes: dict[str, Any]
    events: dict[str, int]
    links: list[Link]
    error: str | None


@dataclass(slots=True)
class OtlpReceiver:
    """What has come, in the order in which it came. While `status` is not 200, nothing is taken."""

    endpoint: str = ""
    status: int = 200
    spans: list[ReceivedSpan] = field(default_factory=list[ReceivedSpan])
    requests: int = 0

    def of_trace(self, trace_id: str) -> list[ReceivedSpan]:
        """The spans of one trace, by their start."""
        return sorted((span for span in self.spans if span.trace_id == trace_id), key=lambda span: span.start_ms)

    async def take(self, request: web.Request) -> web.Response:
        """POST /v1/traces."""
        body = await request.read()
        self.requests += 1  # and judged in the same moment: whoever waits for it may change `status`
        if self.status == 200:
            self.spans += _spans(ExportTraceServiceRequest.FromString(body))
        return web.Response(status=self.status, content_type="application/x-protobuf")


@asynccontextmanager
async def otlp_receiver() -> AsyncGenerator[OtlpReceiver]:
    """A running receiver, whose `endpoint` is the value of OTEL_EXPORTER_OTLP_ENDPOINT."""
    receiver, app = OtlpReceiver(), web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/traces", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    receiver.endpoint = f"http://{HOST}:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        await runner.cleanup()


def _spans(request: Any) -> list[ReceivedSpan]:
    found: list[ReceivedSpan] = []
    for of_resource in request.resource_spans:
        service = _attributes(of_resource.resource.attributes)["service.name"]
        for of_scope in of_resource.scope_spans:
            found += [_span(service, span) for span in of_scope.spans]
    return found


def _span(service: str, span: Any) -> ReceivedSpan:
    kind: str = span.DESCRIPTOR.fields_by_name["kind"].enum_type.values_by_number[span.kind].name
    return ReceivedSpan(
        service=service,
        name=span.name,
        kind=kind.removeprefix("SPAN_KIND_").lower(),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        start_ms=span.start_time_unix_nano // 1_000_000,
        end_ms=span.end_time_unix_nano // 1_000_000,
        attributes=_attributes(span.attributes),
        events={event.name: event.time_unix_nano // 1_000_000 for event in span.events},
        links=[(link.trace_id.hex(), link.span_id.hex()) for link in span.links],
        error=span.status.message if span.status.code == 2 else None,
    )


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
