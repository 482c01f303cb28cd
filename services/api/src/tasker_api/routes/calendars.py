"""Calendars: named days that tasks exclude or require, changed in one place."""

from typing import Annotated, Final, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from tasker_api.commands import calendars
from tasker_api.commands.calendars import SentCalendar
from tasker_api.conversion.calendars import calendar_item, calendar_response, calendar_revision, calendar_task
from tasker_api.openapi.openapi_document import PENDING
from tasker_api.problems import not_found
from tasker_api.request_dependencies import (
    JSON,
    MAX_BODY_BYTES,
    Builder,
    Context,
    IfVersion,
    check_media_type,
    json_object,
    media_type_of,
    raw_body,
    validated,
)
from tasker_api.schemas.calendars import (
    DEFAULT_DIFF_DAYS,
    CalendarDiff,
    CalendarDiffInput,
    CalendarHistory,
    CalendarInput,
    CalendarList,
    CalendarResponse,
    CalendarTaskList,
    ImportReport,
    icalendar_body,
)
from tasker_core.documents.calendars import CalendarDocument
from tasker_core.ids import TASK_ID_PATTERN

router = APIRouter(prefix="/calendars", tags=["calendars"])
_CALENDAR_FILE: Final = "text/calendar"
_TAKEN: Final = (JSON, _CALENDAR_FILE)
NamePath = Annotated[str, Path(pattern=TASK_ID_PATTERN)]
Timed = Annotated[
    Literal["skip", "days"],
    Query(description="of a file: events with a time of day are left out, or the days that they touch are taken"),
]


class PageQuery(BaseModel):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


Page = Annotated[PageQuery, Query()]


async def _raw(request: Request) -> tuple[bytes, str]:
    raw = await raw_body(request, f"a calendar is taken up to {MAX_BODY_BYTES} bytes: send fewer years")
    return raw, request.headers.get("content-type", "")


RawBody = Annotated[tuple[bytes, str], Depends(_raw)]


@router.get("")
async def list_calendars(context: Context, query: Page) -> CalendarList:
    """A page of calendars, by name."""
    found, next_cursor = await context.calendars.page(query.limit, query.cursor)
    return CalendarList(items=[calendar_item(one) for one in found], next_cursor=next_cursor)


@router.get("/{name}")
async def read_calendar(name: NamePath, context: Context, response: Response) -> CalendarResponse:
    """One calendar with its days, and its ETag."""
    return await _shown(context, name, await context.calendars.find(name), response)


@router.put(
    "/{name}",
    responses=PENDING | {201: {"model": CalendarResponse, "description": "Created"}},
    openapi_extra=icalendar_body(CalendarInput),
)
async def put_calendar(
    name: NamePath,
    body: RawBody,
    builder: Builder,
    context: Context,
    if_version: IfVersion,
    response: Response,
    timed: Timed = "skip",
) -> CalendarResponse:
    """Create or replace a calendar, by JSON or an iCalendar file (`text/calendar`).

    The tasks that use it are handed over to the new days in a moment: nothing that ran or was left out before changes.
    """
    sent = await _sent(context, name, body, timed)
    existing = await context.calendars.find(name)
    await calendars.put(builder, sent, if_version)
    response.status_code = 200 if existing else 201
    written = await context.calendars.find_last(name)  # as it was last, if it has been deleted since
    return await _shown(context, name, written, response, sent.imported)


@router.delete("/{name}", status_code=204, responses=PENDING)
async def delete_calendar(name: NamePath, builder: Builder, context: Context, if_version: IfVersion) -> None:
    """Delete a calendar that no task uses (409 otherwise)."""
    await calendars.delete(context, builder, name, if_version)


@router.post("/{name}/diff", openapi_extra=icalendar_body(CalendarDiffInput))
async def diff_calendar(
    name: NamePath,
    body: RawBody,
    context: Context,
    timed: Timed = "skip",
    ahead: Annotated[int, Query(ge=1, le=3660, description="of a file: how many days ahead")] = DEFAULT_DIFF_DAYS,
) -> CalendarDiff:
    """What other days would change of the coming runs of all tasks that use it, before they are saved."""
    raw, content_type = body
    if not _is_file(content_type):
        given = json_object(raw, content_type, _TAKEN)
        ahead = validated(CalendarDiffInput, given).ahead
        raw = msgspec.json.encode({key: value for key, value in given.items() if key != "ahead"})
    return await calendars.diff(context, await _sent(context, name, (raw, content_type), timed), ahead)


@router.get("/{name}/tasks")
async def list_calendar_tasks(name: NamePath, context: Context, query: Page) -> CalendarTaskList:
    """A page of the tasks that use a calendar, by id; also of one that is deleted, whose days they keep."""
    found, next_cursor = await context.calendars.tasks(name, query.limit, query.cursor)
    if not found and await context.calendars.find(name) is None:
        raise not_found(f"the calendar {name!r}")
    return CalendarTaskList(items=[calendar_task(task, name) for task in found], next_cursor=next_cursor)


@router.get("/{name}/history")
async def read_calendar_history(name: NamePath, context: Context, query: Page) -> CalendarHistory:
    """A page of the versions of a calendar, the newest first, each with who changed it and which days."""
    found, next_cursor = await context.calendars.revisions(name, query.limit, query.cursor)
    if not found and query.cursor is None:
        raise not_found(f"the calendar {name!r}")
    before = [*found[1:], None]
    items = [calendar_revision(one, last, is_first=False) for one, last in zip(found, before, strict=True)]
    return CalendarHistory(items=items[: query.limit], next_cursor=next_cursor)


async def _sent(context: Context, name: str, body: tuple[bytes, str], timed: str) -> SentCalendar:
    raw, content_type = body
    if _is_file(content_type):
        return await calendars.sent_as_file(context, name, raw, timed=timed == "days")
    return calendars.sent_as_json(name, json_object(raw, content_type, _TAKEN))


def _is_file(content_type: str) -> bool:
    """Whether a body is an iCalendar file. Raises Problem (415) for another charset than UTF-8."""
    if media_type_of(content_type)[0] != _CALENDAR_FILE:
        return False
    check_media_type(content_type, _TAKEN)
    return True


async def _shown(
    context: Context,
    name: str,
    found: CalendarDocument | None,
    response: Response,
    imported: ImportReport | None = None,
) -> CalendarResponse:
    if found is None:
        raise not_found(f"the calendar {name!r}")
    response.headers["ETag"] = f'"{found["version"]}"'
    return calendar_response(found, await context.calendars.counts(name, found["version"]), imported)
