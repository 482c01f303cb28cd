"""PURE. What changes of tasks change in `next_times`, which has one entry for each task that is not deleted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from tasker_core.documents.tasks import NextTimeField, TaskDocument, TaskStateFields
from tasker_log_sink.projection.collection_changes import CollectionChanges

_TIMES: Final = frozenset({"next_at", "due_at"})


class NextTimeChanges(NamedTuple):
    """What is to be stored by task id (the next time, and when it is due), and the tasks whose entries go."""

    moved: dict[str, dict[NextTimeField, datetime | None]]
    gone: list[str]


def next_time_changes(
    changes: CollectionChanges[TaskDocument], stored: Mapping[str, TaskStateFields]
) -> NextTimeChanges:
    """What follows from changes of tasks, and from these tasks as they are `stored`."""
    found = NextTimeChanges({}, [])
    for new in changes.inserts:
        if not new["deleted"]:
            found.moved[new["_id"]] = {"next_at": new["next_at"], "due_at": new["due_at"]}
    for task_id, fields in changes.updates:
        before = stored[task_id]
        if fields.get("deleted", before["deleted"]):
            if not before["deleted"]:
                found.gone.append(task_id)
        elif before["deleted"] or not _TIMES.isdisjoint(fields):
            times: Mapping[str, Any] = {**before, **fields}
            found.moved[task_id] = {"next_at": times["next_at"], "due_at": times.get("due_at")}
    return found
