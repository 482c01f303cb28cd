"""The HTTP session of handlers: addresses are checked where a socket is made, so it is the very address connected to.

That is behind name resolution, holds for literal addresses in every notation too (aiohttp 3.14 resolves no literals),
and is done anew on every hop. A name whose address changes between two look-ups (DNS rebinding) gains nothing: there is
no look-up after the check. Cookies, redirects, and the proxies and credentials of the environment are not used.
"""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver

from tasker_executor.http.address_policy import Network, refusal_reason
from tasker_executor.http.names.name_resolver import NameResolver
from tasker_executor.http.tls_contexts import usual_context

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


class CheckedConnector(aiohttp.TCPConnector):
    """Connects to no address that the policy refuses."""

    def __init__(self, allowed: Sequence[Network], resolver: AbstractResolver, **options: Any) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] -- one of aiohttp's own types is not complete
            resolver=resolver, socket_factory=self._open_socket, **options
        )
        self._allowed, self._names = allowed, resolver

    def _open_socket(self, info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if reason := refusal_reason(address[0], self._allowed):
            raise BlockedAddress(reason)
        return socket.socket(family, kind, protocol)

    async def check_target(self, host: str) -> None:
        """Refuse what a proxy is not to be asked for. Raises BlockedAddress.

        That is a literal address, in whatever notation, and each address of a name, as far as it can be resolved here:
        where only the proxy knows names, they are left to it. What another reader could take for something else, an
        escape or a zone in a host, is no name.
        """
        if "%" in host:
            raise BlockedAddress("a proxy is asked for names and addresses as they are, without % in them")
        host = host.rstrip(".")  # the root of all names, which some proxies leave out
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
            addresses = [str(info[4][0]) for info in found]
        except socket.gaierror:
            try:
                addresses = [one["host"] for one in await self._names.resolve(host, 0, socket.AF_UNSPEC)]
            except OSError:
                return
        for address in addresses:
            if reason := refusal_reason(address, self._allowed):
                raise BlockedAddress(reason)


def checked_session(
    allowed: Sequence[Network],
    per_host: int = 0,
    resolver: AbstractResolver | None = None,
    ca_file: Path | None = None,
) -> aiohttp.ClientSession:
    """Sends requests as they are given, and keeps nothing but connections. It has no time-out of its own.

    At most `per_host` requests are in flight to one host and port (0: any number); more of them wait. Each request is
    given a `RequestTrace` as its trace context. The authorities in `ca_file` are trusted besides the usual ones.
    Needs a running event loop.
    """

    return aiohttp.ClientSession(
        connector=CheckedConnector(
            allowed,
            resolver or NameResolver(),
            limit=0,
            limit_per_host=per_host,
            keepalive_timeout=IDLE_SECONDS,
            ssl=usual_context(ca_file),
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
