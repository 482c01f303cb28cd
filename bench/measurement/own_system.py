"""A whole Tasker on embedded backends of its own, whose data is in a folder."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tasker_devstack.backends.embedded_kafka import EmbeddedKafka, prepare_kafka
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb
from tasker_devstack.isolated_system import System
from tasker_devstack.processes.ports import free_port


def state_copies(folder: Path) -> Path:
    """Where in its folder such a Tasker has the local copies of the ticker's state."""
    return folder / "ticker-state"


@asynccontextmanager
async def own_system(
    folder: Path,
    database_name: str,
    make_topics: Callable[[System], Awaitable[object]],
    broker_settings: Mapping[str, str] | None = None,
) -> AsyncGenerator[System]:
    """All services, ready; in the end all of it is stopped gracefully. Raises DevstackError, KafkaError."""
    await prepare_kafka()
    broker = EmbeddedKafka(folder / "kafka", free_port(), settings=broker_settings)
    database = EmbeddedMongodb(folder / "mongodb", free_port())
    try:
        await asyncio.gather(broker.start(), database.start())
        copies = {"TASKER_TICKER_STATE_DIR": str(state_copies(folder))}
        system = System(broker.bootstrap, database.url(database_name), env=copies)
        await make_topics(system)
        try:
            await system.start()
            yield system
        finally:
            await system.stop()
    finally:
        await asyncio.gather(broker.stop(), database.stop())
