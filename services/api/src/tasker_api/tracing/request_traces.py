"""Records a span for each request."""

import secrets

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tasker_api.tracing.current_trace import CURRENT, SCOPE_KEY, shown_path
from tasker_core.trace_context import HEADER, TraceContext, parse_traceparent
from tasker_runtime.clock import Clock
from tasker_runtime.logs import Log
from tasker_runtime.tracing.spans import Attribute, FinishedSpan, SpanRecorder


class TracedRequests:
    """Continues the trace of a request's `traceparent`, or begins one where traces are recorded.

    A request ends when the last piece of its answer is handed over to be sent. Where no traces are recorded, what came
    with the request is passed on as it is. Only paths below `prefix` are looked at.
    """

    def __init__(self, app: ASGIApp, prefix: str, recorder: SpanRecorder | None, clock: Clock, log: Log) -> None:
        self._app, self._prefix, self._recorder = app, prefix, recorder
        self._clock, self._log = clock, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        parent = _parent(scope)
        trace = parent if self._recorder is None else _child(parent, self._recorder)
        scope[SCOPE_KEY] = trace
        token = CURRENT.set(trace)
        status, began_ms = 500, self._clock.now_ms()
        ended_ms: int | None = None

        async def noting_answer(message: Message) -> None:
            nonlocal status, ended_ms
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body" and not message.get("more_body", False):
                ended_ms = self._clock.now_ms()  # before it is sent: who has the answer has it after the request's end
            await send(message)

        with structlog.contextvars.bound_contextvars(**({} if trace is None else {"trace_id": trace.trace_hex})):
            try:
                await self._app(scope, receive, noting_answer)
            finally:
                CURRENT.reset(token)
                ended_ms = self._clock.now_ms() if ended_ms is None else ended_ms
                if self._recorder is not None and trace is not None and trace.sampled:
                    self._recorder.record(_span(scope, self._prefix, trace, parent, status, began_ms, ended_ms))
                method, path = scope["method"], shown_path(scope["path"])
                self._log.debug("request", method=method, path=path, status=status, ms=ended_ms - began_ms)


def _parent(scope: Scope) -> TraceContext | None:
    text = next((value for name, value in scope["headers"] if name == HEADER.encode()), None)
    return None if text is None else parse_traceparent(text.decode("latin-1"))


def _child(parent: TraceContext | None, recorder: SpanRecorder) -> TraceContext:
    """A new span: in the trace of its parent, recorded if that is; or the first one of a new trace."""
    span_id = secrets.randbits(64) or 1
    if parent is not None:
        return TraceContext(parent.trace_id, span_id, parent.sampled)
    trace_id = secrets.randbits(128) or 1
    return TraceContext(trace_id, span_id, recorder.samples(trace_id))


def _route(scope: Scope, prefix: str) -> str | None:
    """The template of the path, such as /api/v1/tasks/{task_id}; FastAPI tells it without its router's prefix."""
    path: str | None = getattr(scope.get("route"), "path", None)
    return path if path is None or path.startswith(prefix) else prefix + path


def _span(
    scope: Scope,
    prefix: str,
    trace: TraceContext,
    parent: TraceContext | None,
    status: int,
    began_ms: int,
    ended_ms: int,
) -> FinishedSpan:
    """Named after its route, as far as the request came to one."""
    route = _route(scope, prefix)
    attributes: dict[str, Attribute] = {
        "http.request.method": scope["method"],
        "url.path": shown_path(scope["path"]),
        "http.response.status_code": status,
    }
    if route is not None:
        attributes["http.route"] = route
    if (task_id := scope.get("path_params", {}).get("task_id")) is not None:
        attributes["tasker.task_id"] = task_id
    if status >= 500:
        attributes["error.type"] = str(status)
    return FinishedSpan(
        name=scope["method"] if route is None else f"{scope['method']} {route}",
        trace_id=trace.trace_id,
        span_id=trace.span_id,
        parent_id=None if parent is None else parent.span_id,
        kind="server",
        start_ms=began_ms,
        end_ms=ended_ms,
        attributes=attributes,
        error=str(status) if status >= 500 else None,
    )
