"""The log of executions as a Redis stream, to which the handler of a peer appends: task, nominal, started.

The id of an entry begins with Redis' own time, in milliseconds, at which it was appended and acknowledged.
"""

from collections.abc import AsyncGenerator
from typing import Final, NamedTuple

from bench.peers.redis.redis_connection import RedisConnection

KEY: Final = "executions"
PAGE: Final = 10_000


class Entry(NamedTuple):
    """One execution. `nominal` is empty where the peer does not tell its function."""

    task: str
    nominal: str
    started_ms: float
    logged_ms: float


class ExecutionStream:
    """Reads it."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    async def length(self) -> int:
        """How many there are."""
        return int(await self._connection.command("XLEN", KEY))

    async def clear(self) -> None:
        """Remove all."""
        await self._connection.command("DEL", KEY)

    async def entries(self) -> AsyncGenerator[Entry]:
        """All that are there, in the order in which they were appended."""
        after = "-"
        while True:
            page = await self._connection.command("XRANGE", KEY, after, "+", "COUNT", PAGE)
            for entry_id, pairs in page:
                fields = dict(zip(pairs[::2], pairs[1::2], strict=True))
                logged = float(entry_id.partition("-")[0])
                yield Entry(fields["task"], fields["nominal"], float(fields["started"]), logged)
            if len(page) < PAGE:
                return
            after = f"({page[-1][0]}"
