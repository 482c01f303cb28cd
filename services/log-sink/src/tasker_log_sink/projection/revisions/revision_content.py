"""PURE. What a message, an entry of the journal or a task as it stands says of one revision."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from tasker_core.documents.journal import JournalDocument
from tasker_core.documents.revisions import FinishDocument, RevisionContent, revision_id
from tasker_core.documents.tasks import TaskDocument, TaskStateFields
from tasker_core.messages.base import NULL
from tasker_core.messages.verdicts import Finished, Removed, Rescheduled, Verdict
from tasker_log_sink.projection.bson_instants import instant, optional_instant
from tasker_log_sink.projection.tasks.task_definition import decode_defined_task, defined_task_json

CHANGES: Final = frozenset({"put", "delete", "pause", "resume", "outcome"})
"""The events that make a new version of a task when they are accepted."""


class RevisionFinish(NamedTuple):
    """That nothing is left of a version, as it stood before `position`: calendars may change under a version."""

    version: int
    position: int
    finish: FinishDocument


class RevisionReport(NamedTuple):
    """What a record says of the revisions of its task."""

    task_id: str
    revisions: tuple[RevisionContent, ...] = ()
    finish: RevisionFinish | None = None


def report_of_verdict(verdict: Verdict, position: int, *, paused: bool) -> RevisionReport | None:
    """The revision that an accepted verdict makes, which is the record at offset `position`; None when it makes none.

    Raises ValueError for an instant that is none. Records of earlier releases have no `since`.
    """
    if verdict.event_type not in CHANGES or verdict.version is None or verdict.generation is None:
        return None
    from_at, is_gone = optional_instant(verdict.effective_from), verdict.task == NULL
    if from_at is None:
        return None
    revision: RevisionContent = {
        "_id": revision_id(verdict.task_id, verdict.version),
        "task_id": verdict.task_id,
        "generation": verdict.generation,
        "version": verdict.version,
        "position": position,
        "event_id": verdict.event_id,
        "event_type": verdict.event_type,
        "actor": verdict.actor,
        "channel": verdict.channel,
        "note": verdict.note,
        "effective_from": from_at,
        "since": None if is_gone else optional_instant(verdict.since) or from_at,
        "after_nominal": optional_instant(verdict.after_nominal),
        "task_json": None if is_gone else bytes(verdict.task).decode(),
        "paused": paused,
        "calendars": verdict.calendars,
        "source": "verdict",
    }
    if verdict.change_set is not None:
        revision["change_set"] = verdict.change_set
    return RevisionReport(verdict.task_id, (revision,))


def report_of_handover(message: Rescheduled, position: int, *, paused: bool) -> RevisionReport:
    """The same version of a task under another version of a calendar. Raises ValueError for an instant that is none."""
    revision: RevisionContent = {
        "_id": revision_id(message.task_id, message.version, f"{message.calendar}/{message.calendar_version}"),
        "task_id": message.task_id,
        "generation": message.generation,
        "version": message.version,
        "position": position,
        "event_id": None,
        "event_type": "calendar",
        "actor": None,
        "channel": None,
        "note": f"{message.calendar}, version {message.calendar_version}",
        "effective_from": instant(message.effective_from),
        "since": instant(message.since),
        "after_nominal": optional_instant(message.after_nominal),
        "task_json": bytes(message.task).decode(),
        "paused": paused,
        "calendars": message.calendars,
        "source": "verdict",
    }
    return RevisionReport(message.task_id, (revision,))


def report_of_removal(removed: Removed, position: int, appended_at: datetime) -> RevisionReport:
    """The end of a finished task. Raises ValueError for an instant that is none."""
    revision: RevisionContent = {
        "_id": revision_id(removed.task_id, removed.version, "removed"),
        "task_id": removed.task_id,
        "generation": removed.generation,
        "version": removed.version,
        "position": position,
        "event_id": None,
        "event_type": "removed",
        "actor": None,
        "channel": None,
        "note": None,
        "effective_from": optional_instant(removed.removed_at) or appended_at,
        "since": None,
        "after_nominal": None,
        "task_json": None,
        "paused": False,
        "calendars": {},
        "source": "verdict",
    }
    return RevisionReport(removed.task_id, (revision,))


def report_of_finish(finished: Finished, position: int) -> RevisionReport:
    """What is noted with the revision of which nothing is left. Raises ValueError for an instant that is none."""
    finish: FinishDocument = {"reason": finished.reason, "last_nominal": instant(finished.last_nominal)}
    return RevisionReport(finished.task_id, finish=RevisionFinish(finished.version, position, finish))


def revision_of_entry(entry: JournalDocument) -> RevisionContent | None:
    """The revision that an entry of the journal tells of, from before there were revisions; None when of none."""
    version, generation, from_at = entry["version"], entry["generation"], entry["effective_from"]
    if entry["verdict"] != "accepted" or entry["event_type"] not in CHANGES:
        return None
    if version is None or generation is None or from_at is None:
        return None
    task_json = entry["task_json"]
    if task_json is None and entry["event_type"] != "delete":
        return None
    return {
        "_id": revision_id(entry["task_id"], version),
        "task_id": entry["task_id"],
        "generation": generation,
        "version": version,
        "position": 0,
        "event_id": entry["event_id"],
        "event_type": entry["event_type"],
        "actor": entry["actor"],
        "channel": entry["channel"],
        "note": entry["note"],
        "effective_from": from_at,
        "since": None if task_json is None else from_at,
        "after_nominal": None,
        "task_json": task_json,
        "paused": task_json is not None and decode_defined_task(task_json).paused,
        "calendars": {},
        "source": "journal",
    }


def revisions_of_task(task: TaskDocument) -> RevisionReport:
    """The version that a task shows, and its end if it is deleted; whoever made them is not known any more."""
    task_id, updated, paused = task["_id"], task["updated_at"], task["state"] == "paused"
    if not task["version"] or updated is None:
        return RevisionReport(task_id)
    task_json = defined_task_json(task_id, task, paused=paused)
    under = {use["name"]: use["version"] for use in task.get("calendars", [])}
    standing = snapshot_revision(
        task_id, task["generation"], task["version"], updated, task_json, paused=paused, calendars=under
    )
    if not task["deleted"] or task["gone_at"] is None:
        return RevisionReport(task_id, (standing,))
    end = snapshot_end(task_id, task["generation"], task["deleted_version"], task["gone_at"])
    if task["deleted_version"] > task["version"]:  # a removal has no version of its own, a delete has
        end["_id"], end["event_type"] = revision_id(task_id, task["deleted_version"]), "delete"
    return RevisionReport(task_id, (standing, end))


def snapshot_revision(
    task_id: str,
    generation: int,
    version: int,
    effective_from: datetime,
    task_json: str,
    *,
    paused: bool,
    since: datetime | None = None,
    after_nominal: datetime | None = None,
    calendars: Mapping[str, int] | None = None,
) -> RevisionContent:
    """A version of which is only known what it says, and that it has been in force from then on at the latest."""
    return {
        "_id": revision_id(task_id, version),
        "task_id": task_id,
        "generation": generation,
        "version": version,
        "position": 0,
        "event_id": None,
        "event_type": "unknown",
        "actor": None,
        "channel": None,
        "note": None,
        "effective_from": effective_from,
        "since": since or effective_from,
        "after_nominal": after_nominal,
        "task_json": task_json,
        "paused": paused,
        "calendars": dict(calendars or {}),
        "source": "snapshot",
    }


def snapshot_end(task_id: str, generation: int, version: int, found_at: datetime) -> RevisionContent:
    """The end of a task of which is only known that it is gone, and that it was by then."""
    end = snapshot_revision(task_id, generation, version, found_at, "", paused=False)
    end["_id"], end["event_type"] = revision_id(task_id, version, "removed"), "removed"
    end["note"] = "when and why it was deleted or removed is not known any more; by then it was gone"
    end["task_json"] = end["since"] = None
    return end


def tasks_without_revision(
    reports: Iterable[RevisionReport], tasks: Mapping[str, TaskStateFields], standing: Mapping[str, Any]
) -> list[str]:
    """The tasks that are changed, and whose version before is known from the task alone: not from its revisions.

    An earlier release wrote it.
    """
    found: dict[str, None] = {}
    for task_id, revisions, _ in reports:
        task = tasks.get(task_id)
        if task is None or not task["version"] or not revisions:
            continue
        known = max((one["version"] for one in standing.get(task_id, ())), default=0)
        if known < max(task["version"], task["deleted_version"]) < max(one["version"] for one in revisions):
            found[task_id] = None
    return list(found)
