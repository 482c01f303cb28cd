"""Targets that misbehave, on real sockets: each ends in words within the attempt's time, and in bounded memory."""

import asyncio
import tracemalloc
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager

import pytest
import pytest_asyncio

from tasker_executor.handlers.http import http_handler
from tasker_executor.http.body.response_body import MAX_BODY_BYTES
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.testing.target_server import LOOPBACK, Handler, expect_failure, raw_server, run_of, target_server
from tasker_runtime.clock import SystemClock

GIGABYTE = 1_000_000_000
FEW_BYTES = 16 * 1024 * 1024
"""What may be on its way in the buffers of two sockets, or in memory."""


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[Handler]:
    async with opened() as handler:
        yield handler


@asynccontextmanager
async def opened(per_host: int = 0) -> AsyncGenerator[Handler]:
    async with checked_session(LOOPBACK, per_host) as session:
        yield http_handler(session, SecretStore(None, {}), SystemClock())


@contextmanager
def bounded_memory() -> Generator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < FEW_BYTES
    finally:
        tracemalloc.stop()


async def asked(reader: asyncio.StreamReader) -> None:
    await reader.readuntil(b"\r\n\r\n")


class Huge:
    """Sends what it is given until the client has enough; `sent` counts, `closed` is set when the client left."""

    def __init__(self, head: bytes, piece: bytes, pieces: int) -> None:
        self._head, self._piece, self._pieces = head, piece, pieces
        self.sent, self.closed = 0, asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n" + self._head + b"\r\n")
        try:
            for _ in range(self._pieces):
                writer.write(self._piece)
                await writer.drain()
                self.sent += len(self._piece)
            await reader.read()
        finally:
            self.closed.set()


@pytest.mark.parametrize("head", [b"Content-Length: %d\r\n" % GIGABYTE, b"Connection: close\r\n"])
async def test_a_gigabyte_is_cut_and_the_connection_closed(http: Handler, head: bytes) -> None:
    huge = Huge(head, b"x" * 50_000, GIGABYTE // 50_000)
    async with raw_server(huge.talk) as url:
        with bounded_memory():
            result = await http(run_of({"url": url}))
        async with asyncio.timeout(10):
            await huge.closed.wait()
    assert (len(result["body"]), result["truncated"]) == (MAX_BODY_BYTES, True)
    assert huge.sent < FEW_BYTES


async def test_a_compression_bomb_is_unpacked_no_further_than_wanted(http: Handler) -> None:
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    assert len(packed) < 300_000
    bomb = Huge(b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(packed), packed, 1)
    async with raw_server(bomb.talk) as url:
        with bounded_memory():
            result = await http(run_of({"url": url}))
    assert (len(result["body"]), result["truncated"]) == (MAX_BODY_BYTES, True)


async def test_a_byte_at_a_time_ends_with_the_attempt(http: Handler) -> None:
    started, left = asyncio.Event(), asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        started.set()
        try:
            while not reader.at_eof():
                writer.write(b"x")
                await writer.drain()
                try:
                    async with asyncio.timeout(0.02):
                        await reader.read(1)
                except TimeoutError:
                    continue
        finally:
            left.set()

    async with raw_server(drip) as url:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):
                await http(run_of({"url": url}))
        assert started.is_set()
        async with asyncio.timeout(10):
            await left.wait()


async def test_headers_without_end_are_refused(http: Handler) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-Header: " + b"x" * 1000 + b"\r\n")
            await writer.drain()

    async with raw_server(babble) as url:
        with bounded_memory():
            assert not (await expect_failure(http, {"url": url}, "protocol")).final


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_server_that_never_answers_ends_with_the_attempt(http: Handler, method: str) -> None:
    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw_server(hang) as url:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await http(run_of({"url": url, "method": method}))


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nX: y",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
)
async def test_a_server_that_closes_in_the_middle_is_reported(http: Handler, response: bytes) -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(response)
        await writer.drain()

    async with raw_server(leave) as url:
        error = await expect_failure(http, {"url": url, "method": "POST"}, "disconnected")
    assert not error.final


async def test_a_connection_that_is_refused_is_reported(http: Handler) -> None:
    async with raw_server(_never) as url:
        pass
    error = await expect_failure(http, {"url": url}, "connect")
    assert not error.final
    assert "refused" in str(error).lower()


async def _never(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_kept_connection_that_the_server_closes_just_then_costs_nothing(http: Handler, method: str) -> None:
    """The server leaves when the second request is on its way: it has not been carried out, and is sent again."""
    heard = list[int]()

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        heard.append(1)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        await asked(reader)  # and leaves without an answer

    async with raw_server(once) as url:
        for _ in range(3):
            assert (await http(run_of({"url": url, "method": method})))["status"] == 204
    assert len(heard) == 3


async def test_a_new_connection_that_breaks_is_not_repeated_behind_the_task_s_back(http: Handler) -> None:
    heard = list[int]()

    async def leave(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await asked(reader)
        heard.append(1)

    async with raw_server(leave) as url:
        await expect_failure(http, {"url": url, "body": {"order": 1}}, "disconnected")
    assert len(heard) == 1


async def test_one_host_gets_so_many_requests_at_once_and_others_are_not_held_up() -> None:
    async with opened(per_host=2) as http, target_server() as slow, target_server() as quick:
        waiting = [asyncio.ensure_future(http(run_of({"url": slow.url("/hang")}))) for _ in range(5)]
        async with asyncio.timeout(10):
            await slow.requests_received(2)
            for _ in range(3):
                assert (await http(run_of({"url": quick.url()})))["status"] == 200
            waiting.pop(0).cancel()
            await slow.requests_received(3)
        assert len(slow.requests) == 3
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
