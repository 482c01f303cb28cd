"""Change-sets: what bulk actions, imports and undos do to many tasks, followed, cancelled and undone."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from tasker_api.commands.many_tasks import beginning, bulk
from tasker_api.conversion.many_tasks.change_sets import change_set_item
from tasker_api.openapi.openapi_document import request_body
from tasker_api.request_dependencies import Body, Builder, Context, ScopeOf, TaskIdPath, validated
from tasker_api.schemas.many_tasks.change_sets import ChangeSetItemList, ChangeSetList, ChangeSetResponse, UndoInput
from tasker_core.messages.verdicts import VerdictWord

router = APIRouter(prefix="/change-sets", tags=["change-sets"])


@router.get("")
async def list_change_sets(
    context: Context, scope: ScopeOf, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> ChangeSetList:
    """A page of change-sets, newest first."""
    found, next_cursor = await context.change_sets.page(limit, cursor, scope.tags)
    return ChangeSetList(items=await beginning.shown_all(context, found), next_cursor=next_cursor)


@router.get("/{change_set}")
async def get_change_set(change_set: TaskIdPath, context: Context, scope: ScopeOf) -> ChangeSetResponse:
    """What a change-set does, who asked for it, and how far it has come."""
    return await beginning.shown(context, change_set, scope.key_tags)


@router.get("/{change_set}/items")
async def list_change_set_items(
    change_set: TaskIdPath,
    context: Context,
    scope: ScopeOf,
    verdict: VerdictWord | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> ChangeSetItemList:
    """A page of what became of the tasks whose events have been answered, as long as the journal is kept."""
    await beginning.existing_change_set(context, change_set, scope.key_tags)
    found, next_cursor = await context.change_sets.items(change_set, verdict, limit, cursor)
    return ChangeSetItemList(items=[change_set_item(one) for one in found], next_cursor=next_cursor)


@router.post("/{change_set}/cancel")
async def cancel_change_set(change_set: TaskIdPath, builder: Builder, context: Context) -> ChangeSetResponse:
    """Let it change no more tasks, within about a second; what it has changed stays."""
    return await bulk.cancel(context, builder, change_set)


@router.post("/{change_set}/resume", status_code=202)
async def resume_change_set(change_set: TaskIdPath, builder: Builder, context: Context) -> ChangeSetResponse:
    """Go on with one that was interrupted. (An import goes on when its file is sent again.)"""
    return await bulk.resume(context, builder, change_set)


@router.post("/{change_set}/undo", status_code=202, openapi_extra=request_body(UndoInput, required=False))
async def undo_change_set(
    change_set: TaskIdPath, body: Body, builder: Builder, context: Context, response: Response
) -> ChangeSetResponse:
    """Let each task go back to how it was before, unless somebody has changed it since: by a change-set of its own.

    Runs that it has started and that are unfinished are cancelled.
    """
    begun = await bulk.undo(context, builder, change_set, validated(UndoInput, body))
    response.headers["Location"] = f"/api/v1/change-sets/{begun.id}"
    return begun
