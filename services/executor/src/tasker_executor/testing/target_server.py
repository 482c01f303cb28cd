"""Runs that call, and servers on 127.0.0.1 to be called."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import msgspec
from aiohttp import web

from tasker_core.messages.runs import Run
from tasker_executor.attempt_failure import AttemptFailed

LOOPBACK = [ip_network("127.0.0.1/32")]
AT = "2026-01-01T12:00:00.000Z"
Handler = Callable[[Run], Awaitable[Any]]
Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def run_of(payload: object, **more: Any) -> Run:
    """A run with a payload."""
    fields: dict[str, Any] = {"task_id": "t", "task_name": "T", "generation": 1, "version": 1, "emitted_at": AT}
    fields |= {"run_id": "the-run-id", "nominal_at": AT, "effective_at": AT, "handler": "curl"} | more
    return Run(payload=msgspec.Raw(msgspec.json.encode(payload)), **fields)


async def expect_failure(handler: Handler, payload: object, kind: str) -> AttemptFailed:
    """The failure of a call, which is of a kind. Raises AssertionError when it is another one, or none."""
    try:
        result = await handler(run_of(payload))
    except AttemptFailed as error:
        if error.kind == kind:
            return error
        raise AssertionError(f"expected {kind}, got {error.kind}: {error}") from error
    raise AssertionError(f"expected {kind}, got {result}")


@dataclass
class TargetServer:
    """A server that records requests, their bodies and addresses; `disconnected` is set when a client has left."""

    requests: list[web.Request] = field(default_factory=list[web.Request])
    bodies: list[bytes] = field(default_factory=list[bytes])
    addresses: list[str] = field(default_factory=list[str])
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    scheme: str = "http"
    peer_certificates: list[Any] = field(default_factory=list[Any])
    _received: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/") -> str:
        """Where something is on this server."""
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    async def requests_received(self, count: int) -> None:
        """Wait until there were so many requests."""
        while len(self.requests) < count:
            self._received.clear()
            await self._received.wait()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as the path says."""
        self.requests.append(request)
        self._received.set()
        assert request.transport is not None
        self.addresses.append(request.transport.get_extra_info("sockname")[0])
        self.peer_certificates.append(request.transport.get_extra_info("peercert"))
        self.bodies.append(await request.read())
        headers = {"Location": request.query.get("to", "")}
        match request.path:
            case "/status":
                extra = {"Retry-After": request.query["after"]} if "after" in request.query else {}
                return web.Response(status=int(request.query["code"]), text="what it says", headers=extra)
            case "/redirect":
                return web.Response(status=int(request.query.get("code", "302")), headers=headers, text="onward")
            case "/loop":
                return web.Response(status=307, headers={"Location": "/loop"})
            case "/nowhere":
                return web.Response(status=301)
            case "/cookie":
                return web.Response(text=request.headers.get("Cookie", "none"), headers={"Set-Cookie": "a=b"})
            case "/gzip":
                return web.Response(body=gzip.compress(b"packed"), headers={"Content-Encoding": "gzip"})
            case "/latin":
                return web.Response(body=b"\xfc", content_type="text/plain", charset="iso-8859-1")
            case "/headers":
                return web.Response(headers={f"X-{n}": "a" * 6000 for n in range(20)})
            case "/echo":
                repeated = {name: value for name, value in request.headers.items() if name.startswith("X-")}
                return web.json_response({"headers": dict(request.headers)}, headers=repeated)
            case path if path.startswith("/repeat/"):
                text = f"{request.method} {request.path_qs} at {request.url}, {path.rpartition('/')[2]}"
                asked = {"X-Asked": str(request.url), "Location": request.path_qs}
                return web.Response(status=int(request.query.get("code", "200")), text=text, headers=asked)
            case "/endless":
                return await self._endless(request)
            case "/hang":
                await asyncio.Event().wait()
            case "/broken":
                assert request.transport is not None
                request.transport.close()
            case _:
                pass
        return web.Response(text="hello")

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"x" * 8192)
        finally:
            self.disconnected.set()


@asynccontextmanager
async def target_server(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncGenerator[TargetServer]:
    """A server for the length of a test."""
    server = TargetServer(scheme="http" if tls is None else "https")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, 0, ssl_context=tls)
    await site.start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(converse: Converse) -> AsyncGenerator[str]:
    """A server that handles each connection with `converse`; returns its URL."""
    connections: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            await converse(reader, writer)
        except (ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass
        finally:
            connections.discard(task)
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
