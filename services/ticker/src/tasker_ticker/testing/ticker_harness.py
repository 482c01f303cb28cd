"""For tests: an installation on a real Kafka, with tickers in this process."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_runtime.clock import Clock, SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_ticker.main import run
from tasker_ticker.settings import TickerSettings

SECONDLY = {"cron": "* * * * * *"}


@dataclass(slots=True)
class Lines:
    """A log that keeps its lines: (level, action, facts)."""

    lines: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list[tuple[str, str, dict[str, Any]]])

    def debug(self, event: str, **fields: Any) -> None:
        self.lines.append(("debug", event, fields))

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append(("info", event, fields))

    def warning(self, event: str, **fields: Any) -> None:
        self.lines.append(("warning", event, fields))

    def error(self, event: str, **fields: Any) -> None:
        self.lines.append(("error", event, fields))

    def told(self, action: str) -> list[dict[str, Any]]:
        """The facts of all lines of one action."""
        return [fields for _, event, fields in self.lines if event == action]


@dataclass(slots=True)
class SetClock:
    """The machine's clock, set wrong by some milliseconds."""

    off_ms: int = 0

    def now_ms(self) -> int:
        """Epoch milliseconds, as this clock shows them."""
        return SystemClock().now_ms() + self.off_ms


@dataclass(slots=True)
class Ticking:
    """A running ticker, from outside."""

    log: Lines = field(default_factory=Lines)
    health: Health = field(default_factory=Health)

    @property
    def ready(self) -> bool:
        """Whether all its checks hold."""
        return self.health.report()[1]


class Trial:
    """Topics on a broker, and tasks that are due every second."""

    def __init__(self, bootstrap: str, prefix: str, partitions: int = PARTITIONS) -> None:
        self.bootstrap, self.prefix, self.partitions = bootstrap, prefix, partitions
        self._topic, self._sender = Topics(prefix)["task-events"], RecordProducer(bootstrap)

    @asynccontextmanager
    async def ticking(self, bootstrap: str | None = None, clock: Clock | None = None) -> AsyncGenerator[Ticking]:
        """A ticker, for the length of the context; a Kafka address of its own leads through a proxy."""
        settings = TickerSettings(
            kafka_bootstrap_servers=bootstrap or self.bootstrap, topic_prefix=self.prefix, partitions=self.partitions
        )
        ticking, stopping = Ticking(), asyncio.Event()
        running = asyncio.create_task(run(settings, clock or SystemClock(), ticking.health, ticking.log, stopping))
        try:
            yield ticking
        finally:
            stopping.set()
            await running
            await self._sender.stop()

    async def send(self, event: dict[str, Any], task: str, partition: int | None = None) -> None:
        """Produce one event, to its home unless another partition is given."""
        home = partition_of(task, self.partitions) if partition is None else partition
        await self._sender.send(self._topic, msgspec.json.encode(event), key=task.encode(), partition=home)

    async def put(self, tasks: Iterable[str]) -> None:
        """Create tasks that are due every second."""

        def creating(task: str) -> dict[str, Any]:
            return {"type": "put", "task": {"id": task, "schedule": SECONDLY}}

        await asyncio.gather(*(self.send(creating(task), task) for task in tasks))

    async def delete(self, tasks: Iterable[str]) -> None:
        """Delete tasks."""
        await asyncio.gather(*(self.send({"type": "delete", "task_id": task}, task) for task in tasks))
