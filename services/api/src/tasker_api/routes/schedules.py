"""What comes: by one schedule without a task, and by those of all tasks."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tasker_api.conversion.schedules import stored_schedule
from tasker_api.forecast.bucket_counts import named_calendars
from tasker_api.forecast.forecast import forecast
from tasker_api.forecast.window import window
from tasker_api.openapi.openapi_document import request_body
from tasker_api.queries.calendars import MAX_READ
from tasker_api.queries.task_lists.filter_fields import SearchTexts
from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_api.query_parameters import Bound
from tasker_api.request_dependencies import Body, Context, ScopeOf, validated
from tasker_api.schedules.preview import preview
from tasker_api.schedules.schedule_diff import Asked, Compared, schedule_diff
from tasker_api.schemas.schedules import (
    DiffInput,
    Forecast,
    Preview,
    PreviewInput,
    ScheduleDiff,
    StandingSchedule,
    when_schedules_fire,
)
from tasker_core.calendars.calendar import unknown_calendars
from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.errors import InvalidInput
from tasker_core.schedules.kinds.options import Seconds, calendar_places
from tasker_core.schedules.schedule import Schedule
from tasker_core.task import MAX_TAGS
from tasker_core.texts import Tag

YEAR: Final = 365 * 86_400
Coming = Annotated[Bound, AfterValidator(when_schedules_fire)]
router = APIRouter(tags=["system"])


def _at_most_a_day(value: timedelta) -> timedelta:
    if value > timedelta(days=1):
        raise ValueError("longer than a day; give at most P1D")
    return value


class ForecastQuery(BaseModel):
    """Of which tasks, and when. Those that are paused or finished don't fire."""

    model_config = ConfigDict(populate_by_name=True)

    since: Annotated[
        Coming | None, Field(alias="from", description="the first instant; default: the bucket of now")
    ] = None
    until: Annotated[
        Coming | None, Field(alias="to", description="the first instant after it; default: a day later")
    ] = None
    bucket: Annotated[Seconds, AfterValidator(_at_most_a_day)] | None = None
    tag: Annotated[
        tuple[Tag, ...], Field(max_length=MAX_TAGS, description="a tag that they have; of several, all of them")
    ] = ()
    handler: str | None = None
    q: SearchTexts = ()


@router.post("/schedules/preview", openapi_extra=request_body(PreviewInput))
async def preview_schedule(context: Context, body: Body) -> Preview:
    """A schedule in words and its next times."""
    request = validated(PreviewInput, body)
    days = await _days(context, request.schedule, request.task_id, "/schedule")
    return preview(request, context.clock.now_ms() // 1000, days)


@router.post("/schedules/diff", openapi_extra=request_body(DiffInput))
async def diff_schedules(context: Context, scope: ScopeOf, body: Body) -> ScheduleDiff:
    """What another schedule would change: the runs of an interval that come, go and move, clock changes included."""
    asked = validated(DiffInput, body)
    named = [one.task_id for one in (asked.before, asked.after) if isinstance(one, StandingSchedule)]
    for one in named:
        await scope.require(one)
    task_id = asked.task_id or next(iter(named), None)
    before = await _compared(context, asked.before, task_id, "/before")
    after = await _compared(context, asked.after, task_id, "/after")
    start = context.clock.now_ms() // 1000 if asked.from_ is None else _second(asked.from_)
    end = start + YEAR if asked.to is None else _second(asked.to)
    question = Asked(before, after, task_id, start, end, asked.limit)
    # Up to some tenths of a second of work: other requests are answered meanwhile.
    return await asyncio.to_thread(schedule_diff, question)


async def _compared(context: Context, given: Schedule | StandingSchedule, task_id: str | None, place: str) -> Compared:
    """A schedule with the days of its calendars: for a standing one those that its task is under.

    Raises Problem (404, 409), InvalidInput.
    """
    if not isinstance(given, StandingSchedule):
        return Compared(given, await _days(context, given, task_id, place))
    task = await context.existing_task(given.task_id)
    schedule = stored_schedule(task["schedule_json"], task["_id"]).schedule
    return Compared(schedule, await context.days_under(task, schedule.calendar_names))


async def _days(context: Context, schedule: Schedule, task_id: str | None, place: str) -> dict[str, CalendarDays]:
    """The days that a schedule's calendars have now, were it saved. Raises InvalidInput for a name that is none.

    A deleted calendar is known to a task that is still under it.
    """
    if not (names := schedule.calendar_names):
        return {}
    task = await context.tasks.find(task_id) if task_id else None
    days = await context.calendars.days(names, task.get("calendars", []) if task else ())
    places = {name: place + at.removeprefix("/schedule") for name, at in calendar_places(schedule)}
    if missing := {name: at for name, at in places.items() if name not in days}:
        raise InvalidInput(unknown_calendars(missing, await context.calendars.names()))
    return days


def _second(at: datetime) -> int:
    """The first whole second not before it."""
    return -int(-at.timestamp() // 1)


@router.get("/forecast")
async def get_forecast(context: Context, query: Annotated[ForecastQuery, Query()]) -> Forecast:
    """How many runs come, by bucket, for all tasks or a filter of them; the peak, and the spread that flattens it."""
    since, until = (None if at is None else _second(at) for at in (query.since, query.until))
    width = None if query.bucket is None else query.bucket // timedelta(seconds=1)
    asked = window(since, until, width, context.clock.now_ms() // 1000)
    by_minute = not (asked.start % 60 or asked.width % 60)
    task_filter = TaskFilter(q=query.q, tags=query.tag, handler=query.handler)
    groups = await context.timings.groups(task_filter, asked.first, asked.end, by_minute=by_minute)
    # Some tenths of a second of work: other requests are answered meanwhile.
    names = await asyncio.to_thread(named_calendars, groups, MAX_READ)
    calendars = await context.calendars.latest_days(names) if names else {}
    return await asyncio.to_thread(forecast, groups, asked, calendars)
