"""PURE. From documents of revisions to HTTP shapes."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, cast

from pydantic import ValidationError

from tasker_api.conversion.json_changes import json_changes
from tasker_api.schemas.task_history import FieldChange, FinishedRevision, Revision, RevisionDetail, RevisionKind
from tasker_core.documents.revisions import RevisionDocument
from tasker_core.messages.verdicts import Channel
from tasker_core.schedules.schedule import from_json
from tasker_core.task import Misfire, Retry

_KINDS: Final[dict[str, RevisionKind]] = {
    "put": "edited",
    "pause": "paused",
    "resume": "resumed",
    "outcome": "paused_by_failures",
    "delete": "deleted",
    "removed": "removed",
    "calendar": "calendar_changed",
}
_DONE: Final[dict[RevisionKind, str]] = {
    "created": "Created",
    "edited": "Edited",
    "paused": "Paused",
    "resumed": "Resumed",
    "paused_by_failures": "Paused by failures in a row",
    "deleted": "Deleted",
    "removed": "Removed: it was finished, and its retention over",
    "calendar_changed": "Another version of a calendar",
    "unknown": "What made this version is not known any more",
}
_THROUGH: Final[dict[str, str]] = {
    "ui": " through the web UI",
    "rest": " through the REST API",
    "kafka": " through Kafka",
    "import": " in an import",
}
_DEFAULTS: Final[dict[str, Any]] = {
    "name": "",
    "description": "",
    "tags": [],
    "schedule": None,
    "handler": "default",
    "payload": None,
    "timeout": "PT1M",
    "retry": Retry().model_dump(mode="json"),
    "overlap": "allow",
    "max_consecutive_failures": None,
    "misfire": Misfire().model_dump(mode="json"),
    "then": [],
    "notify": [],
    "paused": False,
}
Compared = dict[str, Any] | None
"""What is compared of a version; None where there is no task any more, or it is not known."""
SHOWN_PLACES: Final = 3
"""So many changed places are named in the sentence."""


def defined_task(task_json: str) -> dict[str, Any]:
    """The task of a revision as one would put it, with all that it leaves out."""
    task: dict[str, Any] = {name: value for name, value in json.loads(task_json).items() if value is not None}
    task.pop("pause", None)
    schedule = _whole_schedule(json.dumps(task["schedule"], separators=(",", ":")))
    return _DEFAULTS | task | {"schedule": schedule}


def revision_page(found: Sequence[RevisionDocument], before_last: RevisionDocument | None) -> list[Revision]:
    """Versions of a task, newest first, each with what differs from the one before."""
    compared = [_compared(one) for one in found]
    before = [*compared, None if before_last is None else _compared(before_last)][1:]
    return [_revision(*three) for three in zip(found, compared, before, strict=True)]


def revision_detail(found: RevisionDocument, before: RevisionDocument | None) -> RevisionDetail:
    """A version of a task, whole."""
    (item,) = revision_page([found], before)
    task_json = found["task_json"]
    return RevisionDetail(**dict(item), task=None if task_json is None else defined_task(task_json))


def _revision(found: RevisionDocument, compared: Compared, before: Compared) -> Revision:
    changes, left_out = _changes(found, compared, before)
    kind = _kind(found)
    finished = found["finished"]
    return Revision(
        version=found["version"],
        generation=found["generation"],
        kind=kind,
        actor=found["actor"],
        channel=cast("Channel | None", found["channel"]),
        note=found["note"],
        event_id=found["event_id"],
        change_set=found.get("change_set"),
        effective_from=found["effective_from"],
        until=found["superseded_at"],
        logged_at=found["logged_at"],
        paused=found["paused"],
        changes=changes,
        changes_left_out=left_out,
        finished=None if finished is None else FinishedRevision(**finished),
        text=_sentence(kind, found, changes),
    )


def _kind(found: RevisionDocument) -> RevisionKind:
    kind = _KINDS.get(found["event_type"], "unknown")
    return "created" if kind == "edited" and found["version"] == found["generation"] else kind


def _changes(found: RevisionDocument, compared: Compared, before: Compared) -> tuple[list[FieldChange] | None, int]:
    if compared is None or _kind(found) == "created":
        return [], 0
    if before is None:
        return None, 0
    changes, left_out = json_changes(before, compared)
    return [FieldChange(**change._asdict()) for change in changes], left_out


def _compared(found: RevisionDocument) -> Compared:
    task_json = found["task_json"]
    return None if task_json is None else defined_task(task_json) | {"calendars": found["calendars"]}


def _sentence(kind: RevisionKind, found: RevisionDocument, changes: list[FieldChange] | None) -> str:
    who = f" by {found['actor']}" if found["actor"] and kind != "paused_by_failures" else ""
    through = _THROUGH.get(found["channel"] or "", "") if kind not in ("paused_by_failures", "calendar_changed") else ""
    note = f": {found['note']}" if found["note"] else ""
    if kind == "unknown":
        return f"{_DONE[kind]}; it is how the task was at the time."
    return f"{_DONE[kind]}{who}{through}{note}{_places(kind, changes)}."


def _places(kind: RevisionKind, changes: list[FieldChange] | None) -> str:
    if kind != "edited":
        return ""
    if changes is None:
        return " (what it changed is not known any more: the version before is gone)"
    names = list(dict.fromkeys(change.pointer.split("/")[1] for change in changes))
    if not names:
        return " (without a difference)"
    more = f" and {len(names) - SHOWN_PLACES} more" if len(names) > SHOWN_PLACES else ""
    return f" ({', '.join(names[:SHOWN_PLACES])}{more})"


@lru_cache(maxsize=1_024)
def _whole_schedule(text: str) -> dict[str, Any]:
    """The schedule with all its options: a later release may know more of them than the one that wrote it."""
    try:
        return from_json(text.encode()).model_dump(mode="json", exclude_none=True)
    except (ValidationError, KeyError, ValueError):
        return json.loads(text)
