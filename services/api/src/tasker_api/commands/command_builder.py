"""Builds the commands of one request."""

import hashlib
import json
import secrets
from copy import copy
from dataclasses import replace
from typing import Any, Self

from tasker_api.access.tag_scope import TagScope
from tasker_api.api_context import ApiContext
from tasker_api.publishing.command import Command
from tasker_core.access.key_tags import ALL_TASKS, KeyTags
from tasker_core.documents.journal import JournalDocument
from tasker_core.events.task_event import MAX_EVENT_ID
from tasker_core.ids import new_task_id
from tasker_core.messages.verdicts import Channel, EventType


class CommandBuilder:
    """Builds the command of one request, and has it executed. `key` is the request's `Idempotency-Key`.

    Where none came, one is minted: all ids that a request makes follow from its key, so that a request whose fate is
    unknown may be repeated under the key that its answer names.
    `scope`: the tasks that the caller may change; None: what it may change is known already.
    """

    def __init__(
        self, context: ApiContext, key: str | None, channel: Channel, actor: str | None, scope: TagScope | None
    ) -> None:
        self._context, self._actor, self._scope = context, actor, scope
        self._channel: Channel = channel
        self._is_given = key is not None
        self._key = self._event_id = self.new_event_id() if key is None else key

    @property
    def actor(self) -> str | None:
        """Who wants it."""
        return self._actor

    @property
    def channel(self) -> Channel:
        """By which way it came."""
        return self._channel

    @property
    def key_tags(self) -> KeyTags:
        """Which tasks are those of whoever wants it."""
        return ALL_TASKS if self._scope is None else self._scope.key_tags

    def new_task_id(self) -> str:
        """The id of a new task, or change-set; the same one for the same Idempotency-Key of the same actor."""
        whose = self._key if self._actor is None else f"{self._actor}\n{self._key}"
        hashed = int.from_bytes(hashlib.blake2b(whose.encode(), digest_size=16).digest(), "big")
        return new_task_id(hashed >> 83, hashed)

    async def execute(
        self,
        event_type: EventType,
        task_id: str,
        data: dict[str, Any],
        if_version: int | None = None,
        request: Any = None,
        event_id: str | None = None,
        channel: Channel | None = None,
    ) -> JournalDocument:
        """Publish the event and wait for its verdict. Raises Problem, InvalidInput or VerdictPending.

        `request`: all that the client sent, where the event is made of more than that. `event_id`: its id, where that
        says that it is the same as before; `channel`: by which way it came, where that is not the request's.
        """
        command = self._command(event_type, task_id, data, if_version, request, event_id)
        if channel is not None:
            command = replace(command, channel=channel)
        if self._scope is not None:
            condition = await self._scope.before(event_type, task_id, data, if_version)
            command = replace(command, if_version=condition)
        return await self._context.publisher.execute(command)

    async def earlier_verdict(
        self, event_type: EventType, task_id: str, request: Any, event_id: str | None = None
    ) -> JournalDocument | None:
        """The accepted verdict on the same request, made before under the same id. Raises Problem.

        What a request needs to be carried out may be gone when it is repeated: who looks for that asks here first.
        """
        command = self._command(event_type, task_id, {}, None, request, event_id)
        return await self._context.publisher.earlier_verdict(command)

    def of_try(self, number: int) -> Self:
        """Builds the command of the try `number` (from 1) of a request that is made of several events: each has an id,
        and a verdict, of its own."""
        found, suffix = copy(self), "" if number == 1 else f"/{number}"
        found._event_id = self._key[: MAX_EVENT_ID - len(suffix)] + suffix  # noqa: SLF001 -- a copy of itself
        return found

    def _command(
        self,
        event_type: EventType,
        task_id: str,
        data: dict[str, Any],
        if_version: int | None,
        request: Any,
        event_id: str | None = None,
    ) -> Command:
        whole = [event_type, task_id, *([data, if_version] if request is None else [request, None])]
        content = json.dumps(whole, sort_keys=True, ensure_ascii=False)
        return Command(
            event_id=event_id or self._event_id,
            task_id=task_id,
            type=event_type,
            data=data,
            digest=hashlib.blake2b(content.encode(), digest_size=8).hexdigest(),
            channel=self._channel,
            actor=self._actor,
            if_version=if_version,
            repeatable=event_id is not None or self._is_given,
            key=self._key,
        )

    def new_event_id(self) -> str:
        """For an event that is not the request itself: not that of its Idempotency-Key."""
        return new_task_id(self._context.clock.now_ms(), secrets.randbits(80))
