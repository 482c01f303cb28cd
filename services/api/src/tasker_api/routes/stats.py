"""Statistics: how well the promise is kept, and how the runs of a task go."""

import asyncio
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from tasker_api.api_context import ApiContext
from tasker_api.conversion.stats import (
    in_buckets,
    promise_response,
    runs_looked_at,
    statistics_of_runs,
    task_stats_response,
)
from tasker_api.problems import invalid, task_not_found
from tasker_api.queries.promise_window import promise_window
from tasker_api.queries.task_lists.task_filter import TaskFilter, late
from tasker_api.query_parameters import Bound
from tasker_api.request_dependencies import Context, ScopeOf, TaskIdPath
from tasker_api.schemas.stats import PromiseResponse, TaskCount, TaskCounts, TaskStatsResponse
from tasker_core.errors import FieldError
from tasker_core.ids import TaskId
from tasker_core.time.duration import Duration
from tasker_core.time.instant import from_ms

router = APIRouter(tags=["statistics"])
MAX_COUNTED: Final = 10_000


class PromiseQuery(BaseModel):
    """Of which runs, and when they were due."""

    model_config = ConfigDict(populate_by_name=True)

    since: Annotated[Bound | None, Field(alias="from", description="due at or after; default: an hour before `to`")] = (
        None
    )
    until: Annotated[Bound | None, Field(alias="to", description="due before; default: now")] = None
    task: Annotated[TaskId | None, Field(description="only of this task: its newest 1,000 runs are looked at")] = None
    handler: Annotated[str | None, Field(max_length=200, description="only of this handler")] = None
    partition: Annotated[int | None, Field(ge=0, description="only of the tasks in this partition")] = None
    bucket: Annotated[Duration | None, Field(description="length of the buckets; default: by the window's length")] = (
        None
    )


@router.get("/stats/promise")
async def get_promise(context: Context, query: Annotated[PromiseQuery, Query()]) -> PromiseResponse:
    """How well it was kept that scheduled runs are executed and logged within 10 s: in whole, by stage, by bucket.

    One of `task`, `handler` and `partition` at most.
    """
    subjects = {"task": query.task, "handler": query.handler, "partition": query.partition}
    given = [name for name, value in subjects.items() if value is not None]
    if len(given) > 1:
        message = f"not together with {given[0]!r}: it is counted by one of them at a time; leave one out"
        raise invalid([FieldError(pointer=f"/query/{given[1]}", message=message)])
    asked, now = (query.since, query.until, query.bucket), from_ms(context.clock.now_ms())
    promise_window(*asked, now)  # what is wrong in any case is refused without a look
    window = promise_window(*asked, now, await context.statistics.retention())
    if query.task is not None:
        runs, complete = await context.statistics.newest_runs(query.task, window.since, window.until)
        whole, buckets = in_buckets(statistics_of_runs(runs), window)
        missed = await context.statistics.missed_of(query.task, window.since, window.until)
        if not runs and not missed and not await _is_known(context, query.task):
            raise task_not_found(query.task)
        return promise_response(window, whole, buckets, missed, runs_looked_at(runs, complete=complete))
    of = "all"
    if query.handler is not None:
        of = f"handler/{query.handler}"
    elif query.partition is not None:
        of = f"partition/{query.partition}"
    whole, buckets = await context.statistics.counted(window, of)
    if not whole.promised and of != "all":
        whose = f"the handler {query.handler!r}" if query.handler is not None else f"partition {query.partition}"
        there_are = "/handlers" if query.handler is not None else "/system"
        window.notes.append(f"no run of {whose} was counted then; GET {there_are} tells which there are")
    return promise_response(window, whole, buckets, None if query.handler is not None else whole.missed)


async def _is_known(context: ApiContext, task_id: str) -> bool:
    """Whether there is such a task, or the log has runs of one that was: none of nobody's runs was late."""
    return await context.tasks.find(task_id) is not None or bool(
        (await context.statistics.newest_runs(task_id, None, None))[0]
    )


@router.get("/stats/tasks")
async def count_tasks(context: Context, scope: ScopeOf) -> TaskCounts:
    """How many tasks are active, paused, failing, late and so on: up to 10,000 of each are counted."""
    every_one = TaskFilter(without=tuple(context.canaries), within=scope.tags)
    sorts = {
        "active": replace(every_one, state="active"),
        "paused": replace(every_one, state="paused"),
        "finished": replace(every_one, state="finished"),
        "failing": replace(every_one, min_failures=1),
        "late": late(every_one, context.clock.now_ms()),
        "paused_by_failures": replace(every_one, paused_by="tasker"),
    }
    counts = await asyncio.gather(*(context.tasks.count_up_to(one, MAX_COUNTED + 1) for one in sorts.values()))
    found = {
        name: TaskCount(count=min(count, MAX_COUNTED), is_more=count > MAX_COUNTED)
        for name, count in zip(sorts, counts, strict=True)
    }
    return TaskCounts(**found)


@router.get("/tasks/{task_id}/stats")
async def get_task_stats(context: Context, task_id: TaskIdPath) -> TaskStatsResponse:
    """How the newest runs of a task went, at most 1,000: success, duration, lateness, last failures."""
    task = await context.tasks.find(task_id)
    runs, complete = await context.statistics.newest_runs(task_id, None, None)
    if task is None and not runs:
        raise task_not_found(task_id)
    return task_stats_response(task_id, task, runs, complete=complete)
