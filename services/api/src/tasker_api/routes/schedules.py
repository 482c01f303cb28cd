"""Schedules without a task."""

from fastapi import APIRouter

from tasker_api.openapi import request_body
from tasker_api.request_dependencies import Body, Context, validated
from tasker_api.schedules.preview import preview
from tasker_api.schemas.schedules import Preview, PreviewInput

router = APIRouter(tags=["system"])


@router.post("/schedules/preview", openapi_extra=request_body(PreviewInput))
async def preview_schedule(context: Context, body: Body) -> Preview:
    """A schedule in words and its next times."""
    return preview(validated(PreviewInput, body), context.clock.now_ms() // 1000)
