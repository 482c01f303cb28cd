"""PURE. The HTTP shapes of dead letters."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tasker_core.time.instant import Instant

RedriveAction = Literal["send_back", "run_again"]


class DeadLetterItem(BaseModel):
    """A record that could not be used: where it came from, why it is here, and what it looks like.

    `cause` is the reason without what differs from one record to the next. `id` is its partition and offset; `preview`
    the begin of its value as text (`is_cut`: there is more), `size` its bytes. `redrive` is what a redrive does:
    `send_back` the same bytes to the topic they came from, `run_again` trigger the task with the same payload; null:
    nothing can be done, `obstacle` says why.
    """

    model_config = ConfigDict(title="DeadLetter")

    id: str
    partition: int
    offset: int
    buried_at: Instant
    service: str
    topic: str
    source_partition: int
    source_offset: int
    reason: str
    cause: str
    size: int
    key: str | None
    preview: str
    is_cut: bool
    task_id: str | None
    run_id: str | None
    redrive: RedriveAction | None
    obstacle: str | None


class DeadLetterList(BaseModel):
    """One page of dead letters, newest first."""

    items: list[DeadLetterItem]
    next_cursor: str | None


class DeadLetterTask(BaseModel):
    """A task, and how many dead letters of a group are about it."""

    id: str
    count: int


class DeadLetterGroup(BaseModel):
    """Dead letters of one service, topic and cause. Of `redrivable` ones a redrive does something.

    `tasks` are those with most of them, up to 5 of `task_count`.
    """

    service: str
    topic: str
    cause: str
    count: int
    redrivable: int
    first_at: Instant
    last_at: Instant
    task_count: int
    tasks: list[DeadLetterTask]
    newest: DeadLetterItem


class DeadLetterGroups(BaseModel):
    """The groups of the newest `looked_at` dead letters, the largest first. `complete`: there are no others."""

    items: list[DeadLetterGroup]
    looked_at: int
    complete: bool


class RedriveInput(BaseModel):
    """Which dead letters, by their ids."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[Annotated[str, Field(pattern=r"^\d{1,6}-\d{1,16}$")]], Field(min_length=1, max_length=100)]


class RedriveOutcome(BaseModel):
    """What became of one of them: `done` says what was done, `error` why nothing was; one of them is null."""

    id: str
    done: "RedriveResponse | None"
    error: str | None


class RedriveOutcomes(BaseModel):
    """What became of each, in the order of the request."""

    items: list[RedriveOutcome]


class RedriveResponse(BaseModel):
    """What was done: `sent_back` to `topic`, at this partition and offset, or `run_again` as the run `run_id`."""

    model_config = ConfigDict(title="Redriven")

    how: Literal["sent_back", "run_again"]
    note: str
    event_id: str | None = None
    task_id: str | None = None
    run_id: str | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
