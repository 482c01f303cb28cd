"""The HTTP shapes of change-sets: what bulk actions, imports and undos do to many tasks."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tasker_core.errors import FieldError
from tasker_core.messages.change_sets import ChangeSetKind, LeftOutTask
from tasker_core.messages.verdicts import Channel, VerdictWord
from tasker_core.time.instant import Instant

ShownState = Literal["running", "interrupted", "done", "cancelled"]
ItemState = Literal["changed", "rejected", "changed_meanwhile", "superseded", "waiting"]


class ChangeSetResponse(BaseModel):
    """What one request does to many tasks, and how far it has come.

    `interrupted`: nothing was heard of it for 30 seconds; the same request again, or `resume`, goes on with it. `total`
    (null: not counted yet) are the tasks that it is about: those whose event was `accepted`, `rejected` (of which
    `changed_meanwhile`: since somebody else had changed the task) or `superseded` (a repetition), those that were
    `unchanged`, as wanted already, those `left_out` (`examples` say why), and those that are `waiting` (null: not known
    yet; of a cancelled one, until all that was published is answered). `scope` are the tags of the key by which it was
    begun: it is kept to tasks that have one of them (null: to none).
    """

    model_config = ConfigDict(title="ChangeSet")

    id: str
    kind: ChangeSetKind
    action: str
    filter: dict[str, Any] | None
    options: dict[str, Any] | None
    scope: list[str] | None
    actor: str | None
    channel: Channel
    note: str | None
    created_at: Instant
    updated_at: Instant
    state: ShownState
    total: int | None
    accepted: int
    rejected: int
    changed_meanwhile: int
    superseded: int
    unchanged: int
    left_out: int
    waiting: int | None
    examples: list[LeftOutTask]
    undoes: str | None
    undone_by: str | None


class ChangeSetList(BaseModel):
    """A page of change-sets, newest first."""

    items: list[ChangeSetResponse]
    next_cursor: str | None


class ChangeSetItem(BaseModel):
    """What became of one task: the answer to its event. `run_id` is the run that a trigger made."""

    task_id: str
    event_id: str
    event_type: str
    verdict: VerdictWord
    state: ItemState
    version: int | None
    run_id: str | None
    errors: list[FieldError]
    logged_at: Instant


class ChangeSetItemList(BaseModel):
    """A page of the items of a change-set that have been answered, by verdict and task."""

    items: list[ChangeSetItem]
    next_cursor: str | None


class CountedTask(BaseModel):
    """A task that a bulk action would be about."""

    id: str
    name: str
    version: int


class BulkCount(BaseModel):
    """What a bulk action would be about: how many tasks, the first of them, and what of the ids can't be changed."""

    count: int
    sample: list[CountedTask]
    left_out: list[LeftOutTask]


class UndoInput(BaseModel):
    """`note` says why, for the history."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=900)] | None = None
