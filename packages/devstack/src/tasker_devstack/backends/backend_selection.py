"""Kafka and MongoDB for a run, by the environment: the embedded ones, or the user's own."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tasker_devstack.backends.embedded_kafka import EmbeddedKafka, prepare_kafka
from tasker_devstack.backends.embedded_mongodb import CACHE_GB, EmbeddedMongodb
from tasker_devstack.backends.external_mongodb import require_mongodb
from tasker_devstack.processes.ports import free_port
from tasker_runtime.connections.mongo_connection import CA_FILE, CERT_FILE, MongoConnection


@dataclass(slots=True)
class Backends:
    """`broker` and `database` are None where the user's own are used."""

    broker: EmbeddedKafka | None
    database: EmbeddedMongodb | None
    kafka: str
    mongodb: str

    @classmethod
    def from_environment(
        cls, folder: Path, kafka_port: int, mongodb_port: int, *, cache_gb: float = CACHE_GB
    ) -> "Backends":
        """Embedded backends in a folder, unless `KAFKA_BOOTSTRAP_SERVERS` or `MONGODB_URL` name others."""
        own_kafka, own_mongodb = os.environ.get("KAFKA_BOOTSTRAP_SERVERS"), os.environ.get("MONGODB_URL")
        broker = None if own_kafka else EmbeddedKafka(folder / "kafka", kafka_port)
        database = None if own_mongodb else EmbeddedMongodb(folder / "mongodb", mongodb_port, cache_gb=cache_gb)
        kafka = own_kafka or f"127.0.0.1:{kafka_port}"
        mongodb = own_mongodb or (database.url("tasker") if database else "")
        return cls(broker, database, kafka, mongodb)

    async def start(self) -> None:
        """Start the embedded ones side by side, and check the user's own MongoDB. Raises DevstackError."""
        mongodb = (
            self.database.start() if self.database else require_mongodb(self.mongodb, files=_tls_files(self.mongodb))
        )
        await run_together(mongodb, *([self.broker.start()] if self.broker else []))

    async def stop(self) -> None:
        """End the embedded ones."""
        await asyncio.gather(*(backend.stop() for backend in (self.broker, self.database) if backend))


@asynccontextmanager
async def running_backends(folder: Path | None = None, *, cache_gb: float = CACHE_GB) -> AsyncGenerator[Backends]:
    """Those of the environment, on ports of their own, until the end of the block. Raises DevstackError.

    Their data is kept in a folder that is given; else it is removed in the end.
    """
    place = folder or Path(tempfile.mkdtemp(prefix="tasker-"))
    backends = Backends.from_environment(place, free_port(), free_port(), cache_gb=cache_gb)
    try:
        if backends.broker:
            await prepare_kafka()
        await backends.start()
        yield backends
    finally:
        await backends.stop()
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)


def _tls_files(url: str) -> dict[str, str]:
    """A client's options of TLS, by the variables that the services read, too."""
    ca, own = (os.environ.get(name) for name in (CA_FILE, CERT_FILE))
    return MongoConnection(url, Path(ca) if ca else None, Path(own) if own else None).client_options()


async def run_together(*work: Coroutine[object, object, None]) -> None:
    """Side by side; when one fails the others are cancelled, and its error is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
