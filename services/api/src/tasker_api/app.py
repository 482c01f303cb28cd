"""The HTTP application: routes, errors, health, and the OpenAPI document. Making it connects to nothing."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic.json_schema import models_json_schema

from tasker_api.access import LocalOnly
from tasker_api.body import BODIES
from tasker_api.commands import Undecided
from tasker_api.deps import Services
from tasker_api.problems import RESPONSES, install, invalid
from tasker_api.routes import backfills, dead_letters, runs, system, tasks
from tasker_api.settings import ApiSettings
from tasker_api.web import WebUi
from tasker_core.errors import field_errors
from tasker_runtime.health import Health
from tasker_runtime.logs import Log

PREFIX = "/api/v1"


def create_app(settings: ApiSettings, services: Services | None, health: Health, log: Log) -> FastAPI:
    """The application. Without `services` it is good for its OpenAPI document only."""
    app = FastAPI(
        title="Tasker",
        version="1",
        description="A distributed task scheduler. Errors are RFC 9457 problems.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
    )
    app.state.services = services
    for router in (tasks.router, backfills.router, runs.router, system.router, dead_letters.router):
        app.include_router(router, prefix=PREFIX, responses=RESPONSES)

    async def healthz() -> JSONResponse:
        live, _, told = health.report()
        return JSONResponse({"status": "ok" if live else "failing", "checks": told}, 200 if live else 503)

    async def readyz() -> JSONResponse:
        _, ready, told = health.report()
        return JSONResponse({"status": "ok" if ready else "failing", "checks": told}, 200 if ready else 503)

    app.add_api_route("/healthz", healthz, include_in_schema=False)
    app.add_api_route("/readyz", readyz, include_in_schema=False)
    install(app, log)
    app.add_exception_handler(RequestValidationError, _wrong_parameters)
    app.add_exception_handler(Undecided, _pending)
    app.add_middleware(LocalOnly)
    if settings.web_root is not None:
        app.mount("/", WebUi(settings.web_root))
    app.openapi = lambda: _document(app)
    return app


async def _wrong_parameters(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return invalid(field_errors(error.errors())).response()


async def _pending(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Undecided)
    return JSONResponse(error.pending.model_dump(), 202, {"Location": error.pending.journal, "Retry-After": "1"})


def _document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the bodies that routes parse themselves."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        wanted: Any = [(model, "validation") for model in BODIES.values()]
        _, bodies = models_json_schema(wanted, ref_template="#/components/schemas/{model}")
        for name, schema in bodies["$defs"].items():
            document["components"]["schemas"].setdefault(name, schema)
        app.openapi_schema = document
    return app.openapi_schema
