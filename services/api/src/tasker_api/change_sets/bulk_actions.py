"""PURE. The event that a bulk action has for one task."""

from collections.abc import Mapping
from typing import Any

from tasker_api.change_sets.bulk_request import BulkActionInput
from tasker_api.change_sets.portions import Item
from tasker_api.conversion.tasks import task_definition
from tasker_core.documents.tasks import TaskDocument
from tasker_core.time.duration import format_duration


def needs_definition(request: BulkActionInput) -> bool:
    """Whether the event for a task bears its whole definition, so that the whole task must be read."""
    return request.action in ("tag", "spread")


def item_for(request: BulkActionInput, task: TaskDocument) -> Item | None:
    """The event for a task as it was read, None when it is as wanted already.

    Whoever changes the task meanwhile is not overridden: the event is for that version.
    """
    task_id, version, note = task["_id"], task["version"], _note(request)
    match request.action:
        case "pause" | "resume":
            if (task["state"] == "paused") == (request.action == "pause"):
                return None
            return Item(task_id, request.action, {"task_id": task_id, **note}, version)
        case "delete":
            return Item(task_id, "delete", {"task_id": task_id, **note}, version)
        case "trigger":
            payload = {"payload": request.payload} if request.has_payload else {}
            return Item(task_id, "trigger", {"task_id": task_id, **payload, **note})
        case "tag" | "spread":
            before = task_definition(task)
            after = _tagged(request, before) if request.action == "tag" else _spread(request, before)
            return None if after == before else Item(task_id, "put", {"task": after, **note}, version)


def _note(request: BulkActionInput) -> dict[str, str]:
    return {} if request.note is None else {"note": request.note}


def _tagged(request: BulkActionInput, task: Mapping[str, Any]) -> dict[str, Any]:
    kept = [tag for tag in task["tags"] if tag not in request.remove_tags]
    return {**task, "tags": list(dict.fromkeys([*kept, *request.add_tags]))}


def _spread(request: BulkActionInput, task: Mapping[str, Any]) -> dict[str, Any]:
    schedule = {name: value for name, value in task["schedule"].items() if name != "spread"}
    if request.spread:
        schedule["spread"] = format_duration(request.spread)
    return {**task, "schedule": schedule}
