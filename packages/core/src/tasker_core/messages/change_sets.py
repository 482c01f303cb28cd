"""Change-sets: what one bulk action, import or undo does to many tasks, and how far it has come."""

from typing import Annotated, Final, Literal

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from tasker_core.access.api_key import MAX_KEY_TAGS
from tasker_core.errors import in_words
from tasker_core.ids import TaskId, is_task_id
from tasker_core.texts import Tag

MAX_CHANGE_SET_ID: Final = 64
"""The ids of its events, `<change-set>/<task>`, must be no longer than those of events."""
MAX_STATED_BYTES: Final = 256 * 1024
"""Of what one event states: a verdict must bear it."""
NO_CHANGE_SET_ID: Final = (
    f"is no id of a change-set: these are as ids of tasks, of at most {MAX_CHANGE_SET_ID} characters"
)
_PATTERN: Final = rf"^[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_CHANGE_SET_ID - 1}}}$"
ChangeSetId = Annotated[str, StringConstraints(pattern=_PATTERN), in_words(_PATTERN, NO_CHANGE_SET_ID)]
ChangeSetKind = Literal["bulk", "import", "undo"]
ChangeSetState = Literal["running", "done", "cancelled"]
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]


def _bounded(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if (size := len(msgspec.json.encode(value))) > MAX_STATED_BYTES:
        raise ValueError(f"has {size} bytes of JSON; at most {MAX_STATED_BYTES // 1024} KiB fit")
    return value


Stated = Annotated[dict[str, JsonValue], AfterValidator(_bounded)]


class LeftOutTask(BaseModel):
    """A task that was to be changed and got no event, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_id: TaskId
    message: Annotated[str, Field(max_length=1_000)]


class ChangeSetProgress(BaseModel):
    """How far whoever carries it out has come: all tasks up to the id `after` are dealt with.

    `published` got an event, or are given it now: that is stated before. `unchanged` were as wanted already, `left_out`
    could not be changed, of which some are told as `examples`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: Annotated[str, Field(max_length=128)] | None = None
    published: Count = 0
    unchanged: Count = 0
    left_out: Count = 0
    examples: Annotated[tuple[LeftOutTask, ...], Field(max_length=20)] = ()


class ChangeSetCounts(BaseModel):
    """The verdicts on its events, once it is over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accepted: Count = 0
    rejected: Count = 0
    superseded: Count = 0
    changed_meanwhile: Count = 0
    """Of those rejected: since somebody else had changed the task."""


class ChangeSetContent(BaseModel):
    """What is stated of a change-set. What is left out stays as it was; `done` and `cancelled` stand.

    `filter` and `options` are what was asked for, `scope` the tags of the key by which it was: tasks without one of
    them are not touched (absent: none is left out). `owner` is the process that carries it out, `undoes` the change-set
    that it takes back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: ChangeSetId
    kind: ChangeSetKind | None = None
    action: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    filter: Stated | None = None
    options: Stated | None = None
    scope: Annotated[tuple[Tag, ...], Field(min_length=1, max_length=MAX_KEY_TAGS)] | None = None
    total: Count | None = None
    state: ChangeSetState | None = None
    undoes: ChangeSetId | None = None
    owner: Annotated[str, Field(max_length=200)] | None = None
    progress: ChangeSetProgress | None = None
    counts: ChangeSetCounts | None = None


def is_change_set_id(value: object) -> bool:
    """Whether a change-set may have this id."""
    return isinstance(value, str) and len(value) <= MAX_CHANGE_SET_ID and is_task_id(value)


def item_event_id(change_set: str, task_id: str) -> str:
    """The id of the event of a change-set for a task: always the same, so that a repetition is harmless."""
    return f"{change_set}/{task_id}"
