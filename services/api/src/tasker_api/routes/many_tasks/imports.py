"""A file of tasks: what it would change, and having it done."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from tasker_api.access.caller import CallerOf
from tasker_api.commands.many_tasks import imports
from tasker_api.problems import Problem
from tasker_api.request_dependencies import Builder, Context, check_media_type, media_type_of
from tasker_api.schemas.many_tasks.change_sets import ChangeSetResponse
from tasker_api.schemas.many_tasks.imports import ImportPlan
from tasker_core.access.key_tags import KeyTags
from tasker_core.access.roles import includes
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.messages.change_sets import ChangeSetId
from tasker_core.task_files.crontab.options import CrontabOptions
from tasker_core.task_files.entries import MEDIA_TYPES
from tasker_core.texts import Tag

LINES: Final = "application/x-ndjson"
_CRONTAB_ONLY: Final = ("form", "timezone", "handler", "prefix", "tag")
_FILES: Final[dict[str, Any]] = {name: {"schema": {"type": "string"}} for name in MEDIA_TYPES}
router = APIRouter(prefix="/imports", tags=["change-sets"])


class ImportQuery(BaseModel):
    """What is to be done with the file, and how a crontab is to be read."""

    mode: Annotated[Literal["plan", "apply"], Field(description="`plan` changes nothing")]
    plan: Annotated[str | None, Field(max_length=64, description="the plan that is to be applied")] = None
    invalid: Annotated[
        Literal["refuse", "skip"], Field(description="whether the rest is applied where entries are invalid")
    ] = "refuse"
    id: Annotated[ChangeSetId | None, Field(description="names the change-set; without one it is minted")] = None
    note: Annotated[str | None, Field(max_length=1000, description="the reason, for the history")] = None
    form: Annotated[Literal["user", "system"] | None, Field(description="of a crontab")] = None
    timezone: Annotated[str | None, Field(max_length=100, description="of a crontab, until its CRON_TZ")] = None
    handler: Annotated[str | None, Field(max_length=100, description="runs commands that call no URL")] = None
    prefix: Annotated[str, Field(max_length=64, description="of the ids of a crontab's tasks")] = ""
    tag: Annotated[tuple[Tag, ...], Field(max_length=50, description="for each task of a crontab")] = ()


@router.post(
    "",
    response_model=ImportPlan | ChangeSetResponse,
    responses={
        200: {"model": ImportPlan, "description": "The plan", "content": {LINES: {"schema": {"type": "string"}}}},
        202: {"model": ChangeSetResponse, "description": "Begun: follow it at `Location`"},
    },
    openapi_extra={"requestBody": {"required": True, "content": _FILES}},
)
async def import_tasks(
    request: Request,
    query: Annotated[ImportQuery, Query()],
    builder: Builder,
    context: Context,
    caller: CallerOf,
    response: Response,
) -> ImportPlan | ChangeSetResponse | StreamingResponse:
    """Plan an import of a file of tasks, or apply it as it was planned: then with the same body and its `plan`.

    What is in the file is created or changed, what is not stays as it is. A file with an invalid entry is not applied
    in part, unless `invalid=skip`; 409 where the file or a task has changed since the plan. `undo` takes it back. To go
    on with an import that was interrupted, apply it again under the same `id` or `Idempotency-Key`. 503 while a few
    other files are being read: send it again later.
    """
    media_type = request.headers.get("content-type", "")
    check_media_type(media_type, tuple(MEDIA_TYPES))
    file_format = MEDIA_TYPES[media_type_of(media_type)[0]]
    options = _crontab_options(query) if file_format == "crontab" else _no_crontab(query)
    if query.mode == "apply":
        if caller.role is None or not includes(caller.role, "operator"):
            raise Problem(403, f"this takes the role operator: the key {caller.name!r} has the role {caller.role}")
        if query.plan is None:
            raise InvalidInput([FieldError(pointer="/query/plan", message="required: that of `mode=plan`")])
        async with context.uploads.receive(request) as content:
            begun = await imports.apply_import(
                context,
                builder,
                imports.TaskFile(content, file_format, options),
                query.plan,
                change_set=query.id,
                invalid=query.invalid,
                note=query.note,
            )
        response.status_code = 202
        response.headers["Location"] = f"/api/v1/change-sets/{begun.id}"
        return begun
    if LINES in request.headers.get("accept", ""):
        lines = _plan_lines(request, context, builder.key_tags, file_format, options)
        first = await anext(lines)  # what can't be read at all is a problem, not a plan
        return StreamingResponse(_after(first, lines), media_type=LINES)
    async with context.uploads.receive(request) as content:
        return await imports.plan_import(context, builder.key_tags, imports.TaskFile(content, file_format, options))


async def _plan_lines(
    request: Request, context: Context, key_tags: KeyTags, file_format: Any, options: Any
) -> AsyncGenerator[str]:
    async with context.uploads.receive(request) as content:
        async for lines in imports.plan_lines(context, key_tags, imports.TaskFile(content, file_format, options)):
            yield lines


async def _after(first: str, lines: AsyncGenerator[str]) -> AsyncGenerator[str]:
    async with aclosing(lines):  # also for one who goes away amid the plan
        yield first
        async for some in lines:
            yield some


def _crontab_options(query: ImportQuery) -> CrontabOptions:
    return CrontabOptions(
        form=query.form, timezone=query.timezone, handler=query.handler, prefix=query.prefix, tags=query.tag
    )


def _no_crontab(query: ImportQuery) -> None:
    """Raises InvalidInput for what only crontabs take."""
    given = [name for name in _CRONTAB_ONLY if name in query.model_fields_set]
    if given:
        message = "is for crontabs only: leave it out, or send text/x-crontab"
        raise InvalidInput([FieldError(pointer=f"/query/{name}", message=message) for name in given])
