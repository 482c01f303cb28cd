"""What comes: by one schedule without a task, and by those of all tasks."""

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from tasker_api.forecast.forecast import forecast
from tasker_api.forecast.window import window
from tasker_api.openapi import request_body
from tasker_api.queries.tasks import TaskFilter
from tasker_api.request_dependencies import Body, Context, validated
from tasker_api.routes.tasks import SearchText
from tasker_api.schedules.preview import preview
from tasker_api.schemas.schedules import Forecast, Preview, PreviewInput
from tasker_core.schedules.kinds.options import Seconds
from tasker_core.task import MAX_TAGS
from tasker_core.texts import Tag

router = APIRouter(tags=["system"])


def _at_most_a_day(value: timedelta) -> timedelta:
    if value > timedelta(days=1):
        raise ValueError("longer than a day; give at most P1D")
    return value


class ForecastQuery(BaseModel):
    """Of which tasks, and when. Those that are paused or finished don't fire."""

    model_config = ConfigDict(populate_by_name=True)

    since: Annotated[
        AwareDatetime | None, Field(alias="from", description="the first instant; default: the bucket of now")
    ] = None
    until: Annotated[
        AwareDatetime | None, Field(alias="to", description="the first instant after it; default: a day later")
    ] = None
    bucket: Annotated[Seconds, AfterValidator(_at_most_a_day)] | None = None
    tag: Annotated[
        tuple[Tag, ...], Field(max_length=MAX_TAGS, description="a tag that they have; of several, all of them")
    ] = ()
    handler: str | None = None
    q: Annotated[
        tuple[SearchText, ...],
        Field(max_length=10, description="a part of the name or id; of several, all of them"),
    ] = ()


@router.post("/schedules/preview", openapi_extra=request_body(PreviewInput))
async def preview_schedule(context: Context, body: Body) -> Preview:
    """A schedule in words and its next times."""
    return preview(validated(PreviewInput, body), context.clock.now_ms() // 1000)


@router.get("/forecast")
async def get_forecast(context: Context, query: Annotated[ForecastQuery, Query()]) -> Forecast:
    """How many runs come, by bucket, for all tasks or a filter of them; the peak, and the spread that flattens it."""
    since, until = (None if at is None else -int(-at.timestamp() // 1) for at in (query.since, query.until))
    width = None if query.bucket is None else query.bucket // timedelta(seconds=1)
    asked = window(since, until, width, context.clock.now_ms() // 1000)
    by_minute = not (asked.start % 60 or asked.width % 60)
    task_filter = TaskFilter(q=query.q, tags=query.tag, handler=query.handler)
    groups = await context.timings.groups(task_filter, asked.first, asked.end, by_minute=by_minute)
    # Some tenths of a second of work: other requests are answered meanwhile.
    return await asyncio.to_thread(forecast, groups, asked)
