"""A send that fails leaves nothing of its batch in memory."""

import asyncio
import gc
from collections.abc import Generator
from typing import Any

import pytest

from tasker_core.topics import Topics
from tasker_runtime.clock import SystemClock
from tasker_runtime.kafka.client import KafkaError
from tasker_ticker.kafka.transaction import FencedProducer, TransactionUncertain
from tasker_ticker.scheduling.batch import TransactionBatch


class FailingClient:
    """A TransactionalClient that takes everything, and then has not sent it."""

    def __init__(self, *, fails_first: bool) -> None:
        self._fails_first = fails_first

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def begin_transaction(self) -> None: ...
    async def commit_transaction(self) -> None: ...

    def create_batch(self) -> "FailingClient":
        return self

    def append(self, **_: Any) -> object:
        return self

    async def send(self, *_: Any, **__: Any) -> asyncio.Future[Any]:
        return self._sent(fails=self._fails_first)

    async def send_batch(self, *_: Any, **__: Any) -> asyncio.Future[Any]:
        return self._sent(fails=not self._fails_first)

    def _sent(self, *, fails: bool) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_exception if fails else future.set_result, KafkaError())
        return future


@pytest.fixture
def no_collector() -> Generator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("fails_first", [True, False])
async def test_it_is_gone_without_the_collector(fails_first: bool) -> None:
    producer = FencedProducer(lambda _: FailingClient(fails_first=fails_first), Topics(), 0, SystemClock())
    earlier, batch = {id(one) for one in batches()}, TransactionBatch(1, 1)
    batch.add("verdicts", "a", b"{}")
    try:
        await producer.send(batch)
    except TransactionUncertain:
        failed = True
    else:
        failed = False
    del batch
    await asyncio.sleep(0)
    assert failed
    assert [one for one in batches() if id(one) not in earlier] == []


def batches() -> list[TransactionBatch]:
    """All that are in memory: other tests may have left some."""
    return [one for one in gc.get_objects() if isinstance(one, TransactionBatch)]
