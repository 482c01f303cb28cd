"""What a task has been: its versions, and the way back to one."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from tasker_api.commands import reverts
from tasker_api.conversion.task_history import revision_detail, revision_page
from tasker_api.openapi.openapi_document import PENDING, request_body
from tasker_api.problems import Problem
from tasker_api.request_dependencies import Body, Builder, Context, IfVersion, TaskIdPath, validated
from tasker_api.routes.tasks import written_task
from tasker_api.schemas.task_history import RevertInput, RevisionDetail, RevisionList
from tasker_api.schemas.tasks import TaskResponse

router = APIRouter(prefix="/tasks/{task_id}", tags=["tasks"])


@router.get("/history")
async def get_history(
    task_id: TaskIdPath,
    context: Context,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> RevisionList:
    """The versions of a task, newest first, each with what differs from the one before; also of a deleted task."""
    found, before_last, next_cursor = await context.revisions.page(task_id, limit, cursor)
    if not found and cursor is None:
        await context.existing_task(task_id)
    return RevisionList(items=revision_page(found, before_last), next_cursor=next_cursor)


@router.get("/history/{version}")
async def get_version(
    task_id: TaskIdPath, version: Annotated[int, Path(ge=1, le=2**53 - 1)], context: Context
) -> RevisionDetail:
    """One version of a task, whole, as far back as the history is kept."""
    found = await context.revisions.find(task_id, version)
    if found is None:
        raise Problem(404, f"there is no version {version} of the task {task_id!r}, or it is not kept any more")
    return revision_detail(found, await context.revisions.before(found))


@router.post(
    "/revert",
    responses=PENDING | {201: {"model": TaskResponse, "description": "Made anew: it had been deleted"}},
    openapi_extra=request_body(RevertInput),
)
async def revert_task(
    task_id: TaskIdPath, body: Body, builder: Builder, context: Context, if_version: IfVersion, response: Response
) -> TaskResponse:
    """Put an earlier version back, as a new one; whether the task is paused stays as it is.

    Also of a deleted task while its history is kept: then it is made anew. `If-Match` as with PUT.
    """
    verdict = await reverts.revert(context, builder, task_id, validated(RevertInput, body), if_version)
    if verdict["version"] == verdict["generation"]:
        response.status_code = 201
        response.headers["Location"] = f"/api/v1/tasks/{task_id}"
    return await written_task(context, task_id, response)
