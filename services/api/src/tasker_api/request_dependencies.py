"""What the routes are given: the request's body, conditions and identity, and the app's context.

All of it is `async`, whether it waits or not: FastAPI calls plain functions in a thread, which costs more than they do.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from email.message import Message
from typing import Annotated, Any, Final, TypeVar, cast

from fastapi import Depends, Header, Path, Request
from pydantic import BaseModel, ValidationError

from tasker_api.access.caller import caller_of
from tasker_api.access.tag_scope import TagScope
from tasker_api.api_context import ApiContext
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.problems import Problem, invalid
from tasker_core.errors import FieldError, field_errors
from tasker_core.events.json_text import NotJson, decode_json
from tasker_core.events.task_event import MAX_EVENT_ID
from tasker_core.ids import RUN_ID_PATTERN, TASK_ID_PATTERN
from tasker_core.messages.verdicts import Channel

M = TypeVar("M", bound=BaseModel)
MAX_ACTOR = 200
MAX_BODY_BYTES = 512 * 1024
BODY_SECONDS = 30.0
"""A body has to be there within this time, however slowly it comes."""
JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
_ETAG_PATTERN: Final = r'^(W/)?"([0-9]{1,18})(-[0-9a-z]+)?"$'
_ETAG = re.compile(_ETAG_PATTERN, re.ASCII)


async def context(request: Request) -> ApiContext:
    """What the request may use."""
    return _context(request)


async def builder(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="becomes the id of the event: the same request under it gets the first answer again",
            json_schema_extra={"minLength": 1, "maxLength": MAX_EVENT_ID},
        ),
    ] = None,
    actor: Annotated[
        str | None,
        Header(
            alias="Tasker-Actor",
            description="who wants it, for the history",
            json_schema_extra={"minLength": 1, "maxLength": MAX_ACTOR},
        ),
    ] = None,
) -> CommandBuilder:
    """The builder of the request's commands. Raises Problem for a wrong Idempotency-Key or Tasker-Actor."""
    if key is not None and not 0 < len(key) <= MAX_EVENT_ID:
        raise _wrong_header("Idempotency-Key", f"must have 1 to {MAX_EVENT_ID} characters")
    channel: Channel = "ui" if request.headers.get("tasker-channel") == "ui" else "rest"
    return CommandBuilder(_context(request), key, channel, _actor(request, actor), _scope(request))


def _context(request: Request) -> ApiContext:
    return cast("ApiContext", request.app.state.context)


def _actor(request: Request, person: str | None) -> str | None:
    """Who is named in the history: the caller's key, and behind it the person for whom it says that it acts.

    Raises Problem for a wrong Tasker-Actor.
    """
    caller, person = caller_of(request), None if person is None else _text_of(person)
    named = person if caller.name is None or person is None else f"{caller.name}: {person}"
    if person is not None and (not person or named is None or len(named) > MAX_ACTOR):
        most = MAX_ACTOR if caller.name is None else MAX_ACTOR - len(f"{caller.name}: ")
        raise _wrong_header("Tasker-Actor", f"must have 1 to {most} characters: the name for the history")
    return named or caller.name


def _text_of(header: str) -> str:
    """What a header says in UTF-8, as command lines send it; else in Latin-1, as it has been read."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


async def scope(request: Request) -> TagScope:
    """The tasks of the caller."""
    return _scope(request)


def _scope(request: Request) -> TagScope:
    return TagScope(caller_of(request), _context(request).tasks)


async def raw_body(request: Request, hint: str) -> bytes:
    """The body. Raises Problem: 413 with what to do instead, as soon as it is too large; 408 if it comes too slowly."""
    raw = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > MAX_BODY_BYTES:
                    raise Problem(413, f"the body is over {MAX_BODY_BYTES} bytes: {hint}")
    except TimeoutError:
        detail = f"the body was not there within {BODY_SECONDS:g} seconds; nothing was done: send it again"
        raise Problem(408, detail) from None
    return bytes(raw)


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body; empty when there is no body. Raises Problem: 400, 408, 413, 415."""
    raw = await raw_body(request, "pass a reference to large data instead")
    taken = (MERGE_PATCH, JSON) if request.method == "PATCH" else (JSON,)
    return json_object(raw, request.headers.get("content-type", ""), taken)


def json_object(raw: bytes, content_type: str, taken: Sequence[str] = (JSON,)) -> dict[str, Any]:
    """The JSON object of a body of one of the media types that are `taken`; empty when there is no body.

    Raises Problem: 400, 415.
    """
    if not raw:
        return {}
    check_media_type(content_type, taken)
    try:
        body = decode_json(raw)
    except NotJson as error:
        raise Problem(400, f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise Problem(400, "the body is not a JSON object")
    return cast("dict[str, Any]", body)


def check_media_type(content_type: str, taken: Sequence[str]) -> None:
    """Raises Problem (415) for another media type than those `taken`, or another charset than UTF-8."""
    media_type, charset = media_type_of(content_type)
    way_out = f"send {' or '.join(taken)}"
    if media_type not in taken:
        shown = f"{content_type[:100]!r}" if content_type else "missing"
        raise Problem(415, f"the content type is {shown}: {way_out}", headers={"Accept": ", ".join(taken)})
    if charset not in (None, "utf-8"):
        raise Problem(
            415, f"the charset is {charset[:40]!r}: {way_out}, in UTF-8", headers={"Accept": ", ".join(taken)}
        )


def media_type_of(content_type: str) -> tuple[str, str | None]:
    """The media type that a header names, and its charset, in lower case."""
    message = Message()
    message["content-type"] = content_type
    named = content_type.partition(";")[0].strip().lower()
    charset = message.get_param("charset")
    return named, charset.lower() if isinstance(charset, str) else None


def validated(model: type[M], body: Mapping[str, Any]) -> M:
    """A body in its shape. Raises Problem naming every wrong field."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise invalid(field_errors(error.errors(include_url=False))) from None


async def version_condition(
    etag: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description="an ETag that you read: 412 if the version that it begins with is not the newest",
            json_schema_extra={"pattern": _ETAG_PATTERN},
        ),
    ] = None,
    none_match: Annotated[
        str | None,
        Header(alias="If-None-Match", description="`*`: only create", json_schema_extra={"enum": ["*"]}),
    ] = None,
) -> int | None:
    """`if_version` from the headers: `If-Match: "41"`, or `If-None-Match: *` for 0. Raises Problem."""
    if none_match is not None and etag is not None:
        raise _wrong_header("If-None-Match", "goes without If-Match: give either of them")
    if none_match is not None:
        if none_match.strip() != "*":
            raise _wrong_header("If-None-Match", "of a write it may be * only: create, if it is not there")
        return 0
    if etag is None:
        return None
    if (match := _ETAG.fullmatch(etag.strip())) is None:
        message = f'{etag[:40]!r} is no ETag of a task or calendar; send the one that you read, such as "41"'
        raise _wrong_header("If-Match", message)
    return int(match[2])


def _wrong_header(name: str, message: str) -> Problem:
    return Problem(400, f"{name}: {message}", [FieldError(pointer=f"/header/{name}", message=message)])


Body = Annotated[dict[str, Any], Depends(json_body)]
Context = Annotated[ApiContext, Depends(context)]
Builder = Annotated[CommandBuilder, Depends(builder)]
ScopeOf = Annotated[TagScope, Depends(scope)]
IfVersion = Annotated[int | None, Depends(version_condition)]
TaskIdPath = Annotated[str, Path(pattern=TASK_ID_PATTERN)]
RunIdPath = Annotated[str, Path(json_schema_extra={"pattern": RUN_ID_PATTERN})]
