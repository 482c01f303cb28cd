"""What the tests of the ticker share: brokers with a proxy in front of them, and fresh topics."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio

from tasker_devstack.kafka import Broker, fetch_jars
from tasker_devstack.ports import free_port
from tasker_devstack.proxy import Proxy
from tasker_devstack.pytest_plugin import FOLDER, fresh
from tasker_runtime.topics import create_topics
from tasker_ticker.testing.ticker_harness import TickerHarness


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def proxied() -> AsyncIterator[tuple[Broker, Proxy]]:
    """A broker and the proxy that some of its clients must go through; its log cleaner never rests."""
    await fetch_jars()
    port, settings = free_port(), {"log.cleaner.backoff.ms": "100"}
    folder = FOLDER / "kafka-behind-a-proxy"
    async with fresh(folder, lambda where, own: Broker(where, own, proxy=port, settings=settings)) as broker:
        proxy = Proxy(port, broker.behind)
        async with proxy.up():
            yield broker, proxy


@pytest_asyncio.fixture(loop_scope="session")
async def single(proxied: tuple[Broker, Proxy]) -> TickerHarness:
    """Fresh topics of one partition, on the broker behind the proxy."""
    return await _single(proxied[0])


@pytest_asyncio.fixture(loop_scope="session")
async def another(proxied: tuple[Broker, Proxy]) -> TickerHarness:
    """More of them."""
    return await _single(proxied[0])


async def _single(broker: Broker) -> TickerHarness:
    prefix = f"t{uuid4().hex[:10]}"
    await create_topics(broker.bootstrap, prefix, partitions=1)
    return TickerHarness(broker.bootstrap, prefix, partitions=1)


@pytest_asyncio.fixture(loop_scope="session")
async def harness(kafka: str, topics: str) -> TickerHarness:
    """Fresh topics on the common broker."""
    return TickerHarness(kafka, topics)
