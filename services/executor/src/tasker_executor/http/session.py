"""The HTTP session of handlers: addresses are checked where a socket is made, so it is the very address connected to.

That is behind name resolution, holds for literal addresses in every notation too (aiohttp 3.14 resolves no literals),
and is done anew on every hop. A name whose address changes between two look-ups (DNS rebinding) gains nothing: there is
no look-up after the check. Cookies, redirects, and the proxies and credentials of the environment are not used.
"""

import socket
import ssl
from collections.abc import Sequence
from typing import Any

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver

from tasker_executor.http.address_policy import Network, refusal_reason

IDLE_SECONDS = 4.0
"""How long an unused connection is kept: shorter than many servers keep theirs (Node's server and uvicorn: 5 s)."""
MAX_HEADER_BYTES = 32 * 1024


class BlockedAddress(OSError):
    """The address policy refuses the address; `reason` says why.

    The text is the same for all addresses, since a client that tries several keeps the error only if all are alike.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("the address is closed")
        self.reason = reason


class RequestTrace:
    """Whether the connection of a request had served another one before, and whether the request was answered."""

    connection_reused = answered = False


def checked_session(
    allowed: Sequence[Network], per_host: int = 0, resolver: AbstractResolver | None = None
) -> aiohttp.ClientSession:
    """Sends requests as they are given, and keeps nothing but connections. It has no time-out of its own.

    At most `per_host` requests are in flight to one host and port (0: any number); more of them wait. Each request is
    given a `RequestTrace` as its trace context. Needs a running event loop.
    """

    def open_socket(info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if reason := refusal_reason(address[0], allowed):
            raise BlockedAddress(reason)
        return socket.socket(family, kind, protocol)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0,
            limit_per_host=per_host,
            keepalive_timeout=IDLE_SECONDS,
            resolver=resolver,
            socket_factory=open_socket,
            ssl=_ssl_context(),
        ),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        max_field_size=MAX_HEADER_BYTES,
        max_line_size=MAX_HEADER_BYTES,
        skip_auto_headers=("Content-Type",),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        trace_configs=[_reuse_tracing()],
        trust_env=False,
    )


def _reuse_tracing() -> aiohttp.TraceConfig:
    async def reused(_session: object, context: Any, _params: object) -> None:
        context.trace_request_ctx.connection_reused = True

    config = aiohttp.TraceConfig()
    config.on_connection_reuseconn.append(reused)
    return config


def _ssl_context() -> ssl.SSLContext:
    """The authorities of the operating system and Mozilla's, as certifi brings them."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context
