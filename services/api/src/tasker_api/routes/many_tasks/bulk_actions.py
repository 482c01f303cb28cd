"""Bulk actions: one request that is carried out on many tasks."""

from typing import Any

from fastapi import APIRouter, Response

from tasker_api.change_sets.bulk_request import BulkActionInput
from tasker_api.commands.many_tasks import beginning, bulk
from tasker_api.openapi.openapi_document import request_body
from tasker_api.request_dependencies import Body, Builder, Context, ScopeOf, TaskIdPath
from tasker_api.schemas.many_tasks.change_sets import BulkCount, ChangeSetResponse

router = APIRouter(prefix="/bulk-actions", tags=["change-sets"])
COUNTED: dict[int | str, dict[str, Any]] = {200: {"model": BulkCount, "description": "Counted only (`dry_run`)"}}


@router.post(
    "",
    status_code=202,
    response_model=ChangeSetResponse | BulkCount,
    responses=COUNTED | {202: {"model": ChangeSetResponse, "description": "Begun: follow it at `Location`"}},
    openapi_extra=request_body(BulkActionInput),
)
async def begin_bulk_action(
    body: Body, builder: Builder, context: Context, response: Response
) -> ChangeSetResponse | BulkCount:
    """Do something to all tasks that pass a filter, or to those with these ids, in the background.

    Tasker's own canaries are left out. The same request again under the same `id` or `Idempotency-Key` does nothing
    twice, and goes on with what was interrupted. With `dry_run` it only counts.
    """
    begun = await bulk.begin_bulk_action(context, builder, body)
    if isinstance(begun, BulkCount):
        response.status_code = 200
    else:
        response.headers["Location"] = f"/api/v1/change-sets/{begun.id}"
    return begun


@router.get("/{change_set}")
async def get_bulk_action(change_set: TaskIdPath, context: Context, scope: ScopeOf) -> ChangeSetResponse:
    """The same as `GET /change-sets/{id}`."""
    return await beginning.shown(context, change_set, scope.key_tags)
