"""The HTTP application: routes, errors, health, and the OpenAPI document. Making it connects to nothing."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from tasker_api.access.access_check import AccessCheck
from tasker_api.access.roles import Endpoint, unruled
from tasker_api.api_context import ApiContext
from tasker_api.middleware.cross_origin import cors
from tasker_api.middleware.entity_tags import EntityTags
from tasker_api.middleware.host_check import HostCheck
from tasker_api.middleware.request_metrics import RequestMetrics
from tasker_api.middleware.unmatched_requests import UnmatchedRequests
from tasker_api.openapi.openapi_document import openapi_document
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
from tasker_api.routes.access import keys, session
from tasker_api.routes.many_tasks import bulk_actions, change_sets, exports, imports
from tasker_api.settings import ApiSettings
from tasker_api.static_ui import WebUi
from tasker_api.tracing.request_traces import TracedRequests
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
    session,
    keys,
    bulk_actions,
    change_sets,
    exports,
    imports,
)

COMPRESSED_BYTES: Final = 4096
"""What is as large as that is sent compressed to those who take it. Smaller answers fit into a few packets anyway."""


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
    _check_rules()
    app.state.access = access = _access_check(context)
    first = [Depends(access), Depends(query_check(PREFIX))]
    for routes in ROUTES:
        app.include_router(routes.router, prefix=PREFIX, responses=RESPONSES, dependencies=first)
    app.add_api_route("/healthz", _health_route(lambda: health.report().liveness()), include_in_schema=False)
    app.add_api_route("/readyz", _health_route(lambda: health.report().readiness()), include_in_schema=False)
    handle_errors(app, log)
    app.add_exception_handler(RequestValidationError, _wrong_parameters)
    app.add_exception_handler(VerdictPending, _pending)
    app.add_middleware(EntityTags, PREFIX)
    app.add_middleware(GZipMiddleware, minimum_size=COMPRESSED_BYTES, compresslevel=4)
    if settings.api_allowed_origins:
        app.add_middleware(CORSMiddleware, **cors(settings.api_allowed_origins))
    app.add_middleware(HostCheck, allowed=settings.api_allowed_hosts, origins=settings.api_allowed_origins)
    app.add_middleware(RequestMetrics, prefix=PREFIX)  # outermost: refused requests count, too
    app.add_middleware(TracedRequests, PREFIX, recorder, SystemClock(), log)
    app.mount("/api", UnmatchedRequests(app.openapi))
    if settings.web_root is not None:
        app.mount("/", WebUi(settings.web_root))
    return app


def _access_check(context: ApiContext | None) -> AccessCheck:
    return AccessCheck(None, None, None) if context is None else AccessCheck(context.keys, context.tasks, context.runs)


def _check_rules() -> None:
    """Each route has a rule, so that none is open by chance. Raises RuntimeError.

    (The OpenAPI document and the two routes of health are no such routes: they show nothing of anybody's.)
    """
    served = list[Endpoint]()
    for route in (route for module in ROUTES for route in module.router.routes):
        if not isinstance(route, APIRoute):
            raise RuntimeError(f"{route} is of a kind that access/access_check.py does not know")
        served += [(method, route.path_format) for method in route.methods or ()]
    if wrong := unruled(served):
        raise RuntimeError("; ".join(wrong))


def _health_route(respond: Callable[[], HealthResponse]) -> Callable[[], Any]:
    async def route() -> JSONResponse:
        response = respond()
        return JSONResponse(response.body, response.status)

    return route


async def _wrong_parameters(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return invalid(field_errors(error.errors())).response()


async def _pending(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VerdictPending)
    return JSONResponse(error.pending.model_dump(), 202, {"Location": error.pending.journal, "Retry-After": "1"})


def _cached_document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = openapi_document(app, PREFIX)
    return app.openapi_schema
