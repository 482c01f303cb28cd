"""How a request reaches its server, when that is not the usual way."""

import ssl
from dataclasses import dataclass, replace
from typing import Any, Final

from yarl import URL


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """The usual way unless something is said.

    `tls` is what the task's own server is reached with, `foreign_tls` (the same authorities, but no certificate of the
    client) all other servers. `proxy` has no credentials: these are in `proxy_authorization`.
    """

    tls: ssl.SSLContext | None = None
    foreign_tls: ssl.SSLContext | None = None
    server_name: str | None = None
    proxy: URL | None = None
    proxy_authorization: str | None = None

    @property
    def to_others(self) -> "ConnectionOptions":
        """For another server than the task's own: it is shown no certificate, and has its own name."""
        return replace(self, tls=self.foreign_tls, server_name=None)

    def headers(self, url: URL) -> dict[str, str]:
        """What a request needs besides: a proxy that forwards it reads its credentials there."""
        return self._for_proxy if url.scheme == "http" else {}

    def arguments(self, url: URL) -> dict[str, Any]:
        """For aiohttp's `request`."""
        arguments: dict[str, Any] = {}
        if self.tls is not None:
            arguments["ssl"] = self.tls
        if self.server_name is not None:
            arguments["server_hostname"] = self.server_name
        if self.proxy is not None:
            arguments["proxy"] = self.proxy
            arguments["proxy_headers"] = {} if url.scheme == "http" else self._for_proxy
        return arguments

    @property
    def _for_proxy(self) -> dict[str, str]:
        return {} if self.proxy_authorization is None else {"Proxy-Authorization": self.proxy_authorization}


DIRECT: Final = ConnectionOptions()
