"""Verdicts, handlers, and schedules without a task."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from tasker_api import convert, schemas
from tasker_api.body import takes
from tasker_api.deps import Services, json_body, services, validated
from tasker_api.preview import preview
from tasker_api.problems import not_found
from tasker_core.handlers import described

router = APIRouter(tags=["system"])
Use = Annotated[Services, Depends(services)]


@router.get("/journal/{event_id:path}")
async def get_journal_entry(use: Use, event_id: str, task_id: str | None = None) -> schemas.JournalEntry:
    """The verdict on a task event; `task_id` tells events apart to which clients gave the same id."""
    found = await use.store.entry(event_id, task_id)
    if found is None:
        raise not_found(f"a verdict on the event {event_id!r} (not decided yet, unknown, or older than the retention)")
    return convert.entry(found)


@router.get("/handlers")
async def list_handlers() -> schemas.HandlerList:
    """What can run."""
    return schemas.HandlerList(items=[schemas.HandlerInfo(**handler) for handler in described()])


@router.post("/schedules/preview", openapi_extra=takes(schemas.PreviewInput))
async def preview_schedule(use: Use, body: Annotated[dict[str, Any], Depends(json_body)]) -> schemas.Preview:
    """A schedule in words and its next times."""
    return preview(validated(schemas.PreviewInput, body), use.clock.now_ms() // 1000)
