"""Tasks: create, read, change, delete, pause, resume, trigger, backfill, cancel."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from pydantic import Field

from tasker_api.commands import backfills, cancels, tasks, triggers
from tasker_api.conversion.tasks import task_item, task_response
from tasker_api.openapi.openapi_document import PENDING, request_body
from tasker_api.problems import task_not_found
from tasker_api.queries.task_lists.filter_fields import TaskFilterFields
from tasker_api.queries.task_lists.task_filter import late
from tasker_api.queries.tasks import TaskSort
from tasker_api.request_dependencies import Body, Builder, Context, IfVersion, ScopeOf, TaskIdPath, validated
from tasker_api.schemas.backfills import BackfillInput, BackfillResponse
from tasker_api.schemas.run_commands import CancelResponse, TriggerInput, TriggerResponse
from tasker_api.schemas.tasks import Note, TaskChange, TaskInput, TaskList, TaskPatch, TaskResponse
from tasker_api.system.canary_tasks import TAG
from tasker_core.documents.tasks import TaskDocument

MAX_PREDECESSORS: Final = 100
"""So many tasks that start one are shown with it; a list shows all."""
router = APIRouter(prefix="/tasks", tags=["tasks"])


class TasksQuery(TaskFilterFields):
    """Which tasks, in which order, and which page of them."""

    late: Annotated[bool, Field(description="only active ones, due more than 10 s ago without a run in the log")] = (
        False
    )
    sort: TaskSort = "name"
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


@router.get("")
async def list_tasks(context: Context, scope: ScopeOf, query: Annotated[TasksQuery, Query()]) -> TaskList:
    """A page of tasks. Tasker's own canaries are left out, unless their tag (`tasker-canary`) is asked for."""
    task_filter = query.task_filter(() if TAG in query.tag else tuple(context.canaries), scope.tags)
    if query.late:
        task_filter = late(task_filter, context.clock.now_ms())
    found, next_cursor = await context.tasks.page(task_filter, query.sort, query.limit, query.cursor)
    return TaskList(items=[task_item(task) for task in found], next_cursor=next_cursor)


@router.post("", status_code=201, responses=PENDING, openapi_extra=request_body(TaskInput))
async def create_task(body: Body, builder: Builder, context: Context, response: Response) -> TaskResponse:
    """Create a task; 409 when the id exists. 201 means that a read sees it."""
    task_id = body.get("id")
    task_id = task_id if isinstance(task_id, str) else builder.new_task_id()
    await tasks.put(context, builder, task_id, {**body, "id": body.get("id") or task_id}, 0)
    response.headers["Location"] = f"/api/v1/tasks/{task_id}"
    return await written_task(context, task_id, response)


@router.get("/{task_id}")
async def get_task(task_id: TaskIdPath, context: Context, response: Response) -> TaskResponse:
    """One task, with its ETag."""
    return await _shown(context, task_id, context.tasks.find(task_id), response)


@router.put(
    "/{task_id}",
    responses=PENDING | {201: {"model": TaskResponse, "description": "Created"}},
    openapi_extra=request_body(TaskChange),
)
async def put_task(
    task_id: TaskIdPath, body: Body, builder: Builder, context: Context, if_version: IfVersion, response: Response
) -> TaskResponse:
    """Create or replace a task. `If-Match` with the ETag makes sure that nobody else changed it (412)."""
    verdict = await tasks.put(context, builder, task_id, body, if_version)
    if verdict["version"] == verdict["generation"]:
        response.status_code = 201
    return await written_task(context, task_id, response)


@router.patch(
    "/{task_id}",
    responses=PENDING,
    openapi_extra=request_body(TaskPatch, media_type="application/merge-patch+json"),
)
async def patch_task(
    task_id: TaskIdPath, body: Body, builder: Builder, context: Context, if_version: IfVersion, response: Response
) -> TaskResponse:
    """Change some fields (RFC 7396 merge patch); what somebody else changes meanwhile is kept."""
    await tasks.patch(context, builder, task_id, body, if_version)
    return await written_task(context, task_id, response)


@router.delete("/{task_id}", status_code=204, responses=PENDING, openapi_extra=request_body(Note, required=False))
async def delete_task(task_id: TaskIdPath, body: Body, builder: Builder, if_version: IfVersion) -> None:
    """Delete a task; runs already emitted finish."""
    await tasks.change(builder, "delete", task_id, validated(Note, body), if_version)


@router.post("/{task_id}/pause", responses=PENDING, openapi_extra=request_body(Note, required=False))
async def pause_task(
    task_id: TaskIdPath, body: Body, builder: Builder, context: Context, if_version: IfVersion, response: Response
) -> TaskResponse:
    """Fire no more until resumed."""
    await tasks.change(builder, "pause", task_id, validated(Note, body), if_version)
    return await written_task(context, task_id, response)


@router.post("/{task_id}/resume", responses=PENDING, openapi_extra=request_body(Note, required=False))
async def resume_task(
    task_id: TaskIdPath, body: Body, builder: Builder, context: Context, if_version: IfVersion, response: Response
) -> TaskResponse:
    """Fire again from now on; what the pause covered is not replayed."""
    await tasks.change(builder, "resume", task_id, validated(Note, body), if_version)
    return await written_task(context, task_id, response)


@router.post("/{task_id}/trigger", responses=PENDING, openapi_extra=request_body(TriggerInput, required=False))
async def trigger_task(task_id: TaskIdPath, body: Body, builder: Builder, context: Context) -> TriggerResponse:
    """Run a task now, also while it is paused; its schedule stays as it is."""
    validated(TriggerInput, body)
    return await triggers.trigger(context, builder, task_id, body)


@router.post("/{task_id}/backfills", responses=PENDING, openapi_extra=request_body(BackfillInput))
async def backfill_task(task_id: TaskIdPath, body: Body, builder: Builder, context: Context) -> BackfillResponse:
    """Run past nominal times in the background, at a `rate`: a range, some `times`, or `only` missed or failed ones."""
    return await backfills.backfill(context, builder, task_id, validated(BackfillInput, body), body)


@router.post("/{task_id}/cancel", responses=PENDING)
async def cancel_task_runs(task_id: TaskIdPath, builder: Builder, context: Context) -> CancelResponse:
    """Cancel all unfinished runs of a task, those that wait for their next attempt too. The task goes on.

    Also when it is deleted: runs that are out finish unless they are cancelled.
    """
    return await cancels.cancel_task_runs(context, builder, task_id)


async def written_task(context: Context, task_id: str, response: Response) -> TaskResponse:
    """The task after a write, at the verdict's version or a later one; as it was last if it has been deleted since.

    So a repeated request is answered as the first one was.
    """
    return await _shown(context, task_id, context.tasks.find_last(task_id), response)


async def _shown(
    context: Context, task_id: str, reading: Awaitable[TaskDocument | None], response: Response
) -> TaskResponse:
    task, predecessors = await asyncio.gather(reading, context.tasks.predecessors(task_id, MAX_PREDECESSORS))
    if task is None:
        raise task_not_found(task_id)
    response.headers["ETag"] = f'"{task["version"]}"'
    return task_response(task, predecessors, await context.tasks.missing(task.get("starts") or []))
