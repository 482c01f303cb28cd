"""Tasks as a file, streamed."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from tasker_api.conversion.many_tasks.task_exports import exported_definition
from tasker_api.queries.task_lists.filter_fields import TaskFilterFields
from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_api.queries.tasks import TaskQueries
from tasker_api.request_dependencies import Context, ScopeOf
from tasker_api.system.canary_tasks import TAG
from tasker_core.documents.tasks import TaskDocument
from tasker_core.task_files.entries import MEDIA_TYPES, Format
from tasker_core.task_files.written import TaskFileWriter

PAGE: Final = 500
"""So many tasks are held at a time."""
_SUFFIXES: Final[dict[Format, str]] = {"json": "json", "ndjson": "ndjson", "yaml": "yaml", "crontab": "crontab"}
_AS_OBJECT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"tasks": {"type": "array", "items": {"type": "object"}}},
    "required": ["tasks"],
}
_CONTENT: Final[dict[str, Any]] = {
    media_type: {"schema": _AS_OBJECT if known in ("json", "yaml") else {"type": "string"}}
    for media_type, known in MEDIA_TYPES.items()
}
router = APIRouter(tags=["tasks"])


class ExportQuery(TaskFilterFields):
    """Which tasks, and as what."""

    format: Format = "json"


@router.get(
    "/exports", response_class=StreamingResponse, responses={200: {"content": _CONTENT, "description": "The file"}}
)
async def export_tasks(context: Context, scope: ScopeOf, query: Annotated[ExportQuery, Query()]) -> StreamingResponse:
    """Tasks as a file that an import takes back as they are, in the order of their ids.

    What has been there all the time is in it once, whatever is changed meanwhile. A crontab holds what cron can carry
    out, and names the rest. An answer that is cut off because the database went away ends the connection early.
    """
    task_filter = query.task_filter(() if TAG in query.tag else tuple(context.canaries), scope.tags)
    pieces = file_pieces(context.tasks, task_filter, query.format)
    first = await anext(pieces)  # what can't be read at all is a problem, not a file
    media_type = next(name for name, known in MEDIA_TYPES.items() if known == query.format)
    name = f'attachment; filename="tasks.{_SUFFIXES[query.format]}"'
    return StreamingResponse(_after(first, pieces), media_type=media_type, headers={"Content-Disposition": name})


async def _after(first: str, pieces: AsyncGenerator[str]) -> AsyncGenerator[str]:
    yield first
    async for piece in pieces:
        yield piece


async def file_pieces(tasks: TaskQueries, task_filter: TaskFilter, file_format: Format) -> AsyncGenerator[str]:
    """The file, at least one piece of it, a page of tasks each."""
    writer, cursor = TaskFileWriter(file_format), None
    text = writer.begin()
    while True:
        found, cursor = await tasks.page(task_filter, "id", PAGE, cursor)
        whole = await tasks.find_many([task["_id"] for task in found])
        present = [whole[task["_id"]] for task in found if task["_id"] in whole]
        text += await asyncio.to_thread(_written, writer, present)
        if cursor is None:
            yield text + writer.end()
            return
        if text:
            yield text
        text = ""


def _written(writer: TaskFileWriter, tasks: Sequence[TaskDocument]) -> str:
    return "".join(writer.task(exported_definition(task)) for task in tasks)
