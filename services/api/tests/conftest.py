"""A running API and a client of it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi
from tasker_core.topics import PARTITIONS, Topics
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader


@pytest_asyncio.fixture(loop_scope="session")
async def api(kafka: str, topics: str, database: str) -> AsyncIterator[RunningApi]:
    """A running API on fresh topics and a fresh database."""
    running = RunningApi(kafka, topics, database)
    await running.documents.indexes()
    stream = asyncio.create_task(running.verdicts.run())
    async with asyncio.timeout(20):
        while not running.verdicts.is_open:
            await asyncio.sleep(0.01)
    yield running
    stream.cancel()
    await asyncio.gather(stream, return_exceptions=True)
    await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def client(api: RunningApi) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running API."""
    async with api.client() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def ticker(api: RunningApi, kafka: str, topics: str) -> AsyncIterator[FakeTicker]:
    """What decides on the events of the running API."""
    reader = PartitionReader(KafkaConnection(kafka))
    await reader.start()
    reader.assign(*(TopicPartition(Topics(topics)["task-events"], p) for p in range(PARTITIONS)))
    yield FakeTicker(api.documents, reader)
    await reader.stop()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def alone() -> AsyncIterator[RunningApi]:
    """An API without backends: good for whatever is refused or answered before anything is published or read."""
    running = RunningApi("127.0.0.1:1", "none", "mongodb://127.0.0.1:1/none")
    yield running
    await running.close()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def lone_client(alone: RunningApi) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API without backends."""
    async with alone.client() as found:
        yield found
