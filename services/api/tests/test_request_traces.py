"""The trace of a request: continued, begun or passed on, and what is published in it."""

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from tasker_api.app import create_app
from tasker_api.settings import ApiSettings
from tasker_api.tracing.current_trace import trace_headers
from tasker_api.tracing.request_traces import TracedRequests
from tasker_core.trace_context import TraceContext, parse_traceparent
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health
from tasker_runtime.testing import RecordedLog, RecordedSpans

PARENT = TraceContext(int("0af7651916cd43dd8448eb211c80319c", 16), int("b7ad6b7169203331", 16), sampled=True)


class SteppedClock:
    """Set by the test."""

    ms = 1_000

    def now_ms(self) -> int:
        return self.ms


def client_of(recorder: RecordedSpans | None, log: RecordedLog | None = None) -> httpx.AsyncClient:
    """A client of an app whose one route answers with the headers of what it would publish."""
    app = FastAPI(openapi_url=None)

    async def published(task_id: str) -> dict[str, str]:
        if task_id == "wrong":
            raise RuntimeError("unforeseen")
        return {name: value.decode() for name, value in trace_headers()}

    app.add_api_route("/api/v1/tasks/{task_id}", published)
    app.add_api_route("/elsewhere/{task_id}", published)
    app.add_middleware(TracedRequests, "/api/v1", recorder, SystemClock(), log or RecordedLog())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def published(
    recorder: RecordedSpans | None, path: str = "/api/v1/tasks/a", **headers: str
) -> TraceContext | None:
    async with client_of(recorder) as client:
        answer: dict[str, str] = (await client.get(path, headers=headers)).json()
    return parse_traceparent(answer["traceparent"]) if answer else None


async def test_a_trace_that_comes_with_the_request_goes_on() -> None:
    recorder = RecordedSpans(sampled=False)
    sent = await published(recorder, traceparent=PARENT.traceparent)
    assert sent is not None
    (span,) = recorder.spans
    assert sent == (PARENT.trace_id, span["span_id"], True)
    assert (span["trace_id"], span["parent_id"], span["kind"]) == (PARENT.trace_id, PARENT.span_id, "server")
    assert span["name"] == "GET /api/v1/tasks/{task_id}"
    assert span["attributes"] == {
        "http.request.method": "GET",
        "url.path": "/api/v1/tasks/a",
        "http.route": "/api/v1/tasks/{task_id}",
        "http.response.status_code": 200,
        "tasker.task_id": "a",
    }


async def test_one_that_is_not_recorded_goes_on_unrecorded() -> None:
    recorder, parent = RecordedSpans(), PARENT._replace(sampled=False)
    sent = await published(recorder, traceparent=parent.traceparent)
    assert sent is not None
    assert (sent.trace_id, sent.sampled, recorder.spans) == (PARENT.trace_id, False, [])


@pytest.mark.parametrize("header", [{}, {"traceparent": "00-is-none"}])
@pytest.mark.parametrize("sampled", [True, False])
async def test_without_one_a_trace_begins_that_is_recorded_or_not(sampled: bool, header: dict[str, str]) -> None:
    recorder = RecordedSpans(sampled=sampled)
    sent = await published(recorder, **header)
    assert sent is not None
    assert (sent.sampled, [span["span_id"] for span in recorder.spans]) == (sampled, [sent.span_id] * sampled)
    assert [span["parent_id"] for span in recorder.spans] == [None] * sampled


async def test_where_nothing_is_recorded_a_trace_is_passed_on_as_it_is_and_none_begun() -> None:
    assert await published(None, traceparent=PARENT.traceparent) == PARENT
    assert await published(None) is None
    assert await published(RecordedSpans(), path="/elsewhere/a", traceparent=PARENT.traceparent) is None


async def test_an_error_of_the_service_is_one_of_the_span() -> None:
    recorder, log = RecordedSpans(), RecordedLog()
    async with client_of(recorder, log) as client:
        assert (await client.get("/api/v1/tasks/wrong")).status_code == 500
        assert (await client.get("/api/v1/nothing")).status_code == 404
    failed, missing = recorder.spans
    assert (failed["error"], failed["attributes"]["error.type"]) == ("500", "500")
    assert (missing["name"], missing["error"], missing["attributes"]["http.response.status_code"]) == ("GET", None, 404)
    assert [line["status"] for line in log.fields_of("request")] == [500, 404]


async def test_a_request_ends_before_its_answer_can_be_read() -> None:
    recorder, clock = RecordedSpans(), SteppedClock()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        clock.ms += 20
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        clock.ms += 300
        await send({"type": "http.response.body", "body": b"b"})
        clock.ms += 4_000

    async def send(message: Message) -> None:
        pass

    async def receive() -> Message:
        return {"type": "http.request"}

    scope: Scope = {"type": "http", "method": "GET", "path": "/api/v1/tasks/a", "headers": []}
    await TracedRequests(app, "/api/v1", recorder, clock, RecordedLog())(scope, receive, send)
    assert [(span["start_ms"], span["end_ms"]) for span in recorder.spans] == [(1_000, 1_320)]


async def test_the_line_of_an_unforeseen_error_bears_the_trace() -> None:
    log = RecordedLog()
    app = create_app(ApiSettings(web_root=None), None, Health(), log, RecordedSpans())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://localhost"
    ) as client:
        answer = await client.get("/api/v1/tasks/a", headers={"traceparent": PARENT.traceparent})
    assert answer.status_code == 500, "without a context nothing can be answered"
    (line,) = log.fields_of("request failed")
    assert (line["trace_id"], line["method"], line["path"]) == (PARENT.trace_hex, "GET", "/api/v1/tasks/a")
