"""Task bodies: checked whole, each wrong field named; and how the OpenAPI document shows bodies that routes parse."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel

from tasker_api import schemas, schemas_runs
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.handlers.built_in import payload_errors
from tasker_core.task import HandlerCheck, Task, parse_task

READ_ONLY = frozenset(schemas.Task.model_fields) - frozenset(Task.model_fields)


def task_body(body: Mapping[str, Any], task_id: str, check: HandlerCheck = payload_errors) -> dict[str, Any]:
    """The task that a body describes, with its id from the path; `check` knows the handlers. Raises InvalidInput."""
    errors: list[FieldError] = []
    if body.get("id", task_id) != task_id:
        errors.append(FieldError(pointer="/id", message=f"the path says {task_id!r}; leave the id out"))
    told = [name for name in body if name in READ_ONLY]
    errors += [FieldError(pointer=f"/{name}", message="read-only; leave it out") for name in told]
    task = {name: value for name, value in body.items() if name not in told} | {"id": task_id}
    try:
        parse_task(task, check)
    except InvalidInput as error:
        errors += error.errors
    if errors:
        raise InvalidInput(errors)
    return task


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396: the target with a merge patch applied."""
    if not isinstance(patch, dict):
        return patch
    found = dict(cast("dict[str, Any]", target)) if isinstance(target, dict) else {}
    for name, value in cast("dict[str, Any]", patch).items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), value)
    return found


BODIES: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        *(schemas.TaskInput, schemas.TaskChange, schemas.TaskPatch),
        *(schemas.Note, schemas.TriggerInput, schemas.PreviewInput),
        *(schemas_runs.RerunInput, schemas_runs.BackfillInput),
    )
}
"""What routes parse themselves, for the OpenAPI document."""


def takes(model: type[BaseModel], *, required: bool = True, media_type: str = "application/json") -> dict[str, Any]:
    """`openapi_extra` of a route that parses its body itself."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": required, "content": {media_type: {"schema": schema}}}}
