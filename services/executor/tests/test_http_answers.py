"""Answers as servers really give them, byte by byte on a socket: what is recorded, and what is no answer."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from tasker_executor.execution.outcome import succeeded
from tasker_executor.handlers.http import http_handler
from tasker_executor.http.body.response_body import MAX_BODY_BYTES
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.testing.target_server import LOOPBACK, Converse, Handler, expect_failure, raw_server, run_of
from tasker_runtime.clock import SystemClock

PACKED = gzip.compress("grüße".encode(), mtime=0)


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[Handler]:
    async with checked_session(LOOPBACK) as session:
        yield http_handler(session, SecretStore(None, {}), SystemClock())


def answering(*pieces: bytes) -> Converse:
    """Sends an answer in pieces, each in a segment of its own, and closes the connection."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return converse


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
        (b"HTTP/1.1 200 OK\r\n\r\nno length", 200, "no length"),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + chunk(b"one ")
            + chunk(b"two", b";name=value")
            + b"0\r\nX-Trailer: 1\r\n\r\n",
            200,
            "one two",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
            + b"".join(chunk(PACKED[n : n + 3]) for n in range(0, len(PACKED), 3))
            + b"0\r\n\r\n",
            200,
            "grüße",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=\xff\r\nContent-Length: 1\r\n\r\na", 200, "a"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: ;;;\r\nContent-Length: 1\r\n\r\na", 200, "a"),
        (b"HTTP/1.1 200 OK\r\nX-Latin: \xfc\xff\r\nContent-Length: 1\r\n\r\na", 200, "a"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, br\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"),
    ],
)
async def test_what_is_an_answer(http: Handler, answer: bytes, status: int, body: str) -> None:
    for pieces in ([answer], [answer[n : n + 7] for n in range(0, len(answer), 7)]):
        async with raw_server(answering(*pieces)) as url:
            result = await http(run_of({"url": url}))
        assert (result["status"], result["body"], result["truncated"]) == (status, body, False)


async def test_a_header_that_is_no_utf8_is_recorded_as_far_as_it_is(http: Handler) -> None:
    """As of a file whose name is in Latin-1: the call is no failure because of it."""
    name = b'Content-Disposition: attachment; filename="\xfcber-gr\xc3\xbc\xc3\x9fe.txt"\r\n'
    async with raw_server(answering(b"HTTP/1.1 200 OK\r\n" + name + b"Content-Length: 1\r\n\r\na")) as url:
        outcome = succeeded(await http(run_of({"url": url})))
    assert (outcome.status, outcome.error) == ("succeeded", None)
    recorded = msgspec.json.decode(outcome.result)["headers"]["content-disposition"]
    assert recorded == 'attachment; filename="�ber-grüße.txt"'


async def test_a_redirect_whose_bytes_are_no_utf8_leads_where_it_says(http: Handler) -> None:
    paths = list[bytes]()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        paths.append((await reader.readuntil(b"\r\n\r\n")).split()[1])
        head = b"HTTP/1.1 200 OK\r\n" if paths[1:] else b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9?t=\xc3\xa9\r\n"
        writer.write(head + b"Connection: close\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with raw_server(converse) as url:
        result = await http(run_of({"url": url, "redirects": "follow"}))
    assert (paths, result["redirects"]) == ([b"/", b"/caf%E9?t=%C3%A9"], 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"hello\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\nBad Header: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Null: a\0b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 40_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more than it says",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_is_no_answer(http: Handler, answer: bytes) -> None:
    async with raw_server(answering(answer)) as url:
        error = await expect_failure(http, {"url": url, "method": "POST"}, "protocol")
    assert not error.final


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 100\r\n\r\n" + PACKED,
    ],
)
async def test_an_answer_that_ends_early_is_none(http: Handler, answer: bytes) -> None:
    """Whatever came: half an answer must not pass for a whole one."""
    async with raw_server(answering(answer)) as url:
        await expect_failure(http, {"url": url, "expect_body": [{"contains": "s"}]}, "disconnected")


async def test_of_a_long_answer_the_rest_is_not_waited_for(http: Handler) -> None:
    """What is kept is there; the server then says nothing more, and nobody waits for it."""

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * (MAX_BODY_BYTES + 1))
        await writer.drain()
        await reader.read()

    async with raw_server(stall) as url, asyncio.timeout(10):
        result = await http(run_of({"url": url}))
    assert (len(result["body"]), result["truncated"]) == (MAX_BODY_BYTES, True)
