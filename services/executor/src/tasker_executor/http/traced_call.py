"""A call as a span of its run's trace."""

from collections.abc import Awaitable, Callable

from tasker_core.messages.runs import Run
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.http.request import HttpRequest
from tasker_executor.http.response import HttpResponse
from tasker_executor.run_spans import RunSpans
from tasker_runtime.clock import Clock
from tasker_runtime.tracing.spans import Attribute

Send = Callable[[HttpRequest], Awaitable[HttpResponse]]
"""Sends a request, and others that follow from it. Raises AttemptFailed."""


async def traced_call(send: Send, request: HttpRequest, run: Run, spans: RunSpans, clock: Clock) -> HttpResponse:
    """What `send` does, recorded with the host but not the URL, which may hold a secret. Raises AttemptFailed."""
    if not spans.samples(run):
        return await send(request)
    start_ms, url, error = clock.now_ms(), request.url, None
    attributes: dict[str, Attribute] = {
        "http.request.method": request.method,
        "server.address": url.host or "",
        "server.port": url.port or 0,
    }
    try:
        response = await send(request)
        attributes["http.response.status_code"] = response.status
        error = str(response.status) if response.status >= 400 else None
        return response
    except BaseException as failure:  # a cancellation, too: by a user, or as the attempt's time is over
        error = failure.kind if isinstance(failure, AttemptFailed) else type(failure).__name__
        raise
    finally:
        if error is not None:
            attributes["error.type"] = error
        spans.record_call(
            run,
            request.method,
            kind="client",
            start_ms=start_ms,
            end_ms=clock.now_ms(),
            attributes=attributes,
            error=error,
        )
