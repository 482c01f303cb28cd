"""PURE. The HTTP shapes of what comes: by one schedule, and by those of many tasks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from tasker_core.ids import TaskId
from tasker_core.schedules.schedule import Schedule
from tasker_core.time.duration import Duration
from tasker_core.time.instant import Instant
from tasker_core.time.zones import BEGIN_OF_TIME, END_OF_TIME


def when_schedules_fire(at: datetime) -> datetime:
    """An instant of the years that schedules have. Raises ValueError for another one."""
    if not BEGIN_OF_TIME <= at.timestamp() <= END_OF_TIME:
        raise ValueError("the year is not within 1970 to 2199, and nothing fires then; give another instant")
    return at


Asked = Annotated[Instant, AfterValidator(when_schedules_fire)]
"""An instant from which, or up to which, it is asked what fires."""


def _is_none(value: object) -> bool:
    return value is None


class PreviewInput(BaseModel):
    """A schedule to look ahead from `from` (default: now). `timezone`: whose clock `local` is, where it names none.

    `task_id`: the task whose schedule it is to be; each task has its own values of `H`, and its own delay by `spread`.
    """

    model_config = ConfigDict(extra="forbid")

    schedule: Schedule
    count: Annotated[int, Field(ge=1, le=100)] = 5
    from_: Annotated[Asked | None, Field(alias="from")] = None
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


class StandingSchedule(BaseModel):
    """The schedule that a task has now."""

    model_config = ConfigDict(extra="forbid")

    task_id: TaskId


_SCHEDULE: Final[TypeAdapter[Schedule]] = TypeAdapter(Schedule)


def _compared(value: object, _: ValidatorFunctionWrapHandler) -> object:
    """A task's or a schedule, told by its field, so that errors lie at the schedule's own fields without a tag."""
    if isinstance(value, Mapping) and "task_id" in value:
        return StandingSchedule.model_validate(value)
    return _SCHEDULE.validate_python(value)


ComparedSchedule = Annotated[Schedule | StandingSchedule, WrapValidator(_compared)]


class DiffInput(BaseModel):
    """Two schedules, each given as it is or as the one that a task has now, `{"task_id": "report"}`.

    Compared are the runs in [from, to): by default from now on for a year. `task_id`: whose schedule it is or is to be,
    for the values of `H` and the delay by `spread`; without it, the one that `before` names. `limit`: how many changes
    are listed; all are counted.
    """

    model_config = ConfigDict(extra="forbid")

    before: ComparedSchedule
    after: ComparedSchedule
    from_: Annotated[Asked | None, Field(alias="from")] = None
    to: Asked | None = None
    task_id: TaskId | None = None
    limit: Annotated[int, Field(ge=0, le=1_000)] = 100


class RunTime(BaseModel):
    """An effective time: the instant, and the same at the schedule's own clock."""

    at: Instant
    local: str


class ChangedRun(BaseModel):
    """A run that is `removed` (it has `before`), `added` (`after`), or `moved` (both, `by_seconds` to later)."""

    change: Literal["added", "removed", "moved"]
    before: Annotated[RunTime | None, Field(exclude_if=_is_none)] = None
    after: Annotated[RunTime | None, Field(exclude_if=_is_none)] = None
    by_seconds: Annotated[int | None, Field(exclude_if=_is_none)] = None


class ScheduleDiff(BaseModel):
    """What changes: both schedules in words, how many runs stay, come, go and move, and the first ones that do.

    A run that goes and one that comes are one that moves if, between two runs that stay, they are the only ones of
    their day, or each is the other's nearest. All of it is right up to `complete_until`: where there are very many
    runs that is before `to`.
    """

    before: str
    after: str
    unchanged: int
    added: int
    removed: int
    moved: int
    complete_until: Instant
    text: str
    items: list[ChangedRun]
    notes: list[str]


class ForecastBucket(BaseModel):
    """How many runs come from `at` on until the next bucket."""

    at: Instant
    runs: int


class ForecastGroup(BaseModel):
    """Tasks that go by the same words, such as "At 00:00, UTC", and how many runs of theirs are meant."""

    schedule: str
    tasks: int
    runs: int


class ForecastPeak(ForecastBucket):
    """The highest bucket (the first of several), and the groups that make most of it."""

    made_by: list[ForecastGroup]


class SpreadTasks(BaseModel):
    """Tasks to be given a spread."""

    schedule: str
    tasks: int


class ForecastSpread(BaseModel):
    """The smallest `spread` that flattens the peak: for how many tasks, of which schedules (the largest groups of
    them), and what the highest bucket becomes with it. Each second of a spread is taken as equally likely.
    """

    spread: Duration
    tasks: int
    schedules: list[SpreadTasks]
    highest: ForecastBucket
    text: str


class Forecast(BaseModel):
    """What comes in [from, to), as tasks are defined and running now: `tasks` that are active, and their runs.

    Each run is counted in the bucket of its effective time (with `spread`). Paused and finished tasks, triggers,
    chains, retries and backfills are not in it. `spread` is null where none would lower the peak by a tenth, `peak`
    where nothing comes.
    """

    from_: Annotated[Instant, Field(alias="from")]
    to: Instant
    bucket: Duration
    tasks: int
    runs: int
    buckets: list[ForecastBucket]
    peak: ForecastPeak | None
    spread: ForecastSpread | None
    notes: list[str]
