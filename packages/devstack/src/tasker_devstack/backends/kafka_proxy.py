"""A proxy in front of a broker that holds back chosen requests, or drops the responses to them.

Only the frame is understood (length, then API key, version, correlation id, client id), and EndTxn below version 3.
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tasker_devstack.processes.ports import HOST

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
class CommitFault:
    """What is done to the commits of one producer: the one that commits next under a transactional id.

    Everything else passes, so that whoever comes after it is not disturbed. `drop_responses`: the requests reach the
    broker, their responses nobody; otherwise the requests are held back. `requests` are those, in order.
    """

    transactional_id: str
    drop_responses: bool
    requests: list[EndTxn] = field(default_factory=list[EndTxn])
    triggered: asyncio.Event = field(default_factory=asyncio.Event)

    def hits(self, frame: bytes) -> bool:
        """Whether the fault is for this frame. Keeps it."""
        found = end_txn(frame)
        if found is None or found.transactional_id != self.transactional_id or not found.commit:
            return False
        if self.requests and found.producer != self.requests[0].producer:
            return False
        self.requests.append(found)
        self.triggered.set()
        return True


class KafkaProxy:
    """Listens on a port and forwards to a broker's listener behind it. `faults` may change at any time."""

    def __init__(self, port: int, behind: int) -> None:
        self.bootstrap, self._port, self._behind = f"{HOST}:{port}", port, behind
        self.faults: list[CommitFault] = []
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @asynccontextmanager
    async def up(self) -> AsyncGenerator[None]:
        """Forward, for as long as the context lasts."""
        server = await asyncio.start_server(self._serve, HOST, self._port)
        try:
            yield
        finally:
            server.close()
            for client in self._connections.values():
                client.close()
            if self._connections:
                await asyncio.wait(self._connections)

    async def deliver(self, held: EndTxn) -> int:
        """Let a request that was held back come to the broker now. Returns the error code of the response (0: none)."""
        reader, writer = await asyncio.open_connection(HOST, self._behind)
        try:
            writer.write(held.frame)
            response = await read_frame(reader)
        finally:
            writer.close()
            await writer.wait_closed()
        correlation, _throttled, code = struct.unpack_from(">iih", response, 4)
        if correlation != struct.unpack_from(">i", held.frame, 8)[0]:
            raise ValueError("a response to another request")
        return int(code)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        task.add_done_callback(self._connections.pop)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            from_broker, to_broker = await asyncio.open_connection(HOST, self._behind)
            cut_off = asyncio.Event()
            responses = asyncio.create_task(self._forward_responses(from_broker, writer, cut_off))
            try:
                await self._forward_requests(reader, to_broker, cut_off)
            finally:
                responses.cancel()
                await asyncio.wait([responses])
                for one in (to_broker, writer):
                    one.close()

    async def _forward_requests(
        self, client: asyncio.StreamReader, broker: asyncio.StreamWriter, cut_off: asyncio.Event
    ) -> None:
        """Until the client goes; after a request with a fault nothing of this connection passes."""
        while True:
            frame = await read_frame(client)
            if fault := next((fault for fault in self.faults if fault.hits(frame)), None):
                cut_off.set()
                if not fault.drop_responses:
                    await client.read()  # Kafka answers in order: what comes behind it has to wait as well
                    return
            broker.write(frame)
            await broker.drain()

    @staticmethod
    async def _forward_responses(
        broker: asyncio.StreamReader, client: asyncio.StreamWriter, cut_off: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                frame = await read_frame(broker)
                if not cut_off.is_set():
                    client.write(frame)
                    await client.drain()
        client.close()


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The next whole frame, its length included. Raises IncompleteReadError at the end."""
    head = await reader.readexactly(4)
    return head + await reader.readexactly(int.from_bytes(head, "big"))
