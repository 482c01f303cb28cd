"""A link as it is, silent, cut, and to a backend that is away; and what stands in it for the backend's address."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import HOST, free_port
from tests.chaos.experiment.link import KAFKA_HEAD, MONGODB_HEAD, KafkaLink, Link, MongodbLink

SECONDS = 5.0


@asynccontextmanager
async def answering(port: int, answer: bytes) -> AsyncGenerator[None]:
    """A backend that answers whatever comes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1024):
            writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, HOST, port):
        yield


async def asked(link: Link, question: bytes, length: int, seconds: float = SECONDS) -> bytes:
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection(HOST, link.port)
        try:
            writer.write(question)
            return await reader.readexactly(length)
        finally:
            writer.transport.abort()


async def listens(link: Link) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, link.port)
    except OSError:
        return False
    writer.transport.abort()
    return True


async def test_a_client_of_kafka_is_told_the_links_address() -> None:
    port = free_port()
    link, rest = KafkaLink(free_port(), port), b"\0\0\0\1\0\x09127.0.0.1"
    body = rest + KAFKA_HEAD.pack(port)
    async with answering(port, KAFKA_HEAD.pack(len(body)) + body), link.up():
        await eventually(lambda: listens(link), "a link that listens")
        found = await asked(link, KAFKA_HEAD.pack(4) + b"what", 4 + len(body))
    assert found[4:] == rest + KAFKA_HEAD.pack(link.port)


async def test_a_client_of_mongodb_is_told_the_links_address() -> None:
    port = free_port()
    link, body = MongodbLink(free_port(), port), f"primary: {HOST}:{port}, hosts: {HOST}:{port}".encode()
    async with answering(port, MONGODB_HEAD.pack(4 + len(body)) + body), link.up():
        await eventually(lambda: listens(link), "a link that listens")
        found = await asked(link, MONGODB_HEAD.pack(8) + b"what", 4 + len(body))
    assert found[4:].decode() == f"primary: {HOST}:{link.port}, hosts: {HOST}:{link.port}"


async def test_silent_then_restored_then_cut() -> None:
    port = free_port()
    link, answer, question = KafkaLink(free_port(), port), KAFKA_HEAD.pack(2) + b"ok", KAFKA_HEAD.pack(4) + b"what"
    async with answering(port, answer), link.up():
        await eventually(lambda: listens(link), "a link that listens")
        link.silence()
        with pytest.raises(TimeoutError):
            await asked(link, question, len(answer), 0.3)
        waiting = asyncio.create_task(asked(link, question, len(answer)))
        await asyncio.sleep(0.1)
        link.restore()
        assert await waiting == answer
        link.cut()
        with pytest.raises((OSError, asyncio.IncompleteReadError)):
            await asked(link, question, len(answer))


async def test_where_the_backend_is_away_connections_are_refused() -> None:
    port = free_port()
    link = KafkaLink(free_port(), port)
    async with link.up():
        assert not await listens(link)
        async with answering(port, b""):
            await eventually(lambda: listens(link), "a link that listens")

        async def refused() -> bool:
            return not await listens(link)

        await eventually(refused, "a link that refuses")
