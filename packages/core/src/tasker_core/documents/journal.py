"""PURE. Collection `journal`: each task event with its verdict."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from tasker_core.messages import VerdictWord


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


class JournalDocument(JournalContent):
    """An entry. `_id` is `<task_id>/<event_id>`. The first verdict stands."""

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
    "logged_at",
]
