"""PURE. From task documents to what an import takes back as the same task, without what is so by default."""

import json
from typing import Any, Final

from tasker_core.documents.tasks import TaskDocument
from tasker_core.task import Task
from tasker_core.time.duration import format_duration

_DEFAULTS: Final[dict[str, Any]] = {"description": "", "tags": [], "handler": "default", "overlap": "allow"}
_SCHEDULE_DEFAULTS: Final[dict[str, Any]] = {"gap": "shift", "fold": "first"}
_DEFAULT_TIMEOUT: Final = format_duration(Task.model_fields["timeout"].default)


def exported_definition(task: TaskDocument) -> dict[str, Any]:
    """The task as in the body of `POST /tasks`. `paused` is there always: left out it means "as it was"."""
    schedule: dict[str, Any] = json.loads(task["schedule_json"])
    for option, default in _SCHEDULE_DEFAULTS.items():
        if schedule.get(option) == default:
            del schedule[option]
    name, timeout = task["name"], task["timeout"]
    found: dict[str, Any] = {
        "id": task["_id"],
        "name": None if name == task["_id"] else name,
        "description": task["description"],
        "tags": task["tags"],
        "schedule": schedule,
        "handler": task["handler"],
        "payload": json.loads(task["payload_json"]),
        "timeout": None if timeout == _DEFAULT_TIMEOUT else timeout,
        "retry": json.loads(task.get("retry_json", "null")),
        "overlap": task.get("overlap", "allow"),
        "max_consecutive_failures": task.get("max_consecutive_failures"),
        "misfire": json.loads(task.get("misfire_json", "null")),
        "then": json.loads(task.get("then_json", "null")),
        "notify": json.loads(task.get("notify_json", "null")),
        "paused": task["state"] == "paused",
    }
    return {name: value for name, value in found.items() if value is not None and value != _DEFAULTS.get(name)}
