"""PURE. The HTTP shapes of a look ahead on a schedule."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tasker_core.ids import TaskId
from tasker_core.schedules.schedule import Schedule
from tasker_core.time.instant import Instant


def _is_none(value: object) -> bool:
    return value is None


class PreviewInput(BaseModel):
    """A schedule to look ahead from `from` (default: now). `timezone`: whose clock `local` is, where it names none.

    `task_id`: the task whose schedule it is to be; each task has its own values of `H`, and its own delay by `spread`.
    """

    model_config = ConfigDict(extra="forbid")

    schedule: Schedule
    count: Annotated[int, Field(ge=1, le=100)] = 5
    from_: Annotated[Instant | None, Field(alias="from")] = None
    timezone: str | None = None
    task_id: TaskId | None = None


class PreviewTime(BaseModel):
    """A coming nominal time: the instant, and the same at the schedule's own clock.

    `by`: the members of `any` that fire then, by index; absent in other schedules.
    """

    model_config = ConfigDict(title="Coming")

    at: Instant
    local: str
    by: Annotated[list[int] | None, Field(exclude_if=_is_none)] = None


class Preview(BaseModel):
    """A schedule in words, its next times, and what one might not expect of it.

    `resolved`: the schedule with the values that `H` has for the task; absent when there is no `H`.
    """

    description: str
    next: list[PreviewTime]
    notes: list[str]
    resolved: Annotated[Schedule | None, Field(exclude_if=_is_none)] = None
