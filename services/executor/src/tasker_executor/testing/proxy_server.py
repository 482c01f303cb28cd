"""An HTTP proxy on 127.0.0.1 that reaches one server, whatever it is asked for."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tasker_executor.testing.target_server import raw_server


@dataclass
class ProxyServer:
    """Records the head of each request. `answer`: a tunnel's answer when it is not opened."""

    target_port: int
    heads: list[str] = field(default_factory=list[str])
    answer: bytes | None = None
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode())
        if self.answer is not None:
            writer.write(self.answer)
            await writer.drain()
            return
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        try:
            if head.startswith(b"CONNECT "):
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                method, url, rest = head.split(b" ", 2)
                path = b"/" + url.partition(b"://")[2].partition(b"/")[2]
                up_writer.write(b" ".join((method, path, rest)))
            await asyncio.gather(_copy(reader, up_writer), _copy(up_reader, writer))
        finally:
            up_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


@asynccontextmanager
async def proxy_server(target_port: int) -> AsyncGenerator[ProxyServer]:
    """A proxy for the length of a test."""
    proxy = ProxyServer(target_port)
    async with raw_server(proxy.serve) as url:
        proxy.url = url.rstrip("/")
        yield proxy
