"""Verdicts, handlers, and schedules without a task."""

from fastapi import APIRouter

from tasker_api import convert, schemas
from tasker_api.body import takes
from tasker_api.deps import validated
from tasker_api.handlers import described
from tasker_api.preview import preview
from tasker_api.problems import not_found
from tasker_api.routing import Body, Use
from tasker_core.handlers.built_in import described as built_in

router = APIRouter(tags=["system"])


@router.get("/journal/{event_id:path}")
async def get_journal_entry(use: Use, event_id: str, task_id: str | None = None) -> schemas.JournalEntry:
    """The verdict on a task event; `task_id` tells events apart to which clients gave the same id."""
    found = await use.store.entry(event_id, task_id)
    if found is None:
        raise not_found(f"a verdict on the event {event_id!r} (not decided yet, unknown, or older than the retention)")
    return convert.entry(found)


@router.get("/handlers")
async def list_handlers(use: Use) -> schemas.HandlerList:
    """What can run: Tasker's own handlers, then what executors have announced, by name."""
    announced = [described(found) for found in await use.store.handlers()]
    return schemas.HandlerList(items=[schemas.HandlerInfo(**handler) for handler in (*built_in(), *announced)])


@router.post("/schedules/preview", openapi_extra=takes(schemas.PreviewInput))
async def preview_schedule(use: Use, body: Body) -> schemas.Preview:
    """A schedule in words and its next times."""
    return preview(validated(schemas.PreviewInput, body), use.clock.now_ms() // 1000)
