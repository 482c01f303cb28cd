"""From task documents to HTTP shapes."""

import json
from collections.abc import Sequence
from typing import Any

from tasker_api.conversion.schedules import stored_schedule
from tasker_api.schemas.tasks import TaskItem, TaskResponse
from tasker_core.documents.tasks import LastRunDocument, TaskDocument


def task_item(task: TaskDocument) -> TaskItem:
    """A task in a list."""
    return TaskItem.model_validate(_item_fields(task))


def task_response(
    task: TaskDocument, predecessors: Sequence[TaskDocument] = (), missing: Sequence[str] = ()
) -> TaskResponse:
    """A task, whole: with the tasks that start it, and those that it is to start and that there are not."""
    more = {
        "description": task["description"],
        "payload": json.loads(task["payload_json"]),
        "preceded_by": [
            {"task": one["_id"], "on": link["on"]}
            for one in predecessors
            for link in _then(one)
            if link["task"] == task["_id"]
        ],
        "missing_successors": list(missing),
        "calendars": {use["name"]: use["version"] for use in task.get("calendars", [])},
    }
    return TaskResponse.model_validate(_item_fields(task) | more)


def task_definition(task: TaskDocument) -> dict[str, Any]:
    """The task as a user would send it, with every field: the target of a merge patch."""
    whole = task_response(task).model_dump(mode="json", exclude_none=True)
    names = ("id", "name", "description", "tags", "schedule", "handler", "timeout", "paused")
    names = (*names, "retry", "overlap", "max_consecutive_failures", "misfire", "then", "notify")
    return {name: whole[name] for name in names if name in whole} | {"payload": json.loads(task["payload_json"])}


def _item_fields(task: TaskDocument) -> dict[str, Any]:
    schedule, description = stored_schedule(task["schedule_json"], task["_id"])
    last = task["last_run"]
    return {
        "id": task["_id"],
        "name": task["name"],
        "tags": task["tags"],
        "handler": task["handler"],
        "timeout": task["timeout"],
        "state": task["state"],
        "version": task["version"],
        "generation": task["generation"],
        "created_at": task["created_at"],
        "updated_at": task["updated_at"],
        "schedule": schedule,
        "schedule_description": description,
        "paused": task["state"] == "paused",
        "retry": json.loads(task.get("retry_json", "null")) or {},
        "overlap": task.get("overlap", "allow"),
        "max_consecutive_failures": task.get("max_consecutive_failures"),
        "misfire": json.loads(task.get("misfire_json", "null")) or {},
        "then": _then(task),
        "notify": json.loads(task.get("notify_json", "null")) or [],
        "next_at": task["next_at"],
        "due_at": task.get("due_at") or task["next_at"],
        "last_outcome": task.get("last_outcome"),
        "failures": task.get("failures", 0),
        "pause": json.loads(task.get("pause_json", "null")),
        "last_run": None if last is None else _last_run_fields(last),
    }


def _then(task: TaskDocument) -> list[dict[str, str]]:
    links: list[dict[str, str]] = json.loads(task.get("then_json", "null")) or []
    return [{"on": "succeeded", **link} for link in links]


def _last_run_fields(last: LastRunDocument) -> dict[str, Any]:
    return {
        "id": last["run_id"],
        "state": last["state"],
        "nominal_at": last["nominal_at"],
        "effective_at": last["effective_at"],
        "finished_at": last["finished_at"],
    }
