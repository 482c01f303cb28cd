"""What became of each nominal time of a task, and what will."""

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from tasker_api.conversion.runs import missed_item
from tasker_api.occurrences.occurrence_items import occurrence_item
from tasker_api.occurrences.occurrence_reader import OccurrenceReader
from tasker_api.occurrences.wording import Wording
from tasker_api.problems import Problem
from tasker_api.queries.cursor import decode_cursor, encode_cursor, invalid_cursor
from tasker_api.queries.run_lists.run_filter import MissedFilter
from tasker_api.query_parameters import Bound
from tasker_api.request_dependencies import Context, TaskIdPath
from tasker_api.schemas.runs import MissedList, OccurrenceList, OccurrenceStatus
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.messages.verdicts import MissedReason
from tasker_core.time.instant import from_ms, to_ms

router = APIRouter(tags=["runs"])
DEFAULT_SECONDS: Final = 31 * 24 * 3600
"""How far is looked where one bound is left out."""


class OccurrencesQuery(BaseModel):
    """Which nominal times, and which page of them."""

    model_config = ConfigDict(populate_by_name=True)

    since: Annotated[
        Bound | None, Field(alias="from", description="nominal at or after; by default now (asc), 31 days before `to`")
    ] = None
    until: Annotated[
        Bound | None, Field(alias="to", description="nominal before; by default 31 days after `from` (asc), now")
    ] = None
    order: Annotated[Literal["asc", "desc"], Field(description="desc: the newest first, back from now")] = "desc"
    status: Annotated[list[OccurrenceStatus], Field(description="one or several: only these")] = []
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class MissedQuery(BaseModel):
    """Which nominal times that did not run, and which page of them."""

    model_config = ConfigDict(populate_by_name=True)

    task_id: str | None = None
    reason: MissedReason | None = None
    since: Annotated[Bound | None, Field(alias="from", description="the last one at or after")] = None
    until: Annotated[Bound | None, Field(alias="to", description="the last one before")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


@router.get("/missed")
async def list_missed(context: Context, query: Annotated[MissedQuery, Query()]) -> MissedList:
    """A page of nominal times that did not run though their task was there and not paused, the newest first."""
    missed = MissedFilter(query.task_id, query.reason, query.since, query.until)
    found, next_cursor = await context.runs.missed_page(missed, query.limit, query.cursor)
    names = await context.tasks.names_of(sorted({one["task_id"] for one in found}))
    return MissedList(items=[missed_item(one, names.get(one["task_id"])) for one in found], next_cursor=next_cursor)


@router.get("/tasks/{task_id}/occurrences")
async def list_occurrences(
    context: Context, task_id: TaskIdPath, query: Annotated[OccurrencesQuery, Query()]
) -> OccurrenceList:
    """Each past and coming nominal time of a task, also of a deleted one, and what became of it: one answer each."""
    now, descending = context.clock.now_ms() // 1000, query.order == "desc"
    begin, end = _bounds(query, now)
    if query.cursor is not None:
        (at,) = decode_cursor(f"occurrences {query.order}", query.cursor, 1)
        if not isinstance(at, int):
            raise invalid_cursor()
        begin, end = (begin, min(end, at)) if descending else (max(begin, at + 1), end)
    reader = OccurrenceReader(context.occurrences)
    page = await reader.page(task_id, begin, end, now, query.limit, set(query.status) or None, descending=descending)
    if page is None:
        raise Problem(404, await _why_nothing(context, task_id))
    wording = Wording(page.log, page.history)
    behind = page.more_behind
    return OccurrenceList(
        items=[occurrence_item(answer, wording) for answer in page.answers],
        known_from=from_ms(page.known_from * 1000),
        known_because=page.known_because,
        next_cursor=None if behind is None else encode_cursor(f"occurrences {query.order}", behind),
    )


def _bounds(query: OccurrencesQuery, now: int) -> tuple[int, int]:
    """The whole seconds [begin, end) that are asked for. Raises InvalidInput."""
    since, until = _second(query.since), _second(query.until)
    if since is not None and until is not None and since >= until:
        message = "is not after `from`; nothing lies between them: give a later one"
        raise InvalidInput([FieldError(pointer="/query/to", message=message)])
    if query.order == "asc":
        soonest = now if until is None or until > now else until - DEFAULT_SECONDS
        begin = soonest if since is None else since
        return begin, begin + DEFAULT_SECONDS if until is None else until
    latest = now + 1 if since is None or since <= now else since + DEFAULT_SECONDS
    end = latest if until is None else until
    return end - DEFAULT_SECONDS if since is None else since, end


def _second(instant: datetime | None) -> int | None:
    """The first whole second that is not before an instant."""
    return None if instant is None else -(-to_ms(instant) // 1000)


async def _why_nothing(context: Context, task_id: str) -> str:
    if await context.tasks.ever_existed(task_id):
        return (
            f"nothing is known any more of when the task {task_id!r} had to run; `/tasks/{task_id}/runs` lists its runs"
        )
    return f"the task {task_id!r} is not there, and nothing is known of one that was"
