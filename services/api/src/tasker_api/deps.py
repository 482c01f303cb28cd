"""What the routes are given: the request's body, conditions and identity, and the app's services."""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any, TypeVar, cast

import msgspec
from fastapi import Request
from pydantic import BaseModel, ValidationError

from tasker_api.commands import Command, Commands
from tasker_api.letters import LetterBox
from tasker_api.problems import Problem, invalid
from tasker_api.store import Store
from tasker_core.errors import FieldError, field_errors
from tasker_core.events.task_event import MAX_EVENT_ID
from tasker_core.ids import new_task_id
from tasker_core.messages import Channel, EventType
from tasker_runtime.clock import Clock
from tasker_runtime.documents import JournalDocument

M = TypeVar("M", bound=BaseModel)
MAX_BODY_BYTES = 512 * 1024
_JSON = re.compile(r"application/(merge-patch\+|problem\+)?json\s*(;.*)?", re.IGNORECASE)
_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')


class Services:
    """What a request may use, held by the app."""

    def __init__(self, commands: Commands, store: Store, letters: LetterBox, clock: Clock) -> None:
        self.commands, self.store, self.letters, self.clock = commands, store, letters, clock


def services(request: Request) -> Services:
    """The app's services."""
    return cast("Services", request.app.state.services)


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body; empty when there is no body. Raises Problem: 400, 413, 415."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise Problem(413, f"the body is over {MAX_BODY_BYTES} bytes: pass a reference to large data instead")
    if not raw:
        return {}
    kind = request.headers.get("content-type", "")
    if not _JSON.fullmatch(kind):
        raise Problem(415, f"the content type is {kind or 'missing'}: send application/json")
    try:
        body = msgspec.json.decode(bytes(raw))
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
        raise invalid(field_errors(error.errors(include_context=False, include_url=False))) from None


def condition(request: Request) -> int | None:
    """`if_version` as the headers tell it: `If-Match: "41"`, or `If-None-Match: *` for 0. Raises Problem."""
    if request.headers.get("if-none-match") == "*":
        return 0
    given = request.headers.get("if-match")
    if given is None:
        return None
    if (match := _ETAG.fullmatch(given.strip())) is None:
        raise _header("If-Match", f'{given[:40]!r} is no ETag of a task; send the one that you read, such as "41"')
    return int(match[1])


class Commander:
    """Builds the command of one request, and has it carried out."""

    def __init__(self, request: Request) -> None:
        self._services = services(request)
        key = request.headers.get("idempotency-key")
        if key is not None and not 0 < len(key) <= MAX_EVENT_ID:
            raise _header("Idempotency-Key", f"must have 1 to {MAX_EVENT_ID} characters")
        self._key = key
        self._channel: Channel = "ui" if request.headers.get("tasker-channel") == "ui" else "rest"

    def task_id(self) -> str:
        """A new task's id; the same one for the same Idempotency-Key."""
        if self._key is None:
            return self._minted()
        hashed = int.from_bytes(hashlib.blake2b(self._key.encode(), digest_size=16).digest(), "big")
        return new_task_id(hashed >> 83, hashed)

    async def carry_out(
        self,
        kind: EventType,
        task_id: str,
        data: dict[str, Any],
        if_version: int | None = None,
        asked: Any = None,
    ) -> JournalDocument:
        """Publish the event and wait for its verdict. Raises Problem or Undecided.

        `asked`: what the client said, where the event's data is made of more than that.
        """
        return await self._services.commands.carry_out(self._command(kind, task_id, data, if_version, asked))

    async def answered(self, kind: EventType, task_id: str, asked: Any) -> JournalDocument | None:
        """The accepted verdict on the same request, made before under the same Idempotency-Key. Raises Problem."""
        return await self._services.commands.answered(self._command(kind, task_id, {}, None, asked))

    def _command(
        self, kind: EventType, task_id: str, data: dict[str, Any], if_version: int | None, asked: Any
    ) -> Command:
        whole = [kind, task_id, data if asked is None else asked, if_version]
        content = json.dumps(whole, sort_keys=True, ensure_ascii=False)
        return Command(
            event_id=self._key or self._minted(),
            task_id=task_id,
            type=kind,
            data=data,
            digest=hashlib.blake2b(content.encode(), digest_size=8).hexdigest(),
            channel=self._channel,
            if_version=if_version,
            repeatable=self._key is not None,
        )

    def _minted(self) -> str:
        return new_task_id(self._services.clock.now_ms(), secrets.randbits(80))


def _header(name: str, message: str) -> Problem:
    return Problem(400, f"{name}: {message}", [FieldError(pointer=f"/header/{name}", message=message)])
