"""A server on 127.0.0.1 that gives access tokens, and one path that wants them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class TokenServer:
    """Gives `token-1`, `token-2` and so on at /token, and answers 200 at /api to the tokens in `good`.

    `answer`: what /token answers instead. Without `takes_any`, /api takes none. `gate`: until it is set, /token waits.
    """

    forms: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    authorizations: list[str | None] = field(default_factory=list[str | None])
    calls: list[str | None] = field(default_factory=list[str | None])
    good: set[str] = field(default_factory=set[str])
    more: dict[str, Any] = field(default_factory=lambda: {"token_type": "Bearer", "expires_in": 3600})
    answer: web.Response | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    takes_any: bool = True
    url: str = ""

    async def token(self, request: web.Request) -> web.Response:
        """Give a token."""
        form = await request.post()
        self.forms.append({name: str(value) for name, value in form.items()})
        self.authorizations.append(request.headers.get("Authorization"))
        self.asked.set()
        await self.gate.wait()
        if self.answer is not None:
            return web.Response(
                status=self.answer.status, body=self.answer.body, headers={"Retry-After": "7", "Location": "/api"}
            )
        token = f"token-{len(self.forms)}"
        self.good.add(token)
        return web.json_response({"access_token": token} | self.more)

    async def api(self, request: web.Request) -> web.Response:
        """Answer to whom has a good token; the answer repeats it."""
        authorization = request.headers.get("Authorization")
        self.calls.append(authorization)
        known = self.takes_any and (authorization or "").removeprefix("Bearer ") in self.good
        return web.Response(status=200 if known else 401, text=f"you have {authorization}")


@asynccontextmanager
async def token_server() -> AsyncGenerator[TokenServer]:
    """A server for the length of a test; its gate is open."""
    server = TokenServer()
    server.gate.set()
    app = web.Application()
    app.router.add_post("/token", server.token)
    app.router.add_route("*", "/api", server.api)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()
