"""What changes, as a stream of events."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from pydantic import StringConstraints

from tasker_api.access.caller import Caller, CallerOf
from tasker_api.access.key_ring import KeyRing
from tasker_api.access.tag_scope import TagScope
from tasker_api.changes.change_hints import KINDS, ChangeFilter, ChangeKind
from tasker_api.changes.change_log import parse_position
from tasker_api.changes.event_stream import EventStream
from tasker_api.request_dependencies import Context, ScopeOf
from tasker_core.ids import TASK_ID_PATTERN

MAX_TASKS = 20
TaskId = Annotated[str, StringConstraints(pattern=TASK_ID_PATTERN)]
router = APIRouter(tags=["system"])


@router.get(
    "/stream",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events"}},
)
async def stream_changes(
    context: Context,
    caller: CallerOf,
    scope: ScopeOf,
    kind: Annotated[list[ChangeKind] | None, Query(description="Only these kinds of changes.")] = None,
    task_id: Annotated[
        list[TaskId] | None,
        Query(max_length=MAX_TASKS, description="Only what is about these tasks; besides `system` and `calendars`."),
    ] = None,
    last_event_id: Annotated[
        str | None, Header(description="The id of the last event that was received: what came after it follows.")
    ] = None,
) -> EventStream:
    """Hints about what changes, as server-sent events: `open`, `changes`, and `reset` (read anew).

    A hint says what to read again, not what it has become; each kind is told at most once a second. See
    docs/live-changes.md.
    """
    wanted = ChangeFilter(frozenset(kind) if kind else KINDS, frozenset(task_id) if task_id else None)
    last = None if last_event_id is None else parse_position(last_event_id)
    unreadable = last_event_id is not None and last is None
    over = None if context.keys is None else partial(_until_over, context.keys, caller, scope, task_id or ())
    return EventStream(context.changes, wanted, last, unreadable=unreadable, over=over)


async def _until_over(keys: KeyRing, caller: Caller, scope: TagScope, task_ids: Sequence[str]) -> None:
    """Wait until the caller may not listen any more: for their key, or as one of the tasks is not theirs now."""
    reasons = {asyncio.create_task(keys.gone(caller))}
    if caller.tags:
        reasons.add(asyncio.create_task(scope.lost(task_ids)))
    try:
        await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for reason in reasons:
            reason.cancel()
