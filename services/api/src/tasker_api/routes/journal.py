"""The journal: verdicts on task events."""

from fastapi import APIRouter

from tasker_api.access.caller import CallerOf
from tasker_api.conversion.journal import journal_entry
from tasker_api.problems import Problem, not_found
from tasker_api.request_dependencies import Context, ScopeOf
from tasker_api.schemas.journal import JournalEntry

router = APIRouter(tags=["system"])


@router.get("/journal/{event_id:path}")
async def get_journal_entry(
    context: Context, caller: CallerOf, scope: ScopeOf, event_id: str, task_id: str | None = None
) -> JournalEntry:
    """The verdict on a task event; `task_id` distinguishes events to which clients gave the same id."""
    found = await context.journal.find(event_id, task_id)
    missing = not_found(f"a verdict on the event {event_id!r} (not decided yet, unknown, or older than the retention)")
    if found is None:
        raise missing
    if not caller.did(found["actor"]):
        try:
            await scope.require(found["task_id"])
        except Problem:
            raise missing from None
    return journal_entry(found)
