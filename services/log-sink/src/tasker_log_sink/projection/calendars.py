"""PURE. Verdicts on calendars as documents: the calendar as it stands, and a revision for each version."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime

import msgspec

from tasker_core.documents.calendars import CalendarContent, CalendarDocument, CalendarRevisionDocument, revision_id
from tasker_core.messages.base import NULL
from tasker_core.messages.calendars import decode_calendar
from tasker_core.messages.verdicts import Verdict
from tasker_log_sink.projection.bson_instants import instant
from tasker_log_sink.projection.collection_changes import CollectionChanges


class _Defined(msgspec.Struct, frozen=True):
    """The calendar in a verdict."""

    description: str = ""
    days: tuple[str, ...] = ()


_decode_defined = msgspec.json.Decoder(_Defined).decode


def decided_calendar(verdict: Verdict) -> CalendarContent:
    """What an accepted verdict has made of a calendar. Raises ValueError when it does not say."""
    if verdict.version is None or verdict.effective_from is None:
        raise ValueError("an accepted verdict on a calendar has version and effective_from")
    deleted = verdict.event_type == "calendar-delete"
    if verdict.calendar == NULL and not deleted:
        raise ValueError("an accepted verdict on a calendar has the calendar")
    defined = _Defined() if deleted else _decode_defined(bytes(verdict.calendar))
    return {
        "name": verdict.task_id,
        "version": verdict.version,
        "description": defined.description,
        "days": list(defined.days),
        "deleted": deleted,
        "effective_from": instant(verdict.effective_from),
        "actor": verdict.actor,
        "channel": verdict.channel,
        "note": verdict.note,
        "event_id": verdict.event_id,
    }


def standing_calendar(value: bytes) -> CalendarContent:
    """A calendar as the topic `calendars` has it: by whom it was changed is not known. Raises ValueError."""
    message = decode_calendar(value)
    content = held_version(message.name, message.version, message.days, instant(message.effective_from))
    content["description"] = message.description
    return content


def held_version(name: str, version: int, days: Sequence[str], since: datetime) -> CalendarContent:
    """A version that the ticker holds for the tasks that are under it, since `since` at the latest."""
    return {
        "name": name,
        "version": version,
        "description": "",
        "days": list(days),
        "deleted": False,
        "effective_from": since,
        "actor": None,
        "channel": None,
        "note": None,
        "event_id": None,
    }


def project_calendars(
    decided: Sequence[CalendarContent],
    held: Sequence[CalendarContent],
    stored: Mapping[str, CalendarDocument],
    revisions: Container[str],
    now: datetime,
) -> tuple[CollectionChanges[CalendarDocument], CollectionChanges[CalendarRevisionDocument]]:
    """The writes to both collections. A version that is there already stays as it is.

    `held`: versions that are revisions only, as nobody knows whether they stand.
    """
    current: dict[str, CalendarDocument] = {}
    new: dict[str, CalendarRevisionDocument] = {}
    ended: dict[str, datetime] = {}
    for content in decided:
        name, identity = content["name"], revision_id(content["name"], content["version"])
        before = current.get(name) or stored.get(name)
        if identity not in revisions and identity not in new:
            overtaken = before["effective_from"] if before and before["version"] > content["version"] else None
            new[identity] = {**content, "_id": identity, "superseded_at": overtaken, "logged_at": now}
        if before is None or before["version"] < content["version"]:
            if before is not None:
                _supersede(before, content, ended)
            current[name] = _document(content, before, now)
    for content in held:
        identity = revision_id(content["name"], content["version"])
        if identity not in revisions and identity not in new:
            new[identity] = {**content, "_id": identity, "superseded_at": None, "logged_at": now}
    for identity, at in ended.items():
        if identity in new:
            new[identity]["superseded_at"] = at
    changes = CollectionChanges[CalendarDocument]()
    for name, document in current.items():
        if name in stored:
            changes.updates.append((name, document))
        else:
            changes.inserts.append(document)
    updates: list[tuple[str, Mapping[str, object]]] = [
        (identity, {"superseded_at": at}) for identity, at in ended.items() if identity not in new
    ]
    return changes, CollectionChanges[CalendarRevisionDocument](list(new.values()), updates)


def _supersede(before: CalendarDocument, content: CalendarContent, ended: dict[str, datetime]) -> None:
    """Which revisions end with a new one. The days of a calendar that is deleted may still be in use."""
    if not content["deleted"]:
        for version in {before["version"], before["content_version"]}:
            ended[revision_id(before["name"], version)] = content["effective_from"]


def _document(content: CalendarContent, before: CalendarDocument | None, now: datetime) -> CalendarDocument:
    document: CalendarDocument = {
        **content,
        "_id": content["name"],
        "content_version": content["version"],
        "created_at": content["effective_from"],
        "logged_at": now,
    }
    if before is not None and not before["deleted"]:
        document["created_at"] = before["created_at"]
    if before is not None and content["deleted"]:
        document["days"], document["description"] = before["days"], before["description"]
        document["content_version"] = before["content_version"]
    return document
