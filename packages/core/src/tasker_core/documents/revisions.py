"""PURE. Collection `revisions`: the definitions that each task has had, one after the other, and how each came about.

Of the same task they follow one another by (effective_from, version, position). Each was in force from its
`effective_from` to the next one's; what it had to emit within that,
`EffectiveSchedule(schedule, offset, since, after_nominal)` tells (effective_schedule.py).
"""

from datetime import datetime
from typing import Any, Final, Literal, NotRequired, TypedDict

RevisionSource = Literal["verdict", "journal", "snapshot"]
"""Where a revision is known from: what the ticker said of it; the journal, before there were revisions; or the task as
it stood then, of which nobody knows any more who had changed it, and how (event_type `unknown`)."""
ENDS: Final = ("delete", "removed")
"""The event types after which there is no task."""


class FinishDocument(TypedDict):
    """Why nothing was left of a definition, and its last nominal time."""

    reason: str
    last_nominal: datetime


class RevisionPosition(TypedDict):
    """Where a revision stands among those of its task."""

    _id: str
    task_id: str
    effective_from: datetime
    version: int
    position: int
    """Of two with the same time and version, the later one has the greater one."""
    source: RevisionSource
    superseded_at: datetime | None
    """None while it stands, then the `effective_from` of the next one. What ends a task stands, too."""
    finished: FinishDocument | None
    """Once nothing was left of it."""


class RevisionContent(TypedDict):
    """A revision as its message states it. `_id`: `<task_id>/<version>`, of a removal with `/removed` behind it.

    Of a handover to another version of a calendar with `/<calendar>/<its version>` behind it.
    """

    _id: str
    task_id: str
    generation: int
    version: int
    position: int
    event_id: str | None
    event_type: str
    """`put`, `delete`, `pause`, `resume`, `outcome` (paused by failures), `removed`, `calendar` (handed over to
    another version of one), or `unknown`."""
    actor: str | None
    channel: str | None
    note: str | None
    effective_from: datetime
    since: datetime | None
    """None where there is no task any more."""
    after_nominal: datetime | None
    task_json: str | None
    """The task as accepted (AcceptedTask); None where there is no task any more."""
    paused: bool
    calendars: dict[str, int]
    """The versions of the calendars under which its schedule is read."""
    source: RevisionSource
    change_set: NotRequired[str]
    """The change-set that the event was part of; absent where it was part of none."""


class RevisionDocument(RevisionContent):
    """A revision. Whatever is superseded, or ends a task, expires some time after that; what stands never does."""

    finished: FinishDocument | None
    superseded_at: datetime | None
    logged_at: datetime


RevisionField = Literal[
    "_id",
    "task_id",
    "generation",
    "version",
    "position",
    "event_id",
    "event_type",
    "actor",
    "channel",
    "note",
    "effective_from",
    "since",
    "after_nominal",
    "task_json",
    "paused",
    "calendars",
    "source",
    "change_set",
    "finished",
    "superseded_at",
    "logged_at",
]
REVISION_ORDER: Final[tuple[RevisionField, ...]] = ("effective_from", "version", "position")
"""The sort keys of the revisions of a task."""


def revision_id(task_id: str, version: int, end: str = "") -> str:
    """The `_id` of a revision; `end` tells apart what happens to a task without a version of its own."""
    return f"{task_id}/{version}{end and '/'}{end}"


def removal_id(revision: Any) -> str:
    """The `_id` of the removal of the task of a revision, or its position, if this is its last version."""
    return revision_id(revision["task_id"], revision["version"], "removed")


def order_key(revision: Any) -> tuple[datetime, int, int]:
    """Where a revision, or its position, stands among those of its task."""
    return revision["effective_from"], revision["version"], revision["position"]
