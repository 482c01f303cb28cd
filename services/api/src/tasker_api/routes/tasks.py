"""Tasks: create, read, change, delete, pause, resume, trigger, cancel."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from tasker_api import convert, schemas
from tasker_api.body import merged, takes, task_body
from tasker_api.cancels import cancel
from tasker_api.deps import Commander, Services, condition, validated
from tasker_api.handlers import check_for
from tasker_api.problems import Problem, not_found
from tasker_api.routing import PENDING, Body, Issue, TaskIdPath, Use
from tasker_api.schemas_runs import CancelAsked
from tasker_api.store import TaskFilter, TaskSort
from tasker_api.triggers import trigger
from tasker_core.messages import EventType
from tasker_runtime.documents import JournalDocument, TaskDocument, TaskWord

PATCH_TRIES = 5
router = APIRouter(prefix="/tasks", tags=["tasks"])
IfVersion = Annotated[int | None, Depends(condition)]


@router.get("")
async def list_tasks(
    use: Use,
    q: Annotated[str | None, Query(max_length=200, description="part of the name or id")] = None,
    tag: str | None = None,
    handler: str | None = None,
    state: TaskWord | None = None,
    sort: TaskSort = "name",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> schemas.TaskList:
    """A page of tasks."""
    found, following = await use.store.tasks(TaskFilter(q, tag, handler, state), sort, limit, cursor)
    return schemas.TaskList(items=[convert.task_item(item) for item in found], next_cursor=following)


@router.post("", status_code=201, responses=PENDING, openapi_extra=takes(schemas.TaskInput))
async def create_task(body: Body, issue: Issue, use: Use, response: Response) -> schemas.Task:
    """Create a task; 409 when the id exists. 201 means that a read sees it."""
    task_id = body.get("id")
    task_id = task_id if isinstance(task_id, str) else issue.task_id()
    task = task_body({**body, "id": body.get("id") or task_id}, task_id, await check_for(use.store, body))
    verdict = await issue.carry_out("put", task_id, {"task": task}, 0)
    response.headers["Location"] = f"/api/v1/tasks/{task_id}"
    return await _stands(use, verdict, response)


@router.get("/{task_id}")
async def get_task(task_id: TaskIdPath, use: Use, response: Response) -> schemas.Task:
    """One task, with its ETag."""
    return _shown(await _current(use, task_id), response)


@router.put(
    "/{task_id}",
    responses=PENDING | {201: {"model": schemas.Task, "description": "Created"}},
    openapi_extra=takes(schemas.TaskChange),
)
async def put_task(
    task_id: TaskIdPath, body: Body, issue: Issue, use: Use, if_version: IfVersion, response: Response
) -> schemas.Task:
    """Create or replace a task. `If-Match` with the ETag makes sure that nobody else changed it (412)."""
    task = task_body(body, task_id, await check_for(use.store, body))
    verdict = await issue.carry_out("put", task_id, {"task": task}, if_version)
    if verdict["version"] == verdict["generation"]:
        response.status_code = 201
    return await _stands(use, verdict, response)


@router.patch(
    "/{task_id}",
    responses=PENDING,
    openapi_extra=takes(schemas.TaskPatch, media_type="application/merge-patch+json"),
)
async def patch_task(
    task_id: TaskIdPath, body: Body, issue: Issue, use: Use, if_version: IfVersion, response: Response
) -> schemas.Task:
    """Change some fields (RFC 7396 merge patch); what somebody else changes meanwhile is kept."""
    for attempt in range(1, PATCH_TRIES + 1):
        current = await _current(use, task_id)
        wanted = merged(convert.definition(current), body)
        task = task_body(wanted, task_id, await check_for(use.store, wanted))
        try:
            verdict = await issue.carry_out("put", task_id, {"task": task}, if_version or current["version"])
        except Problem as problem:
            if problem.status != 412 or if_version is not None or attempt == PATCH_TRIES:
                raise
        else:
            return await _stands(use, verdict, response)
    raise AssertionError("the last try returns or raises")


@router.delete("/{task_id}", status_code=204, responses=PENDING, openapi_extra=takes(schemas.Note, required=False))
async def delete_task(task_id: TaskIdPath, body: Body, issue: Issue, if_version: IfVersion) -> None:
    """Delete a task; runs already emitted finish."""
    await _change("delete", task_id, body, issue, if_version)


@router.post("/{task_id}/pause", responses=PENDING, openapi_extra=takes(schemas.Note, required=False))
async def pause_task(
    task_id: TaskIdPath, body: Body, issue: Issue, use: Use, if_version: IfVersion, response: Response
) -> schemas.Task:
    """Fire no more until resumed."""
    return await _stands(use, await _change("pause", task_id, body, issue, if_version), response)


@router.post("/{task_id}/resume", responses=PENDING, openapi_extra=takes(schemas.Note, required=False))
async def resume_task(
    task_id: TaskIdPath, body: Body, issue: Issue, use: Use, if_version: IfVersion, response: Response
) -> schemas.Task:
    """Fire again from now on; what the pause covered is not replayed."""
    return await _stands(use, await _change("resume", task_id, body, issue, if_version), response)


@router.post("/{task_id}/trigger", responses=PENDING, openapi_extra=takes(schemas.TriggerInput, required=False))
async def trigger_task(task_id: TaskIdPath, body: Body, issue: Issue, use: Use) -> schemas.Triggered:
    """Run a task now, also while it is paused; its schedule stays as it is."""
    validated(schemas.TriggerInput, body)
    return await trigger(use, issue, task_id, body)


@router.post("/{task_id}/cancel", responses=PENDING)
async def cancel_task_runs(task_id: TaskIdPath, issue: Issue, use: Use) -> CancelAsked:
    """Cancel all unfinished runs of a task, those that wait for their next attempt too. The task goes on.

    Also when it is deleted: runs that are out finish unless they are cancelled.
    """
    return await cancel(use, issue, task_id)


async def _change(
    kind: EventType, task_id: str, body: dict[str, Any], issue: Commander, if_version: int | None
) -> JournalDocument:
    note = validated(schemas.Note, body).model_dump(exclude_none=True)
    return await issue.carry_out(kind, task_id, {"task_id": task_id, **note}, if_version)


async def _current(use: Services, task_id: str) -> TaskDocument:
    found = await use.store.task(task_id)
    if found is None:
        raise not_found(f"the task {task_id!r}")
    return found


async def _stands(use: Services, verdict: JournalDocument, response: Response) -> schemas.Task:
    """The task as it stands now: the verdict's version, or a later one."""
    return _shown(await _current(use, verdict["task_id"]), response)


def _shown(found: TaskDocument, response: Response) -> schemas.Task:
    response.headers["ETag"] = f'"{found["version"]}"'
    return convert.task(found)
