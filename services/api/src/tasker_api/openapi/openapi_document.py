"""The OpenAPI document: what FastAPI derives from the routes, and the bodies that routes parse themselves."""

import json
import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tasker_api.access.credentials import COOKIE
from tasker_api.access.roles import RULES, Rule
from tasker_api.change_sets.bulk_request import BulkActionInput
from tasker_api.openapi.operation_details import describe_operation
from tasker_api.schemas.access.session import SignIn
from tasker_api.schemas.backfills import BackfillInput
from tasker_api.schemas.calendars import CalendarDiffInput, CalendarInput
from tasker_api.schemas.callbacks import ReportInput
from tasker_api.schemas.dead_letters import RedriveInput
from tasker_api.schemas.journal import Pending
from tasker_api.schemas.many_tasks.change_sets import UndoInput
from tasker_api.schemas.run_commands import RerunInput, TriggerInput
from tasker_api.schemas.schedules import DiffInput, PreviewInput
from tasker_api.schemas.task_history import RevertInput
from tasker_api.schemas.tasks import Note, TaskChange, TaskInput, TaskPatch

BODIES: tuple[type[BaseModel], ...] = (
    *(TaskInput, TaskChange, TaskPatch, Note),
    *(TriggerInput, RerunInput, BackfillInput, PreviewInput, DiffInput, ReportInput, RevertInput),
    *(CalendarInput, CalendarDiffInput),
    SignIn,
    *(BulkActionInput, UndoInput, RedriveInput),
)
"""What routes parse themselves."""
PENDING: dict[int | str, dict[str, Any]] = {202: {"model": Pending, "description": "Taken, not decided yet"}}
"""The response of a route that publishes an event, while its verdict is to come."""
SECURITY_SCHEMES: dict[str, Any] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key: `tsk_…`. Of no use where there are no keys.",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Set by POST /session."},
}
_REF = re.compile(r"(?<=#/components/schemas/)\w+")


def _security(rule: Rule) -> list[dict[str, list[str]]]:
    return [] if rule.role is None else [{name: [rule.role]} for name in SECURITY_SCHEMES]


def request_body(
    model: type[BaseModel], *, required: bool = True, media_type: str = "application/json"
) -> dict[str, Any]:
    """`openapi_extra` of a route that parses its body itself."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": required, "content": {media_type: {"schema": schema}}}}


def openapi_document(app: FastAPI, prefix: str) -> dict[str, Any]:
    """The document of an app, whose routes lie under a prefix. A component is called by the title of its schema.

    What all routes have in common is said here once: that errors are problems, that parameters are never null or empty,
    and what the headers of answers say. What each operation takes is told as OpenAPI 3.1 has it: the roles are the
    scopes of the security requirement.
    """
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    models: Any = [(model, "validation") for model in BODIES]
    _, bodies = models_json_schema(models, ref_template="#/components/schemas/{model}")
    components: dict[str, Any] = bodies["$defs"] | document["components"]["schemas"]
    titles: dict[str, str] = {name: schema.get("title", name) for name, schema in components.items()}
    document["components"]["schemas"] = {titles[name]: schema for name, schema in components.items()}
    document["components"]["securitySchemes"] = SECURITY_SCHEMES
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            describe_operation(method, operation)
            operation["security"] = _security(RULES[method.upper(), path.removeprefix(prefix)])
    return json.loads(_REF.sub(lambda match: titles[match[0]], json.dumps(document)))
