"""A running API and a client of it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from tasker_api.testing import Running, Ticker
from tasker_core.topics import PARTITIONS, Topics
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader


@pytest_asyncio.fixture(loop_scope="session")
async def api(kafka: str, topics: str, database: str) -> AsyncIterator[Running]:
    """A running API on fresh topics and a fresh database."""
    running = Running(kafka, topics, database)
    await running.sink.indexes()
    following = asyncio.create_task(running.journal.run())
    async with asyncio.timeout(20):
        while not running.journal.following:
            await asyncio.sleep(0.01)
    yield running
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await running.sender.stop()
    running.mongo.close()


@pytest_asyncio.fixture(loop_scope="session")
async def client(api: Running) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running API."""
    async with api.client() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def ticker(api: Running, kafka: str, topics: str) -> AsyncIterator[Ticker]:
    """Who reads the events of the running API, and answers them as a test wants."""
    reader = PartitionReader(kafka)
    await reader.start()
    reader.assign(*(TopicPartition(Topics(topics)["task-events"], p) for p in range(PARTITIONS)))
    yield Ticker(api, reader)
    await reader.stop()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def alone() -> AsyncIterator[Running]:
    """An API without backends: good for whatever is refused or answered before anything is published or read."""
    running = Running("127.0.0.1:1", "none", "mongodb://127.0.0.1:1/none")
    yield running
    running.mongo.close()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def lone_client(alone: Running) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API without backends."""
    async with alone.client() as found:
        yield found
