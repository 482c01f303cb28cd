"""PURE. Collection `change_sets`: what each bulk action, import and undo was to do, and how far it has come."""

from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict

from tasker_core.messages.change_sets import ChangeSetKind, ChangeSetState

StatedField = Literal[
    "kind", "action", "filter_json", "options_json", "scope", "total", "undoes", "owner", "progress", "counts"
]
"""What of a change-set is stated, each on its own; that of the later statement stands.

But what it is, and whose, the first statement with a `kind` says: a later one with a `kind` changes nothing of that,
one without a `kind` may.
"""


class ChangeSetStatement(TypedDict):
    """What one event states of a change-set. `version` orders the statements of one."""

    _id: str
    version: int
    actor: str | None
    channel: str
    note: str | None
    at: datetime
    state: ChangeSetState | None
    stated: dict[StatedField, Any]


class ChangeSetDocument(TypedDict):
    """A change-set. Who asked for it, how, why and when (`created_at`): by the first statement (`first_version`).

    `updated_at` is the time of the latest one, `versions` tells from which statement each field is, and a state that
    has been reached (`done`, `cancelled`) stands, from the statement `state_version` on.
    """

    _id: str
    first_version: int
    actor: str | None
    channel: str
    note: str | None
    created_at: datetime
    updated_at: datetime
    state: ChangeSetState
    state_version: int
    versions: dict[StatedField, int]
    kind: NotRequired[ChangeSetKind]
    action: NotRequired[str]
    filter_json: NotRequired[str]
    options_json: NotRequired[str]
    scope: NotRequired[list[str]]
    """The tags of the key by which it was asked for; absent where that has none."""
    total: NotRequired[int]
    undoes: NotRequired[str]
    owner: NotRequired[str]
    progress: NotRequired[dict[str, Any]]
    counts: NotRequired[dict[str, int]]
    logged_at: datetime


ChangeSetField = Literal[
    "_id",
    "first_version",
    "actor",
    "channel",
    "note",
    "created_at",
    "updated_at",
    "state",
    "state_version",
    "versions",
    "kind",
    "action",
    "filter_json",
    "options_json",
    "scope",
    "total",
    "undoes",
    "owner",
    "progress",
    "counts",
    "logged_at",
]
