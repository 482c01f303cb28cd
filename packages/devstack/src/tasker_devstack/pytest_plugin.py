"""pytest fixtures: real Kafka and MongoDB, once per session, and a whole Tasker on them."""

import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psutil
import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient

from tasker_devstack import paths
from tasker_devstack.backends import containers
from tasker_devstack.backends.broker_security import BrokerSecurity
from tasker_devstack.backends.certificates import issue_certificates
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka, prepare_kafka
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb, MongodSecurity
from tasker_devstack.isolated_system import System
from tasker_devstack.processes.ports import free_port, take_share
from tasker_devstack.topic_cleanup import delete_topics
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.mongo import Mongo
from tasker_runtime.topic_setup import create_topics

IN_CONTAINERS = os.environ.get("TASKER_TEST_BACKEND") == "containers"
MEMORY = Path("/dev/shm")  # noqa: S108 -- in a folder of the user's own
MEMORY_BYTES = 4 << 30
"""What has to be free in memory before the data of tests goes there: two workers need about 1 GiB."""
B = TypeVar("B", EmbeddedKafka, EmbeddedMongodb)


def data_root(memory: Path = MEMORY) -> Path:
    """Where the backends of tests keep their data: in memory, when there is plenty, and `.tasker` otherwise.

    For each new partition and collection they wait for the disk, and each test makes more than a hundred.
    """
    with suppress(OSError):
        if min(shutil.disk_usage(memory).free, psutil.virtual_memory().available // 2) >= MEMORY_BYTES:
            own = memory / f"tasker-{os.getuid()}"
            own.mkdir(mode=0o700, exist_ok=True)
            if own.stat().st_uid == os.getuid():
                return own
    return paths.ROOT / ".tasker"


DATA_FOLDER = data_root() / f"test-{os.getpid()}"


def pytest_configure(config: pytest.Config) -> None:
    """Workers that run beside each other have ports of their own."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is not None:
        take_share(int(worker["workerid"].removeprefix("gw")), worker["workercount"])


def pytest_sessionstart() -> None:
    """Remove what killed runs left."""
    remove_leftovers(DATA_FOLDER.parent)


def pytest_unconfigure() -> None:
    """Remove the folder of this run."""
    shutil.rmtree(DATA_FOLDER, ignore_errors=True)


def remove_leftovers(state: Path) -> None:
    """Remove the folders of test runs whose process has ended."""
    for folder in state.glob("test-*"):
        pid = folder.name.removeprefix("test-")
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka() -> AsyncIterator[str]:
    """Bootstrap servers of a real Kafka (`KAFKA_BOOTSTRAP_SERVERS`, a container, or embedded)."""
    if given := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield given
    elif IN_CONTAINERS:
        with containers.kafka() as bootstrap:
            yield bootstrap
    else:
        async with embedded_broker("kafka") as broker:
            yield broker.bootstrap


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mongodb() -> AsyncIterator[str]:
    """URL of a real MongoDB replica set, naming the database `tasker`."""
    if given := os.environ.get("MONGODB_URL"):
        yield given
    elif IN_CONTAINERS:
        async with containers.mongodb() as url:
            await disable_expiry(url)
            yield url
    else:
        async with embedded_database("mongodb") as database:
            await disable_expiry(database.url("tasker"))
            yield database.url("tasker")


async def disable_expiry(url: str) -> None:
    """Keep documents whatever their age: those of tests are old, and MongoDB deletes expired ones each minute."""
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(url)
    try:
        await client.admin.command("setParameter", 1, ttlMonitorEnabled=False)
    finally:
        await client.close()


@pytest_asyncio.fixture(loop_scope="session")
async def kafka_broker() -> AsyncIterator[EmbeddedKafka]:
    """A broker of the test's own, to stop, kill and start; it keeps its port and data."""
    async with embedded_broker(f"kafka-{uuid4().hex[:8]}", short_lived=True) as broker:
        yield broker


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def secured_kafka() -> AsyncIterator[BrokerSecurity]:
    """A broker with listeners for clients that log in over TLS, or show a certificate."""
    folder = DATA_FOLDER / "secured-kafka"
    security = BrokerSecurity(issue_certificates(folder / "certificates"), "tasker", "correct horse")
    await prepare_kafka()
    async with fresh_backend(folder / "broker", partial(EmbeddedKafka, security=security, short_lived=True)):
        yield security


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def secured_mongod() -> AsyncIterator[tuple[EmbeddedMongodb, MongodSecurity]]:
    """A mongod whose clients have to use TLS and to log in."""
    folder = DATA_FOLDER / "secured-mongodb"
    security = MongodSecurity(issue_certificates(folder / "certificates"), "tasker", "correct horse")
    async with fresh_backend(folder / "mongod", partial(EmbeddedMongodb, security=security)) as mongod:
        yield mongod, security


@pytest_asyncio.fixture(loop_scope="session")
async def mongod() -> AsyncIterator[EmbeddedMongodb]:
    """A mongod of the test's own, to stop, kill and start; it keeps its port and data."""
    async with embedded_database(f"mongodb-{uuid4().hex[:8]}") as database:
        yield database


@pytest_asyncio.fixture(loop_scope="session")
async def topics(kafka: str) -> AsyncIterator[str]:
    """The prefix of a fresh set of topics, deleted afterwards."""
    async with fresh_topics(kafka) as prefix:
        yield prefix


@pytest_asyncio.fixture(loop_scope="session")
async def database(mongodb: str) -> AsyncIterator[str]:
    """The URL of a fresh database, dropped afterwards."""
    async with fresh_database(mongodb) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def system(kafka: str, database: str) -> AsyncIterator[System]:
    """A whole Tasker of the test's own, ready; its logs are shown when the test fails."""
    found = System(kafka, database, paths.WEB / "dist")
    async with found.running():
        yield found
    await delete_topics(found.connection, found.topic_prefix)


@asynccontextmanager
async def fresh_database(mongodb: str) -> AsyncGenerator[str]:
    """The URL of a new database, which is dropped afterwards."""
    name = f"t{uuid4().hex[:10]}"
    yield (url := mongodb.replace("/tasker?", f"/{name}?"))
    mongo = Mongo(MongoConnection(url))
    try:
        killed = [one async for part in mongo.database["partitions"].find() for one in part.get("sessions", ())]
        if killed:  # a log sink that was killed leaves a transaction open, for which the drop would wait a minute
            await mongo.kill(set(killed))
        await mongo.client.drop_database(name)
    finally:
        mongo.close()


@asynccontextmanager
async def fresh_topics(kafka: str) -> AsyncGenerator[str]:
    """The prefix of new topics, which are deleted afterwards."""
    prefix = f"t{uuid4().hex[:10]}"
    await create_topics(KafkaConnection(kafka), prefix)
    yield prefix
    await delete_topics(KafkaConnection(kafka), prefix)


@asynccontextmanager
async def embedded_broker(name: str, *, short_lived: bool = False) -> AsyncGenerator[EmbeddedKafka]:
    """An embedded broker in a fresh folder."""
    await prepare_kafka()
    async with fresh_backend(DATA_FOLDER / name, partial(EmbeddedKafka, short_lived=short_lived)) as broker:
        yield broker


@asynccontextmanager
async def embedded_database(name: str) -> AsyncGenerator[EmbeddedMongodb]:
    """An embedded mongod in a fresh folder."""
    async with fresh_backend(DATA_FOLDER / name, EmbeddedMongodb) as database:
        yield database


@asynccontextmanager
async def fresh_backend(folder: Path, kind: Callable[[Path, int], B]) -> AsyncGenerator[B]:
    """A backend in an empty folder, on a free port; both are removed afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    backend = kind(folder, free_port())
    try:
        await backend.start()
        yield backend
    finally:
        await backend.stop()
        shutil.rmtree(folder, ignore_errors=True)
