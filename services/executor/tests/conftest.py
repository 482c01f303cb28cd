"""What the tests of the executor share: a trial on a fresh set of topics."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tasker_executor.testing.executor import Trial


@pytest_asyncio.fixture(loop_scope="session")
async def trial(kafka: str, topics: str) -> AsyncIterator[Trial]:
    """A fresh installation."""
    async with Trial(kafka, topics).open() as opened:
        yield opened
