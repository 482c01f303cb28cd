"""PURE. The HTTP shapes of dead letters."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tasker_core.time.instant import Instant

RedriveAction = Literal["send_back", "run_again"]


class DeadLetterItem(BaseModel):
    """A record that could not be used: where it came from, why it is here, and what it looks like.

    `id` is its partition and offset; `preview` the begin of its value as text (`is_cut`: there is more), `size` its
    bytes. `redrive` is what a redrive does: `send_back` the same bytes to the topic they came from, `run_again` trigger
    the task with the same payload; null: nothing can be done, `obstacle` says why.
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
