"""PURE. What changes of tasks change in `next_times`, which has one entry for each task that is not deleted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tasker_core.documents.tasks import TaskDocument, TaskStateFields
from tasker_log_sink.projection.collection_changes import CollectionChanges


class NextTimeChanges(NamedTuple):
    """The next times to be stored, by task id, and the tasks whose entries go."""

    moved: dict[str, datetime | None]
    gone: list[str]


def next_time_changes(
    changes: CollectionChanges[TaskDocument], stored: Mapping[str, TaskStateFields]
) -> NextTimeChanges:
    """What follows from changes of tasks, and from these tasks as they are `stored`."""
    found = NextTimeChanges({}, [])
    for new in changes.inserts:
        if not new["deleted"]:
            found.moved[new["_id"]] = new["next_at"]
    for task_id, fields in changes.updates:
        before = stored[task_id]
        if fields.get("deleted", before["deleted"]):
            if not before["deleted"]:
                found.gone.append(task_id)
        elif before["deleted"] or "next_at" in fields:
            next_at: Any = fields.get("next_at", before["next_at"])
            found.moved[task_id] = next_at
    return found
