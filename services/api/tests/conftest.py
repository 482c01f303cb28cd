"""A running API and a client of it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tasker_api.testing.fake_ticker import FakeTicker
from tasker_api.testing.running_api import RunningApi
from tasker_core.topics import PARTITIONS, Topics
from tasker_devstack.pytest_plugin import fresh_topics
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def common_topics(kafka: str) -> AsyncIterator[str]:
    """The prefix of topics that the tests share: making them takes longer than most tests do."""
    async with fresh_topics(kafka) as prefix:
        yield prefix


@pytest.fixture
def topics(common_topics: str) -> str:
    """Topics that records of other tests may be in; a module that reads from their beginning has others."""
    return common_topics


@pytest_asyncio.fixture(loop_scope="session")
async def api(kafka: str, topics: str, database: str) -> AsyncIterator[RunningApi]:
    """A running API on a fresh database."""
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
    partitions = [TopicPartition(Topics(topics)["task-events"], p) for p in range(PARTITIONS)]
    reader.assign(*partitions)
    for partition, end in (await reader.ends(*partitions)).items():
        reader.seek(partition, end)
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
