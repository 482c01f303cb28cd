"""From documents to HTTP shapes."""

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from tasker_api import schemas
from tasker_core.schedules.description import describe
from tasker_core.schedules.schedule import Schedule
from tasker_runtime.documents import JournalDocument, RunDocument, TaskDocument

_SCHEDULE: TypeAdapter[Any] = TypeAdapter(Schedule)


@lru_cache(maxsize=16_384)
def schedule(text: str) -> tuple[Any, str]:
    """A stored schedule and its description: many tasks share one."""
    found = _SCHEDULE.validate_json(text)
    return found, describe(found)


def _task_fields(found: TaskDocument) -> dict[str, Any]:
    stored, told = schedule(found["schedule_json"])
    last = found["last_run"]
    same = ("name", "tags", "handler", "timeout", "state", "version", "generation", "created_at", "updated_at")
    return {name: found[name] for name in same} | {
        "id": found["_id"],
        "schedule": stored,
        "schedule_description": told,
        "paused": found["state"] == "paused",
        "retry": json.loads(found.get("retry_json", "null")) or {},
        "overlap": found.get("overlap", "allow"),
        "max_consecutive_failures": found.get("max_consecutive_failures"),
        "misfire": json.loads(found.get("misfire_json", "null")) or {},
        "next_at": found["next_at"],
        "last_run": None if last is None else {**last, "id": last["run_id"]},
    }


def task_item(found: TaskDocument) -> schemas.TaskItem:
    """A task in a list."""
    return schemas.TaskItem.model_validate(_task_fields(found))


def task(found: TaskDocument) -> schemas.Task:
    """A task, whole."""
    more = {
        "description": found["description"],
        "payload": json.loads(found["payload_json"]),
        "pause": json.loads(found.get("pause_json", "null")),
    }
    return schemas.Task.model_validate(_task_fields(found) | more)


def definition(found: TaskDocument) -> dict[str, Any]:
    """The task as a user would send it, with everything said: the target of a merge patch."""
    whole = task(found).model_dump(mode="json", exclude_none=True)
    said = ("id", "name", "description", "tags", "schedule", "handler", "timeout", "paused")
    names = (*said, "retry", "overlap", "max_consecutive_failures", "misfire")
    return {name: whole[name] for name in names if name in whole} | {"payload": json.loads(found["payload_json"])}


def run_item(found: RunDocument) -> schemas.RunItem:
    """A run in a list."""
    return schemas.RunItem.model_validate({**found, "id": found["_id"], "retry_at": found.get("retry_at")})


def run(found: RunDocument) -> schemas.Run:
    """A run, whole."""
    told = {"payload": json.loads(found["payload_json"]), "result": json.loads(found["result_json"])}
    return schemas.Run.model_validate({**found, "id": found["_id"], "retry_at": found.get("retry_at"), **told})


def entry(found: JournalDocument) -> schemas.JournalEntry:
    """A journal entry."""
    task_sent = json.loads(found["task_json"]) if found["task_json"] else None
    return schemas.JournalEntry.model_validate({**found, "task": task_sent})


def at_clock(second: int, clock: Any) -> str:
    """An epoch second as ISO 8601 local time with its offset."""
    return datetime.fromtimestamp(second, UTC).astimezone(clock).isoformat()
