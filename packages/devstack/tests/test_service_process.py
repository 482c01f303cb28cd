"""Whether a service is ready, whatever answers at its port."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from tasker_devstack.processes.ports import HOST, free_port
from tasker_devstack.processes.service_process import readiness


@asynccontextmanager
async def answering(answer: bytes) -> AsyncGenerator[int]:
    """The port of a server that writes these bytes and closes the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, HOST, 0) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("answer", "ready", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", True, "ready"),
        (
            b'HTTP/1.1 503 Busy\r\nContent-Length: 48\r\n\r\n{"checks":{"kafka":"away","loop":"ok","x":"no"}}',
            False,
            "kafka: away; x: no",
        ),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", False, "answers 503"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 47\r\n\r\n{", False, "does not answer (IncompleteRead"),
        (b"\x00\x01\r\n", False, "does not answer (BadStatusLine"),
        (b"", False, "does not answer (RemoteDisconnected"),
    ],
)
async def test_each_answer_gives_a_reason(answer: bytes, ready: bool, reason: str) -> None:
    async with answering(answer) as port:
        found = await readiness(port)
    assert found[0] is ready
    assert found[1].startswith(reason)


async def test_nothing_there() -> None:
    assert (await readiness(free_port()))[1].startswith("does not answer (ConnectionRefused")
