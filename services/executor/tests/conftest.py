"""What the tests of the executor share: a harness on a fresh set of topics."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tasker_executor.testing.executor_harness import ExecutorHarness


@pytest_asyncio.fixture(loop_scope="session")
async def harness(kafka: str, topics: str) -> AsyncIterator[ExecutorHarness]:
    """A fresh installation."""
    async with ExecutorHarness(kafka, topics).open() as opened:
        yield opened
