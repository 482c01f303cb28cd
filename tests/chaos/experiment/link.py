"""The link of one process to a backend: a proxy that can be slow, silent or cut.

Brokers and members of a replica set tell their clients where they are; in what comes back the proxy writes its own
port over theirs, so that every client stays on its own link. Only the length of a message is understood.
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

from tasker_devstack.processes.ports import HOST

KAFKA_HEAD, MONGODB_HEAD = struct.Struct(">i"), struct.Struct("<i")
LOOK_SECONDS: Final = 0.05
Own = Callable[[bytes], bytes]


class Link:
    """Listens on `port` and forwards to `target`, message by message."""

    _HEAD: struct.Struct
    _OUTSIDE: int
    """How many bytes of a message its length does not count."""

    def __init__(self, port: int, target: int) -> None:
        self.port, self._target = port, target
        self._delay, self._cut = 0.0, False
        self._open, self._away = asyncio.Event(), asyncio.Event()
        self._open.set()
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def slow(self, seconds: float) -> None:
        """From now on each message takes so long."""
        self._delay = seconds

    def silence(self) -> None:
        """Hold everything back: connections stay, and nobody is answered."""
        self._open.clear()

    def cut(self) -> None:
        """Close all connections, and each new one at once."""
        self._cut = True
        self._close_all()

    def restore(self) -> None:
        """As if nothing had been; what was held back is delivered."""
        self._delay, self._cut = 0.0, False
        self._open.set()

    @asynccontextmanager
    async def up(self) -> AsyncGenerator[None]:
        """Forward, for as long as the context lasts."""
        listening = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            listening.cancel()
            await asyncio.wait([listening])
            self.restore()
            self._close_all()
            if self._connections:
                await asyncio.wait(self._connections, timeout=5)

    async def _listen(self) -> None:
        """Listen while the backend does: where it is away, connections are refused, as they would be by itself."""
        while True:
            await self._until_there()
            self._away.clear()
            async with await asyncio.start_server(self._serve, HOST, self.port, backlog=256):
                await self._away.wait()

    async def _until_there(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, self._target)
                writer.transport.abort()
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _own(self, message: bytes) -> bytes:
        """What comes back, with this link as the address."""
        raise NotImplementedError

    def _close_all(self) -> None:
        for client in self._connections.values():
            client.transport.abort()

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = to_client
        task.add_done_callback(self._connections.pop)
        if self._cut:
            to_client.transport.abort()
            return
        to_server: asyncio.StreamWriter | None = None
        try:
            server, to_server = await asyncio.open_connection(HOST, self._target)
            ways = [
                asyncio.create_task(self._forward(client, to_server, lambda message: message)),
                asyncio.create_task(self._forward(server, to_client, self._own)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.wait(ways)
        except OSError:
            self._away.set()
        finally:
            for writer in (to_client, to_server):
                if writer is not None:
                    writer.transport.abort()

    async def _forward(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, change: Own) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await source.readexactly(4)
                message = head + await source.readexactly(self._HEAD.unpack(head)[0] - 4 + self._OUTSIDE)
                if self._delay:
                    await asyncio.sleep(self._delay)
                await self._open.wait()
                sink.write(change(message))
                await sink.drain()


class KafkaLink(Link):
    """To a broker: an address is a name and the port as four bytes."""

    _HEAD = KAFKA_HEAD
    _OUTSIDE = 4

    def _own(self, message: bytes) -> bytes:
        host = HOST.encode()
        return message.replace(host + KAFKA_HEAD.pack(self._target), host + KAFKA_HEAD.pack(self.port))


class MongodbLink(Link):
    """To a mongod: an address is a text. All of our ports have five digits, so that its length stays."""

    _HEAD = MONGODB_HEAD
    _OUTSIDE = 0

    def _own(self, message: bytes) -> bytes:
        return message.replace(f"{HOST}:{self._target}".encode(), f"{HOST}:{self.port}".encode())
