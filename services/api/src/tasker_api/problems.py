"""Errors as RFC 9457 problems (`application/problem+json`), each with the way out."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from tasker_api.tracing.current_trace import shown_path, trace_id_of
from tasker_core.access.api_key import without_keys
from tasker_core.errors import FieldError, InvalidInput, TaskerError
from tasker_core.task import RESERVED_PREFIX
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError, is_index_missing

MEDIA_TYPE = "application/problem+json"
PASSING = (429, 503)
"""What passes, or is mended by somebody: it says when to ask again."""
RETRY_SECONDS = "10"
"""Of what has no better guess."""


class ProblemDetails(BaseModel):
    """RFC 9457. `errors` names each wrong field by a JSON pointer into the request's body, or `/query/<name>`."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


class Problem(TaskerError):
    """Ends a request with a problem."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, list(errors), dict(headers or {})
        if status in PASSING:
            self.headers.setdefault("Retry-After", RETRY_SECONDS)

    def response(self) -> Response:
        """What the client gets. A key that was sent in a wrong place is not shown again."""
        title = HTTPStatus(self.status).phrase
        body = ProblemDetails(title=title, status=self.status, detail=self.detail, errors=self.errors)
        shown = body.model_dump_json()
        return Response(without_keys(shown), self.status, self.headers, media_type=MEDIA_TYPE)


def invalid(errors: Sequence[FieldError]) -> Problem:
    """422 for fields that break the contract."""
    return Problem(422, "; ".join(f"{e.pointer or 'the whole'}: {e.message}" for e in errors), errors)


def not_found(what: str) -> Problem:
    """404."""
    return Problem(404, f"{what} is not there")


def run_not_found(run_id: str) -> Problem:
    """404; the same for a run that is hidden from whoever asks, which they are not to learn."""
    hint = (
        "a run shows in the log once it goes on for a second, or ended; to cancel one before that, give its `task_id`"
    )
    return Problem(404, f"the run {run_id!r} is not there: {hint}")


def task_not_found(task_id: str) -> Problem:
    """404; of a name for who is told of tasks, what it is."""
    if not task_id.startswith(RESERVED_PREFIX):
        return not_found(f"the task {task_id!r}")
    where = f"what was told, and of which tasks, is in GET /api/v1/runs?task_id={task_id}"
    return Problem(404, f"{task_id!r} is no task, but stands for somebody who is told of tasks: {where}")


def mongodb_away(error: PyMongoError) -> Problem:
    """503 for reads while MongoDB is away, or while log sinks of this release have not prepared it yet."""
    if is_index_missing(error):
        detail = "the database has an index of this release not yet: a log sink of this release makes it when it starts"
        return Problem(503, detail, headers={"Retry-After": "10"})
    reason = str(error).split(",", 1)[0]
    return Problem(503, f"the database does not answer; try again in a moment ({reason})", headers={"Retry-After": "2"})


def kafka_away(error: Exception, more: str = "") -> Problem:
    """503 while Kafka is away."""
    return Problem(503, f"Kafka does not answer ({error}).{more}", headers={"Retry-After": "2"})


def handle_errors(app: FastAPI, log: Log) -> None:
    """Answer every error of the app with a problem."""

    async def problem(request: Request, error: Exception) -> Response:
        if isinstance(error, Problem):
            return error.response()
        if isinstance(error, ClientDisconnect):
            return Problem(400, "the client went away before its request was whole").response()  # nobody reads it
        if isinstance(error, InvalidInput):
            return invalid(error.errors).response()
        if isinstance(error, PyMongoError):
            return mongodb_away(error).response()
        if isinstance(error, HTTPException):
            return Problem(error.status_code, _detail(error), headers=error.headers).response()
        about = {"trace_id": trace_id_of(request.scope), "method": request.method, "path": shown_path(request.url.path)}
        log.error("request failed", **about, exc_info=error)
        return Problem(500, "an error of Tasker's own; its log says more").response()

    for kind in (Problem, ClientDisconnect, InvalidInput, PyMongoError, HTTPException, Exception):
        app.add_exception_handler(kind, problem)


def _detail(error: HTTPException) -> str:
    if error.status_code == 404:
        return "nothing is served here; the routes are in /api/v1/openapi.json"
    if error.status_code == 405:
        return "this route does not know the method; the routes are in /api/v1/openapi.json"
    return str(error.detail)


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ProblemDetails, "description": "What is wrong, field by field"},
    "503": {"model": ProblemDetails, "description": "Kafka or MongoDB is away"},
}
"""The problems that every route may answer with, for the OpenAPI document."""
