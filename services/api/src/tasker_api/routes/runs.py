"""The execution log, and what is done to one run of it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from tasker_api.commands import cancels, reruns
from tasker_api.conversion.runs import recent_run, run_item, run_response
from tasker_api.openapi.openapi_document import PENDING, request_body
from tasker_api.queries.run_lists.run_filter import RunFilter
from tasker_api.queries.run_lists.run_search import ALL, Found, RunSearch
from tasker_api.queries.task_lists.filter_fields import SearchText
from tasker_api.query_parameters import Bound
from tasker_api.request_dependencies import Body, Builder, Context, RunIdPath, TaskIdPath, validated
from tasker_api.schemas.run_commands import CancelResponse, RerunInput, TriggerResponse
from tasker_api.schemas.runs import Lane, RecentRuns, RunList, RunResponse
from tasker_core.ids import TASK_ID_PATTERN, Kind, TaskId
from tasker_core.run_states import RunState

router = APIRouter(tags=["runs"])


class TaskRunsQuery(BaseModel):
    """Which runs of a task, and which page of them."""

    model_config = ConfigDict(populate_by_name=True)

    state: RunState | None = None
    kind: Kind | None = None
    lane: Lane | None = None
    since: Annotated[Bound | None, Field(alias="from", description="effective at or after")] = None
    until: Annotated[Bound | None, Field(alias="to", description="effective before")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class RunsQuery(TaskRunsQuery):
    """Which runs of all."""

    q: Annotated[
        SearchText | None,
        Field(
            description="the beginning of a run's id (6 characters or more), else what finds tasks as in `GET /tasks`: "
            "100 of them at most"
        ),
    ] = None
    task_id: str | None = None
    after_run_id: Annotated[str | None, Field(description="those that the end of this run has started")] = None


class RecentRunsQuery(BaseModel):
    """Of which tasks, and how many of each."""

    task_id: Annotated[list[TaskId], Field(min_length=1, max_length=200)]
    limit: Annotated[int, Field(ge=1, le=20, description="of each task")] = 10


@router.get("/runs")
async def list_runs(context: Context, query: Annotated[RunsQuery, Query()]) -> RunList:
    """A page of runs, newest first."""
    found = ALL if query.q is None else await RunSearch(context.runs, context.tasks).find(query.q)
    return await _page(context, query.task_id, query, query.after_run_id, found)


@router.get("/tasks/{task_id}/runs")
async def list_task_runs(context: Context, task_id: TaskIdPath, query: Annotated[TaskRunsQuery, Query()]) -> RunList:
    """A page of one task's runs, newest first; they outlive a deleted task."""
    return await _page(context, task_id, query)


@router.get("/recent-runs")
async def get_recent_runs(context: Context, query: Annotated[RecentRunsQuery, Query()]) -> RecentRuns:
    """The newest runs of each of some tasks, as a list of tasks shows them."""
    found = await context.runs.recent(query.task_id, query.limit)
    return RecentRuns(tasks={task_id: [recent_run(run) for run in runs] for task_id, runs in found.items()})


@router.get("/runs/{run_id}")
async def get_run(context: Context, run_id: RunIdPath) -> RunResponse:
    """One run with payload, result and every stage."""
    return run_response(await context.existing_run(run_id))


@router.post("/runs/{run_id}/cancel", responses=PENDING)
async def cancel_run(
    context: Context,
    builder: Builder,
    run_id: RunIdPath,
    task_id: Annotated[
        str | None, Query(pattern=TASK_ID_PATTERN, description="its task, for a run that the log does not have yet")
    ] = None,
) -> CancelResponse:
    """Cancel a run that is not finished, also of a deleted task: executors stop it, a next attempt will not come."""
    return await cancels.cancel_run(context, builder, run_id, task_id)


@router.post("/runs/{run_id}/rerun", responses=PENDING, openapi_extra=request_body(RerunInput, required=False))
async def rerun(context: Context, builder: Builder, run_id: RunIdPath, body: Body) -> TriggerResponse:
    """Run a finished run again: a trigger of its task with the payload that it had, or another one."""
    validated(RerunInput, body)
    return await reruns.rerun(context, builder, run_id, body)


async def _page(
    context: Context,
    task_id: str | None,
    query: TaskRunsQuery,
    after_run_id: str | None = None,
    found_by: Found = ALL,
) -> RunList:
    run_filter = RunFilter(
        task_id, query.state, query.kind, query.lane, query.since, query.until, after_run_id,
        task_ids=found_by.task_ids, run_ids=found_by.run_ids,
    )  # fmt: skip
    found, next_cursor = await context.runs.page(run_filter, query.limit, query.cursor)
    return RunList(items=[run_item(run) for run in found], next_cursor=next_cursor)
