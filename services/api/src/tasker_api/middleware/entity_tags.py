"""ETags of what is read, and answers without a body for those who have it already (RFC 9110, sections 8.8.3 and 13)."""

from hashlib import blake2b
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MEDIA_TYPE: Final = b"application/json"


class EntityTags:
    """Gives each JSON answer to a GET a weak ETag of its content, and 304 to those who have it.

    What has an ETag of its own (a version) keeps it as the first part, so that `If-Match` can be made of either. What
    is sent in pieces is passed on as it comes. HEAD is answered as GET; the server leaves the body out.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app, self._prefix = app, f"{prefix}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        asked = (
            scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith(self._prefix)
        )
        if not asked:
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        sender = _TaggedSender(send, Headers(scope=scope).get("if-none-match"), is_head=is_head)
        inner = {**scope, "method": "GET"}
        try:
            await self._app(inner, receive, sender.send)
        finally:
            scope["route"] = inner.get("route")  # what is counted further out


class _TaggedSender:
    def __init__(self, send: Send, known: str | None, *, is_head: bool) -> None:
        self._send, self._known, self._is_head = send, known, is_head
        self._start: Message | None = None
        self._ended = False

    async def send(self, message: Message) -> None:
        """Hold the start of a JSON answer back until its body is there."""
        if self._ended:
            return
        if message["type"] == "http.response.start":
            if message["status"] == 200 and (b"content-type", _MEDIA_TYPE) in message["headers"]:
                self._start = message
                return
            if self._is_head and b"content-length" not in dict(message["headers"]):  # a stream: it has no end
                await self._send(message)
                await self._end()
                return
        elif (start := self._start) is not None:
            self._start = None
            if not message.get("more_body"):
                await self._send_tagged(start, message)
                return
            await self._send(start)
        await self._send(message)

    async def _end(self) -> None:
        self._ended = True
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_tagged(self, start: Message, message: Message) -> None:
        headers = MutableHeaders(raw=start["headers"])
        tag = entity_tag(message["body"], headers.get("etag"))
        headers["ETag"] = tag
        headers.setdefault("Cache-Control", "private, no-cache")  # kept by browsers, and asked for anew each time
        if self._known is not None and is_known(tag, self._known):
            kept = [(name, value) for name, value in start["headers"] if not name.startswith(b"content-")]
            await self._send({**start, "status": 304, "headers": kept})
            await self._end()
            return
        await self._send(start)
        await self._send(message)


def entity_tag(body: bytes, version: str | None) -> str:
    """The weak ETag of an answer; the number in `version`, if there is one, comes first."""
    digest = blake2b(body, digest_size=8).hexdigest()
    return f'W/"{digest}"' if version is None else f'W/"{version.strip(chr(34))}-{digest}"'


def is_known(tag: str, known: str) -> bool:
    """Whether a tag is in the value of an `If-None-Match`, compared weakly; `*` stands for any."""
    listed = [one.strip().removeprefix("W/") for one in known.split(",")]
    return tag.removeprefix("W/") in listed or listed == ["*"]
