"""The server's side of a connection: requests in time, heads of bounded size, and problems for what is no HTTP."""

from asyncio import TimerHandle, Transport
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tasker_api.problems import Problem

HEAD_SECONDS: Final = 20.0
"""So long the head of a request may take, from its first byte or the begin of the connection on."""
UNREAD_SECONDS: Final = 30.0
"""So long the rest of a body may take that was answered before it was whole."""
STALL_SECONDS: Final = 60.0
"""So long a client may take nothing of an answer, which holds a file, a cursor or a place meanwhile."""
LINGER_SECONDS: Final = 2.0
"""So long a client that was refused may go on sending, to no effect, until it has read why."""
KEEP_ALIVE_SECONDS: Final = 75
"""So long an idle connection stays for a next request: longer than clients (httpx: 5 s) and proxies (60 s) keep theirs.

A server that closes first may do so while a request is on its way, which its client sees as a reset.
"""
MAX_HEAD_BYTES: Final = 64 * 1024
_WAY_OUT: Final = "send a request as RFC 9112 has it"


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's, which sets no bound on the time and size of the head of a request, with such bounds.

    Who opens connections and says nothing, or never comes to an end, holds none of them for long.
    """

    _head_bytes = 0
    _timer: TimerHandle | None = None
    _stalled: TimerHandle | None = None
    _in_head = True
    _refused = False

    def connection_made(self, transport: Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A client has connected: the head of its request is due."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._cancel()
        self._cancel_stalled()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client takes nothing for now: as much waits for it as may."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALL_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The client goes on."""
        self._cancel_stalled()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request, or of several."""
        if self._refused:
            return
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_head()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if self._timer is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        """The head of a request is whole; it may have come in one piece, with a body behind it."""
        self._in_head, self._head_bytes = False, 0
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MAX_HEAD_BYTES:
            self._refuse_head()
        if not self._refused:
            self._cancel()
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Some of a body."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is whole; the next one may follow at once."""
        if self._refused:
            return
        super().on_message_complete()
        self._in_head = True
        self._cancel()

    def on_response_complete(self) -> None:
        """A request is answered, perhaps before all of its body is there."""
        super().on_response_complete()
        if not self._in_head and not self.transport.is_closing():
            self._cancel()
            self._timer = self.loop.call_later(UNREAD_SECONDS, self.transport.close)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP."""
        self._refuse(400, f"{msg.rstrip('.')}: {_WAY_OUT}")

    def _expect_head(self) -> None:
        self._in_head = True
        detail = f"the head of a request was not there within {HEAD_SECONDS:g} seconds"
        self._timer = self.loop.call_later(HEAD_SECONDS, self._refuse, 408, detail)

    def _refuse_head(self) -> None:
        self._refuse(431, f"the head of the request is over {MAX_HEAD_BYTES} bytes: send fewer or shorter headers")

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cancel_stalled(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _refuse(self, status: int, detail: str) -> None:
        self._cancel()
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        body: Any = Problem(status, detail).response().body
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/problem+json\r\n"
        head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode() + body)
        # A connection that is closed while bytes come in is reset, and the client would see no answer.
        self.transport.write_eof()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)
