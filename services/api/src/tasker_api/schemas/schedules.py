"""PURE. The HTTP shapes of a look ahead on a schedule."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tasker_core.schedules.schedule import Schedule
from tasker_core.time.instant import Instant


class PreviewInput(BaseModel):
    """A schedule to look ahead from `from` (default: now). `timezone`: whose clock `local` is, where it names none."""

    model_config = ConfigDict(extra="forbid")

    schedule: Schedule
    count: Annotated[int, Field(ge=1, le=100)] = 5
    from_: Annotated[Instant | None, Field(alias="from")] = None
    timezone: str | None = None


class PreviewTime(BaseModel):
    """A coming nominal time: the instant, and the same at the schedule's own clock."""

    model_config = ConfigDict(title="Coming")

    at: Instant
    local: str


class Preview(BaseModel):
    """A schedule in words, its next times, and what one might not expect of it."""

    description: str
    next: list[PreviewTime]
    notes: list[str]
