"""PURE. The HTTP shapes of what a task has been."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tasker_core.messages.verdicts import Channel
from tasker_core.time.instant import Instant

RevisionKind = Literal[
    "created",
    "edited",
    "paused",
    "resumed",
    "paused_by_failures",
    "deleted",
    "removed",
    "calendar_changed",
    "unknown",
]


class FieldChange(BaseModel):
    """What differs at one place, a JSON pointer into the task; null on the side where there is nothing.

    `cut`: the values are too large to be shown here; the versions themselves show them.
    """

    model_config = ConfigDict(title="FieldChange")

    pointer: str
    kind: Literal["added", "removed", "changed"]
    before: Any
    after: Any
    cut: bool


class FinishedRevision(BaseModel):
    """Why nothing is left of a definition, and its last nominal time."""

    reason: str
    last_nominal: Instant


class Revision(BaseModel):
    """A version of a task: what made it, who, when it took effect (`effective_from`) and until when it held (`until`).

    `kind`: `paused_by_failures` is done by Tasker itself, `removed` after the retention of a finished task, `unknown`
    means that it is not known any more who had made the version, and how. `changes` leads from the version before to
    this one; null when that one is not known any more. `changes_left_out` are too many to be shown. `text` says it all
    in a sentence.
    """

    version: int
    generation: int
    kind: RevisionKind
    actor: str | None
    channel: Channel | None
    note: str | None
    event_id: str | None
    change_set: str | None
    effective_from: Instant
    until: Instant | None
    logged_at: Instant
    paused: bool
    changes: list[FieldChange] | None
    changes_left_out: int
    finished: FinishedRevision | None
    text: str


class RevisionDetail(Revision):
    """A version of a task, whole: `task` as one would put it; null when it is the end of the task."""

    task: dict[str, Any] | None


class RevisionList(BaseModel):
    """A page of the versions of a task, newest first."""

    items: list[Revision]
    next_cursor: str | None


class RevertInput(BaseModel):
    """Which version of the task to put back; `note` says why, for the history."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, le=2**53 - 1)]
    note: Annotated[str, Field(max_length=900)] | None = None
