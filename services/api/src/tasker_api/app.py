"""The HTTP application: routes, errors, health, and the OpenAPI document. Making it connects to nothing."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from tasker_api.api_context import ApiContext
from tasker_api.middleware.entity_tags import EntityTags
from tasker_api.middleware.host_check import HostCheck
from tasker_api.middleware.request_metrics import RequestMetrics
from tasker_api.openapi import openapi_document
from tasker_api.problems import RESPONSES, handle_errors, invalid
from tasker_api.publishing.verdict import VerdictPending
from tasker_api.query_parameters import query_check
from tasker_api.routes import (
    calendars,
    callbacks,
    dead_letters,
    handlers,
    journal,
    occurrences,
    runs,
    schedules,
    stats,
    stream,
    system,
    task_history,
    tasks,
)
from tasker_api.settings import ApiSettings
from tasker_api.static_ui import WebUi
from tasker_api.tracing.request_traces import TracedRequests
from tasker_api.unmatched_requests import UnmatchedRequests
from tasker_core.errors import field_errors
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health, HealthResponse
from tasker_runtime.logs import Log
from tasker_runtime.tracing.spans import SpanRecorder

PREFIX = "/api/v1"
ROUTES = (
    tasks,
    task_history,
    calendars,
    runs,
    callbacks,
    journal,
    handlers,
    schedules,
    stats,
    dead_letters,
    stream,
    system,
    occurrences,
)


def create_app(
    settings: ApiSettings, context: ApiContext | None, health: Health, log: Log, recorder: SpanRecorder | None = None
) -> FastAPI:
    """The application. Without a context it is good for its OpenAPI document only."""
    app = FastAPI(
        title="Tasker",
        version="1",
        description="A distributed task scheduler. Errors are RFC 9457 problems.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
    )
    app.state.context = context
    app.openapi = lambda: _cached_document(app)
    known_queries = [Depends(query_check(PREFIX))]
    for routes in ROUTES:
        app.include_router(routes.router, prefix=PREFIX, responses=RESPONSES, dependencies=known_queries)
    app.add_api_route("/healthz", _health_route(lambda: health.report().liveness()), include_in_schema=False)
    app.add_api_route("/readyz", _health_route(lambda: health.report().readiness()), include_in_schema=False)
    handle_errors(app, log)
    app.add_exception_handler(RequestValidationError, _wrong_parameters)
    app.add_exception_handler(VerdictPending, _pending)
    app.add_middleware(EntityTags, PREFIX)
    app.add_middleware(HostCheck, allowed=settings.api_allowed_hosts)
    app.add_middleware(RequestMetrics, prefix=PREFIX)  # outermost: refused requests count, too
    app.add_middleware(TracedRequests, PREFIX, recorder, SystemClock(), log)
    app.mount("/api", UnmatchedRequests(app.openapi))
    if settings.web_root is not None:
        app.mount("/", WebUi(settings.web_root))
    return app


def _health_route(respond: Callable[[], HealthResponse]) -> Callable[[], Any]:
    async def route() -> JSONResponse:
        response = respond()
        return JSONResponse(response.body, response.status)

    return route


async def _wrong_parameters(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return invalid(field_errors(error.errors())).response()


async def _pending(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VerdictPending)
    return JSONResponse(error.pending.model_dump(), 202, {"Location": error.pending.journal, "Retry-After": "1"})


def _cached_document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = openapi_document(app)
    return app.openapi_schema
