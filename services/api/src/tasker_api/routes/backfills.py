"""Backfills: past nominal times of a task to be run, at a rate of their own."""

from fastapi import APIRouter

from tasker_api.commands import backfills
from tasker_api.openapi import PENDING, request_body
from tasker_api.request_dependencies import Body, Builder, Context, TaskIdPath, validated
from tasker_api.schemas.backfills import BackfillInput, BackfillResponse

router = APIRouter(tags=["tasks"])


@router.post("/tasks/{task_id}/backfills", responses=PENDING, openapi_extra=request_body(BackfillInput))
async def backfill_task(task_id: TaskIdPath, body: Body, builder: Builder, context: Context) -> BackfillResponse:
    """Run past nominal times in the background, at a `rate`: a range, some `times`, or `only` missed or failed ones."""
    return await backfills.backfill(context, builder, task_id, validated(BackfillInput, body), body)
