"""The HTTP shapes of verdicts on task events, those that are still to come too."""

from typing import Any

from pydantic import BaseModel

from tasker_core.errors import FieldError
from tasker_core.messages.verdicts import Channel, VerdictWord
from tasker_core.time.instant import Instant


class JournalEntry(BaseModel):
    """A task event with its verdict."""

    event_id: str
    event_type: str
    task_id: str
    verdict: VerdictWord
    version: int | None
    generation: int | None
    actor: str | None
    channel: Channel
    note: str | None
    effective_from: Instant | None
    task: dict[str, Any] | None
    next_at: Instant | None
    run_id: str | None
    change_set: str | None
    errors: list[FieldError]
    logged_at: Instant


class Pending(BaseModel):
    """The event is taken and not yet decided: look at `journal` (also in `Location`)."""

    event_id: str
    task_id: str
    journal: str
