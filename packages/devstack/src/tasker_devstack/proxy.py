"""A proxy in front of a broker that holds back chosen requests, or loses the answers to them: a bad network, on demand.

Only the frame is understood (length, then API key, version, correlation id, client id), and EndTxn below version 3.
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tasker_devstack.ports import HOST

END_TXN = 26


@dataclass(frozen=True, slots=True)
class EndTxn:
    """A request to end a transaction, and the whole frame of it."""

    frame: bytes
    transactional_id: str
    producer: tuple[int, int]
    """(producer id, epoch)"""
    commit: bool


def end_txn(frame: bytes) -> EndTxn | None:
    """The EndTxn in a frame, None when it is another request."""
    key, _, _, client = struct.unpack_from(">hhih", frame, 4)
    if key != END_TXN:
        return None
    at = 14 + max(0, client)
    (length,) = struct.unpack_from(">h", frame, at)
    name = frame[at + 2 : at + 2 + length].decode()
    producer_id, epoch, commit = struct.unpack_from(">qh?", frame, at + 2 + length)
    return EndTxn(frame, name, (producer_id, epoch), commit)


@dataclass(slots=True)
class Plot:
    """What is done to the commits of one producer: the one that commits next under a transactional id.

    Everything else passes, so that whoever comes after it is not disturbed. `lose_answers`: the requests reach the
    broker, their answers nobody; otherwise the requests are held back. `hit` are those requests, in order.
    """

    transactional_id: str
    lose_answers: bool
    hit: list[EndTxn] = field(default_factory=list[EndTxn])
    struck: asyncio.Event = field(default_factory=asyncio.Event)

    def strikes(self, frame: bytes) -> bool:
        """Whether a frame is meant. Notes it."""
        found = end_txn(frame)
        if found is None or found.transactional_id != self.transactional_id or not found.commit:
            return False
        if self.hit and found.producer != self.hit[0].producer:
            return False
        self.hit.append(found)
        self.struck.set()
        return True


class Proxy:
    """Listens on a port and forwards to a broker's listener behind it. `plots` may change at any time."""

    def __init__(self, port: int, behind: int) -> None:
        self.bootstrap, self._port, self._behind = f"{HOST}:{port}", port, behind
        self.plots: list[Plot] = []
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @asynccontextmanager
    async def up(self) -> AsyncGenerator[None]:
        """Forward, for as long as the context lasts."""
        server = await asyncio.start_server(self._connected, HOST, self._port)
        try:
            yield
        finally:
            server.close()
            for client in self._open.values():
                client.close()
            if self._open:
                await asyncio.wait(self._open)

    async def deliver(self, held: EndTxn) -> int:
        """Let a request that was held back come to the broker now. Returns the error code of its answer (0: none)."""
        reader, writer = await asyncio.open_connection(HOST, self._behind)
        try:
            writer.write(held.frame)
            answer = await frame_of(reader)
        finally:
            writer.close()
            await writer.wait_closed()
        correlation, _throttled, code = struct.unpack_from(">iih", answer, 4)
        if correlation != struct.unpack_from(">i", held.frame, 8)[0]:
            raise ValueError("an answer to another request")
        return int(code)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        task.add_done_callback(self._open.pop)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            from_broker, to_broker = await asyncio.open_connection(HOST, self._behind)
            muted = asyncio.Event()
            answers = asyncio.create_task(self._answers(from_broker, writer, muted))
            try:
                await self._requests(reader, to_broker, muted)
            finally:
                answers.cancel()
                await asyncio.wait([answers])
                for one in (to_broker, writer):
                    one.close()

    async def _requests(self, client: asyncio.StreamReader, broker: asyncio.StreamWriter, muted: asyncio.Event) -> None:
        """Until the client goes; after a request that is struck nothing of this connection passes any more."""
        while True:
            frame = await frame_of(client)
            if plot := next((plot for plot in self.plots if plot.strikes(frame)), None):
                muted.set()
                if not plot.lose_answers:
                    await client.read()  # Kafka answers in order: what comes behind it has to wait as well
                    return
            broker.write(frame)
            await broker.drain()

    @staticmethod
    async def _answers(broker: asyncio.StreamReader, client: asyncio.StreamWriter, muted: asyncio.Event) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                frame = await frame_of(broker)
                if not muted.is_set():
                    client.write(frame)
                    await client.drain()
        client.close()


async def frame_of(reader: asyncio.StreamReader) -> bytes:
    """The next whole frame, its length included. Raises IncompleteReadError at the end."""
    head = await reader.readexactly(4)
    return head + await reader.readexactly(int.from_bytes(head, "big"))
