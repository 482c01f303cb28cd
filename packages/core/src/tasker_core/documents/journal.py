"""PURE. Collection `journal`: each task event with its verdict."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict
from urllib.parse import quote

from tasker_core.ids import is_task_id
from tasker_core.messages.verdicts import VerdictWord


def entry_id(task_id: str, event_id: str) -> str:
    """The `_id` of the entry of an event: `<task_id>/<event_id>`.

    What is no task id is escaped behind a slash, so that an event that names no task is never taken for another one.
    """
    return f"{task_id if is_task_id(task_id) else '/' + quote(task_id, safe='')}/{event_id}"


class FieldErrorDocument(TypedDict):
    """What is wrong with one field of a task event.

    `suggestion_json` is the message's suggestion as JSON text: it may hold numbers that a document can't.
    """

    pointer: str
    message: str
    suggestion_json: NotRequired[str]


class JournalVerdict(TypedDict):
    """What the log sink reads of an entry in order to go on from it."""

    _id: str
    verdict: VerdictWord


class JournalContent(JournalVerdict):
    """An entry as its message states it; `logged_at` is added when it is written."""

    task_id: str
    event_id: str
    event_type: str
    generation: int | None
    version: int | None
    actor: str | None
    channel: str
    note: str | None
    digest: str | None
    effective_from: datetime | None
    task_json: str | None
    next_at: datetime | None
    run_id: str | None
    errors: list[FieldErrorDocument]
    change_set: NotRequired[str]
    """The change-set that the event is part of; absent where it is part of none."""


class JournalDocument(JournalContent):
    """An entry; `_id` is `entry_id` of it. The first verdict stands.

    `task_id` is what the event called its task, be it allowed or not.
    """

    logged_at: datetime


JournalField = Literal[
    "_id",
    "task_id",
    "event_id",
    "event_type",
    "verdict",
    "generation",
    "version",
    "actor",
    "channel",
    "note",
    "digest",
    "effective_from",
    "task_json",
    "next_at",
    "run_id",
    "errors",
    "change_set",
    "logged_at",
]
