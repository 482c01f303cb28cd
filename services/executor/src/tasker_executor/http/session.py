"""The HTTP connections of handlers: the guard sits where a socket is made, so it judges the very address connected to.

That place is behind name resolution, is passed by literal addresses in every notation too (aiohttp 3.14 resolves no
literals), and is passed anew on every hop. A name whose answer changes between two look-ups (DNS rebinding) gains
nothing: there is no look-up after the judgement. Cookies, redirects, and the proxies and credentials of the environment
nobody wants here.
"""

import socket
import ssl
from collections.abc import Sequence
from typing import Any

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver

from tasker_executor.http.address_policy import Network, refusal

IDLE_SECONDS = 4.0
"""How long an unused connection is kept: shorter than many servers keep theirs (Node's server and uvicorn: 5 s)."""
MAX_HEADER_BYTES = 32 * 1024


class Blocked(OSError):
    """The guard refuses the address; `reason` says why.

    The text is the same for all addresses, since a client that tries several keeps the error only if all are alike.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("the address is closed")
        self.reason = reason


class Attempt:
    """One sending of a request: whether its connection had served another one before, and whether it was answered."""

    reused = answered = False


def guarded_session(
    allowed: Sequence[Network], per_host: int = 0, resolver: AbstractResolver | None = None
) -> aiohttp.ClientSession:
    """Sends requests as they are given, and keeps nothing but connections. It has no time-out of its own.

    At most `per_host` requests are under way to one host and port (0: any number); more of them wait. Each request is
    given an `Attempt` as its trace context. Needs a running event loop.
    """

    def open_socket(info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if reason := refusal(address[0], allowed):
            raise Blocked(reason)
        return socket.socket(family, kind, protocol)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0,
            limit_per_host=per_host,
            keepalive_timeout=IDLE_SECONDS,
            resolver=resolver,
            socket_factory=open_socket,
            ssl=_trust(),
        ),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        max_field_size=MAX_HEADER_BYTES,
        max_line_size=MAX_HEADER_BYTES,
        skip_auto_headers=("Content-Type",),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        trace_configs=[_noting_reuse()],
        trust_env=False,
    )


def _noting_reuse() -> aiohttp.TraceConfig:
    async def reused(_session: object, context: Any, _params: object) -> None:
        context.trace_request_ctx.reused = True

    config = aiohttp.TraceConfig()
    config.on_connection_reuseconn.append(reused)
    return config


def _trust() -> ssl.SSLContext:
    """The authorities of the operating system and Mozilla's, as certifi brings them."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context
