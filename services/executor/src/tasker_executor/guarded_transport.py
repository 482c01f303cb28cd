"""The HTTP connections of handlers: the guard sits where a socket is made, so it judges the very address connected to.

That place is behind name resolution, is passed by literal addresses in every notation too (aiohttp 3.14 resolves no
literals), and is passed anew on every hop. httpx 0.28 over aiohttp's connections, since alone it is far slower; and its
transport instead of its client, whose cookies, redirects, proxies and credentials of the environment nobody wants here.
"""

import socket
import ssl
from collections.abc import Sequence
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from tasker_executor.guard import Network, refusal


class Blocked(OSError):
    """The guard refuses the address; `reason` says why.

    The text is the same for all addresses, since a client that tries several keeps the error only if all are alike.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("the address is closed")
        self.reason = reason


def guarded_transport(allowed: Sequence[Network]) -> httpx.AsyncBaseTransport:
    """Sends one request at a time as it is given, and keeps nothing but connections. It has no time-out of its own."""

    def open_socket(info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if reason := refusal(address[0], allowed):
            raise Blocked(reason)
        return socket.socket(family, kind, protocol)

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=0, ssl=_trust(), socket_factory=open_socket)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)

    return AiohttpTransport(client=session)


def _trust() -> ssl.SSLContext:
    """The authorities of the operating system and those that httpx brings."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
