"""As much of the Redis protocol (RESP 2) as is needed to send a command and to read its reply."""

import asyncio
from typing import Any

from bench.peers.peer import PeerFailed
from tasker_devstack.processes.ports import HOST

REPLY_SECONDS = 60
LIMIT = 1 << 24
ERROR, INTEGER, BULK, ARRAY = b"-", b":", b"$", b"*"


class RedisConnection:
    """One connection; one command at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        """Disconnect."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def command(self, *words: str | int) -> Any:
        """The reply: text, number, None, or a list of these. Raises PeerFailed."""
        encoded = [str(word).encode() for word in words]
        request = b"".join((b"*%d\r\n" % len(encoded), *(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)))
        try:
            async with asyncio.timeout(REPLY_SECONDS), self._turn:
                if self._streams is None:
                    self._streams = await asyncio.open_connection(HOST, self._port, limit=LIMIT)
                reader, writer = self._streams
                writer.write(request)
                await writer.drain()
                return await _reply(reader)
        except (OSError, EOFError, TimeoutError) as error:
            await self.close()
            raise PeerFailed(f"no reply from Redis to {words[0]}: {error or type(error).__name__}") from None


async def _reply(reader: asyncio.StreamReader) -> Any:
    line = (await reader.readuntil(b"\r\n"))[:-2]
    kind, rest = line[:1], line[1:]
    if kind == ERROR:
        raise PeerFailed(f"Redis: {rest.decode()}")
    if kind == INTEGER:
        return int(rest)
    if kind == BULK:
        return None if (size := int(rest)) < 0 else (await reader.readexactly(size + 2))[:-2].decode()
    if kind == ARRAY:
        return [await _reply(reader) for _ in range(int(rest))]
    return rest.decode()
