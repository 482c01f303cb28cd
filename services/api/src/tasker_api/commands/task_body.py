"""PURE. Task bodies: checked whole, each wrong field named; and merge patches."""

from collections.abc import Mapping
from typing import Any, cast

from tasker_core.errors import FieldError, InvalidInput
from tasker_core.handlers.built_in import payload_errors
from tasker_core.task import HandlerCheck, parse_task


def task_body(
    body: Mapping[str, Any], task_id: str, read_only: frozenset[str], check: HandlerCheck = payload_errors
) -> dict[str, Any]:
    """The task that a body describes, with its id from the path; `check` knows the handlers. Raises InvalidInput."""
    errors: list[FieldError] = []
    if body.get("id", task_id) != task_id:
        errors.append(FieldError(pointer="/id", message=f"the path says {task_id!r}; leave the id out"))
    refused = [name for name in body if name in read_only]
    errors += [FieldError(pointer=f"/{name}", message="read-only; leave it out") for name in refused]
    task = {name: value for name, value in body.items() if name not in refused} | {"id": task_id}
    try:
        parse_task(task, check)
    except InvalidInput as error:
        errors += error.errors
    if errors:
        raise InvalidInput(errors)
    return task


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: the target with a merge patch applied."""
    if not isinstance(patch, dict):
        return patch
    found = dict(cast("dict[str, Any]", target)) if isinstance(target, dict) else {}
    for name, value in cast("dict[str, Any]", patch).items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merge_patch(found.get(name), value)
    return found
