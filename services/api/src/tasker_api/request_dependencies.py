"""What the routes are given: the request's body, conditions and identity, and the app's context."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, cast

import msgspec
from fastapi import Depends, Path, Request
from pydantic import BaseModel, ValidationError

from tasker_api.api_context import ApiContext
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.problems import Problem, invalid
from tasker_core.errors import FieldError, field_errors
from tasker_core.events.task_event import MAX_EVENT_ID
from tasker_core.ids import TASK_ID_PATTERN
from tasker_core.messages.verdicts import Channel

M = TypeVar("M", bound=BaseModel)
MAX_ACTOR = 200
MAX_BODY_BYTES = 512 * 1024
_JSON = re.compile(r"application/(merge-patch\+|problem\+)?json\s*(;.*)?", re.IGNORECASE)
_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')


def context(request: Request) -> ApiContext:
    """What the request may use."""
    return cast("ApiContext", request.app.state.context)


def builder(request: Request) -> CommandBuilder:
    """The builder of the request's commands. Raises Problem for a wrong Idempotency-Key or Tasker-Actor."""
    key, actor = request.headers.get("idempotency-key"), request.headers.get("tasker-actor")
    if key is not None and not 0 < len(key) <= MAX_EVENT_ID:
        raise _wrong_header("Idempotency-Key", f"must have 1 to {MAX_EVENT_ID} characters")
    if actor is not None and not 0 < len(actor) <= MAX_ACTOR:
        raise _wrong_header("Tasker-Actor", f"must have 1 to {MAX_ACTOR} characters: the name for the history")
    channel: Channel = "ui" if request.headers.get("tasker-channel") == "ui" else "rest"
    return CommandBuilder(context(request), key, channel, actor)


async def raw_body(request: Request, hint: str) -> bytes:
    """The body. Raises Problem: 413, with what to do instead."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise Problem(413, f"the body is over {MAX_BODY_BYTES} bytes: {hint}")
    return bytes(raw)


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body; empty when there is no body. Raises Problem: 400, 413, 415."""
    raw = await raw_body(request, "pass a reference to large data instead")
    return json_object(raw, request.headers.get("content-type", ""))


def json_object(raw: bytes, content_type: str) -> dict[str, Any]:
    """The JSON object of a body; empty when there is no body. Raises Problem: 400, 415."""
    if not raw:
        return {}
    if not _JSON.fullmatch(content_type):
        raise Problem(415, f"the content type is {content_type or 'missing'}: send application/json")
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Problem(400, f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise Problem(400, "the body is not a JSON object")
    return cast("dict[str, Any]", body)


def validated(model: type[M], body: Mapping[str, Any]) -> M:
    """A body in its shape. Raises Problem naming every wrong field."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise invalid(field_errors(error.errors(include_url=False))) from None


def version_condition(request: Request) -> int | None:
    """`if_version` from the headers: `If-Match: "41"`, or `If-None-Match: *` for 0. Raises Problem."""
    if request.headers.get("if-none-match") == "*":
        return 0
    etag = request.headers.get("if-match")
    if etag is None:
        return None
    if (match := _ETAG.fullmatch(etag.strip())) is None:
        message = f'{etag[:40]!r} is no ETag of a task or calendar; send the one that you read, such as "41"'
        raise _wrong_header("If-Match", message)
    return int(match[1])


def _wrong_header(name: str, message: str) -> Problem:
    return Problem(400, f"{name}: {message}", [FieldError(pointer=f"/header/{name}", message=message)])


Body = Annotated[dict[str, Any], Depends(json_body)]
Context = Annotated[ApiContext, Depends(context)]
Builder = Annotated[CommandBuilder, Depends(builder)]
IfVersion = Annotated[int | None, Depends(version_condition)]
TaskIdPath = Annotated[str, Path(pattern=TASK_ID_PATTERN)]
