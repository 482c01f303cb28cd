"""The span of the request that is being answered: what is published, and logged, in its trace."""

from contextvars import ContextVar
from typing import Final

from starlette.types import Scope

from tasker_core.access.api_key import without_keys
from tasker_core.handlers.callback_token import PATH
from tasker_core.trace_context import HEADER, TraceContext

SCOPE_KEY: Final = "tasker.trace"
"""Where a request's scope has its span, for those who see it from outside."""
CURRENT: Final[ContextVar[TraceContext | None]] = ContextVar("request_trace", default=None)


def trace_headers() -> list[tuple[str, bytes]]:
    """The headers of a record that the current request publishes."""
    trace = CURRENT.get()
    return [] if trace is None else [(HEADER, trace.traceparent.encode())]


def trace_id_of(scope: Scope) -> str | None:
    """The trace of a request, for a log line about it from outside of it."""
    trace: TraceContext | None = scope.get(SCOPE_KEY)
    return None if trace is None else trace.trace_hex


def shown_path(path: str) -> str:
    """The path of a request as logs and spans show it: without a key, nor the token of a callback, by which anybody may
    report.
    """
    return PATH + "{token}" if path.startswith(PATH) else without_keys(path)
