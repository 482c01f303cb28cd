"""What the tests of the ticker share: brokers with a proxy in front of them, and fresh topics."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest_asyncio

from tasker_devstack.backends.embedded_kafka import EmbeddedKafka, prepare_kafka
from tasker_devstack.backends.kafka_proxy import KafkaProxy
from tasker_devstack.processes.ports import free_port
from tasker_devstack.pytest_plugin import DATA_FOLDER, fresh_backend
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.topic_setup import create_topics
from tasker_ticker.testing.ticker_harness import TickerHarness


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def proxied() -> AsyncIterator[tuple[EmbeddedKafka, KafkaProxy]]:
    """A broker and the proxy that some of its clients must go through; its log cleaner never rests."""
    await prepare_kafka()
    port, settings = free_port(), {"log.cleaner.backoff.ms": "100"}
    folder = DATA_FOLDER / "kafka-behind-a-proxy"
    async with fresh_backend(
        folder, lambda where, own: EmbeddedKafka(where, own, proxy=port, settings=settings, short_lived=True)
    ) as broker:
        proxy = KafkaProxy(port, broker.behind)
        async with proxy.up():
            yield broker, proxy


@pytest_asyncio.fixture(loop_scope="session")
async def single(proxied: tuple[EmbeddedKafka, KafkaProxy], tmp_path: Path) -> TickerHarness:
    """Fresh topics of one partition, on the broker behind the proxy."""
    return await _single(proxied[0], tmp_path)


@pytest_asyncio.fixture(loop_scope="session")
async def another(proxied: tuple[EmbeddedKafka, KafkaProxy], tmp_path: Path) -> TickerHarness:
    """More of them."""
    return await _single(proxied[0], tmp_path)


async def _single(broker: EmbeddedKafka, folder: Path) -> TickerHarness:
    prefix = f"t{uuid4().hex[:10]}"
    await create_topics(KafkaConnection(broker.bootstrap), prefix, partitions=1)
    return TickerHarness(broker.bootstrap, prefix, partitions=1, copies=folder / "ticker-state")


@pytest_asyncio.fixture(loop_scope="session")
async def harness(kafka: str, topics: str, tmp_path: Path) -> TickerHarness:
    """Fresh topics on the common broker."""
    return TickerHarness(kafka, topics, copies=tmp_path / "ticker-state")
