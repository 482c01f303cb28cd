"""Server-sent events (WHATWG HTML, section 9.2) about what changes."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tasker_api.changes.change_hints import ChangeFilter
from tasker_api.changes.change_log import Position
from tasker_api.changes.change_watcher import ChangeWatcher
from tasker_api.changes.subscription import Subscription
from tasker_api.problems import Problem, mongodb_away
from tasker_runtime.mongo import PyMongoError

HEARTBEAT_SECONDS: Final = 15.0
RETRY_MS: Final = (1_000, 3_000)
"""When a client comes again; not all of them at once after a restart."""
TOO_OLD: Final = "what changed since then is no longer known here: read anew what you show"
HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep it until a buffer is full
}


class EventStream(Response):
    """The events of one who listens, from the one after `last` on, until he goes or the process stops, or `over` is."""

    media_type = "text/event-stream"

    def __init__(
        self,
        watcher: ChangeWatcher,
        wanted: ChangeFilter,
        last: Position | None,
        *,
        unreadable: bool,
        over: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._watcher, self._wanted, self._last, self._unreadable = watcher, wanted, last, unreadable
        self._over = over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        try:
            async with self._watcher.subscribe(self._wanted, self._last) as subscription:
                if subscription is None:
                    detail = "too many streams are open here; try again later, or ask for the state itself now and then"
                    await Problem(503, detail, headers={"Retry-After": "10"}).response()(scope, receive, send)
                    return
                subscription.reset |= self._unreadable
                await self._send_until_gone(subscription, receive, send)
        except PyMongoError as error:
            await mongodb_away(error).response()(scope, receive, send)

    async def _send_until_gone(self, subscription: Subscription, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sending = asyncio.create_task(self._send_events(subscription, send))
        gone = asyncio.create_task(_until_gone(receive))
        over = asyncio.create_task(self._until_over())
        try:
            await asyncio.wait({sending, gone, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, gone, over):
                task.cancel()
            with suppress(OSError):
                await asyncio.gather(sending, gone, over, return_exceptions=True)
        if gone.cancelled():
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_events(self, subscription: Subscription, send: Send) -> None:
        async for text in events(subscription, self._watcher):
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def _until_over(self) -> None:
        if self._over is None:
            await asyncio.Event().wait()
        else:
            await self._over()


async def events(subscription: Subscription, watcher: ChangeWatcher) -> AsyncGenerator[str]:
    """The text of each event, and of heartbeats, until the watcher closes.

    A heartbeat has the position, too: so a client resumes from it that has heard nothing else for long.
    """
    yield f"retry: {random.randint(*RETRY_MS)}\n\n"
    if not subscription.reset:
        yield _event("open", subscription.position, {"resumed": subscription.resumed})
    while not watcher.closing:
        changes = subscription.take()
        if subscription.reset:
            subscription.reset = False
            yield _event("reset", subscription.position, {"reason": TOO_OLD})
        elif changes is not None and (text := changes.text(subscription.wanted)) is not None:
            yield f"id: {subscription.position.text}\nevent: changes\ndata: {text}\n\n"
        elif not await subscription.news(HEARTBEAT_SECONDS):
            yield f": nothing new\nid: {subscription.position.text}\n\n"


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _event(name: str, position: Position, data: Mapping[str, object]) -> str:
    return f"id: {position.text}\nevent: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"
