"""What the tests of the executor share: a harness on a fresh set of topics."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from tasker_executor.testing.executor_harness import ExecutorHarness
from tasker_executor.testing.runner_harness import NewRunnerHarness, RunnerHarness


@pytest_asyncio.fixture(loop_scope="session")
async def harness(kafka: str, topics: str) -> AsyncIterator[ExecutorHarness]:
    """A fresh installation."""
    async with ExecutorHarness(kafka, topics).open() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def new_runner_harness() -> AsyncIterator[NewRunnerHarness]:
    """Makes runners without Kafka; what still executes in them ends with the test."""
    harnesses: list[RunnerHarness] = []

    def new(**options: Any) -> RunnerHarness:
        harnesses.append(RunnerHarness(**options))
        return harnesses[-1]

    yield new
    for harness in harnesses:
        await harness.close()
