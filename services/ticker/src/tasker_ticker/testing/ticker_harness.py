"""For tests: fresh topics on a real Kafka, with tickers in this process."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_runtime.clock import Clock, SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.testing import RecordedLog
from tasker_ticker.main import run
from tasker_ticker.settings import TickerSettings
from tasker_ticker.ticker_limits import TickerLimits

SECONDLY = {"cron": "* * * * * *"}


@dataclass(slots=True)
class SkewedClock:
    """The machine's clock, set wrong by some milliseconds."""

    offset_ms: int = 0

    def now_ms(self) -> int:
        """Epoch milliseconds, as this clock shows them."""
        return SystemClock().now_ms() + self.offset_ms


@dataclass(slots=True)
class RunningTicker:
    """A running ticker, from outside."""

    log: RecordedLog = field(default_factory=RecordedLog)
    health: Health = field(default_factory=Health)

    @property
    def ready(self) -> bool:
        """Whether all its checks hold."""
        return self.health.report()[1]


class TickerHarness:
    """Topics on a broker, and tasks that are due every second. Tickers copy their state to the folder `copies`."""

    def __init__(self, bootstrap: str, prefix: str, partitions: int = PARTITIONS, copies: Path | None = None) -> None:
        self.bootstrap, self.prefix, self.partitions, self._copies = bootstrap, prefix, partitions, copies
        self._topic, self._producer = Topics(prefix)["task-events"], RecordProducer(KafkaConnection(bootstrap))

    @asynccontextmanager
    async def running_ticker(
        self,
        bootstrap: str | None = None,
        clock: Clock | None = None,
        limits: TickerLimits | None = None,
        copies: Path | None = None,
    ) -> AsyncGenerator[RunningTicker]:
        """A ticker, for the length of the context; a Kafka address of its own leads through a proxy.

        It may have `copies` of its own, as on another machine.
        """
        settings = TickerSettings(
            kafka_bootstrap_servers=bootstrap or self.bootstrap,
            topic_prefix=self.prefix,
            partitions=self.partitions,
            ticker_state_dir=copies or self._copies,
        )
        ticker, stopping = RunningTicker(), asyncio.Event()
        clock, limits = clock or SystemClock(), limits or TickerLimits(copy_seconds=0.2)
        running = asyncio.create_task(run(settings, clock, ticker.health, ticker.log, limits, stopping))
        try:
            yield ticker
        finally:
            stopping.set()
            await running
            await self._producer.stop()

    async def send(self, event: dict[str, Any], task: str, partition: int | None = None) -> None:
        """Produce one event, to its home unless another partition is given."""
        home = partition_of(task, self.partitions) if partition is None else partition
        await self._producer.send(self._topic, msgspec.json.encode(event), key=task.encode(), partition=home)

    async def put(self, tasks: Iterable[str]) -> None:
        """Create tasks that are due every second."""

        def event(task: str) -> dict[str, Any]:
            return {"type": "put", "task": {"id": task, "schedule": SECONDLY}}

        await asyncio.gather(*(self.send(event(task), task) for task in tasks))

    async def delete(self, tasks: Iterable[str]) -> None:
        """Delete tasks."""
        await asyncio.gather(*(self.send({"type": "delete", "task_id": task}, task) for task in tasks))
