"""Tasker: all its services, one process each, on an embedded Kafka and MongoDB."""

import asyncio
import signal
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.measurement.task_events import send_events
from bench.measurement.ticker_gauges import held_tasks
from bench.peers.peer import Execution, PeerFailed
from bench.peers.tasker.result_count import ResultCount
from tasker_devstack.backends.backend_selection import Backends, running_backends
from tasker_devstack.backends.embedded_kafka import prepare_kafka
from tasker_devstack.isolated_system import System
from tasker_runtime.clock import SystemClock
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

CLOCK: Final = SystemClock()
SECONDLY: Final = {"cron": "* * * * * *"}
LOOK_SECONDS, STORED_SECONDS = 0.3, 600
SHOWN: Final = {"_id": 1, "task_id": 1, "nominal_at": 1, "started_at": 1, "logged_at": 1}
EXECUTED: Final = {"started_at": {"$ne": None}, "finished_at": {"$ne": None}}
ROLES: Final = {"scheduler": "ticker", "worker": "executor", "log-sink": "log-sink", "api": "api"}


class TaskerPeer:
    """Tasks are made by events, as any producer sends them, and are stored when the ticker holds them.

    What was executed is read from the execution log in MongoDB; a run whose end was reported more than once, by the raw
    topic, counts as often.
    """

    name = "Tasker"
    settings = (
        "1 ticker, 1 executor (200 runs at once, handler `default`), 1 log sink, 1 API; Kafka: 1 broker, acks=all, "
        "transactions, read_committed; killed: the ticker; MongoDB: replica set of 1, majority"
    )

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._names: list[str] = []
        self._held = 0
        self._system: System | None = None
        self._backends: Backends | None = None
        self._mongo: Mongo | None = None
        self._results: ResultCount | None = None

    async def install(self) -> str:
        """Kafka's jars, as `make run` fetches them."""
        await prepare_kafka()
        return f"Tasker {version('tasker-core')}, embedded Kafka and MongoDB"

    async def start(self) -> None:
        """Start all services."""
        self._backends = backends = await self._stack.enter_async_context(running_backends())
        copies = self._stack.enter_context(TemporaryDirectory(prefix="tasker-state-"))
        self._system = system = System(
            backends.kafka, backends.mongodb.replace("/tasker?", "/peers?"), env={"TASKER_TICKER_STATE_DIR": copies}
        )
        self._stack.push_async_callback(system.stop)
        await system.start()
        self._mongo = mongo = Mongo(MongoConnection(system.mongodb_url))
        self._stack.callback(mongo.close)
        self._results = results = ResultCount(system)
        await results.start()
        self._stack.push_async_callback(results.stop)

    async def stop(self) -> None:
        """End all."""
        await self._stack.aclose()

    async def every_second(self, names: list[str]) -> None:
        """By cron."""
        await self._put(({"id": name, "schedule": SECONDLY} for name in names), len(names), None)
        self._names += names

    async def once(self, names: list[str], at_ms: int) -> None:
        """By an instant."""
        schedule = {"at": datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()}
        await self._put(({"id": name, "schedule": schedule} for name in names), len(names), at_ms)

    async def hold(self, count: int) -> None:
        """Due once, in a year and a day."""
        schedule = {"at": datetime.fromtimestamp(CLOCK.now_ms() // 1000 + 366 * 86_400, UTC).isoformat()}
        first = self._held
        self._held += count
        await self._put(({"id": f"held-{n:08d}", "schedule": schedule} for n in range(first, self._held)), count, None)

    async def clear(self) -> None:
        """Delete what is due each second."""
        names, self._names = self._names, []
        before = await held_tasks(self._running)
        await send_events(self._running, ({"type": "delete", "task_id": name} for name in names))
        async with asyncio.timeout(STORED_SECONDS):
            while await held_tasks(self._running) > before - len(names):
                await asyncio.sleep(LOOK_SECONDS)

    async def executed(self) -> int:
        """Finished runs in the log."""
        return await self._runs.estimated_document_count()

    async def executions(self) -> list[Execution]:
        """From the log."""
        doubled = await self._seen.doubled()
        found = list[Execution]()
        async for run in self._runs.find(EXECUTED, SHOWN).batch_size(10_000):
            nominal, started, logged = (_ms(run[stage]) for stage in ("nominal_at", "started_at", "logged_at"))
            one = Execution(run["task_id"], round(nominal), started, logged)
            found += [one] * (1 + doubled.get(str(run["_id"]), 0))
        return found

    async def forget(self) -> None:
        """Empty the log."""
        await self._runs.delete_many({})

    def processes(self) -> dict[str, int]:
        """All services, and the backends that were started for them."""
        found = {role: self._running.pid(service) for role, service in ROLES.items()}
        if self._backends and self._backends.database:
            found["store"] = self._backends.database.pid
        if self._backends and self._backends.broker:
            found["broker"] = self._backends.broker.pid
        return found

    async def kill_scheduler(self) -> None:
        """The ticker."""
        await self._running.restart("ticker", signal.SIGKILL)

    async def _put(self, tasks: Iterable[dict[str, Any]], count: int, due_ms: int | None) -> None:
        """Send them, and wait until they are held: all of them, or until the first of them are due."""
        wanted = await held_tasks(self._running) + count
        await send_events(self._running, ({"type": "put", "task": task} for task in tasks))
        async with asyncio.timeout(STORED_SECONDS):
            while await held_tasks(self._running) < wanted and (due_ms is None or CLOCK.now_ms() < due_ms):
                await asyncio.sleep(LOOK_SECONDS)

    @property
    def _running(self) -> System:
        if self._system is None:
            raise PeerFailed("Tasker was not started")
        return self._system

    @property
    def _runs(self) -> Any:
        if self._mongo is None:
            raise PeerFailed("Tasker was not started")
        return self._mongo.database["runs"]

    @property
    def _seen(self) -> ResultCount:
        if self._results is None:
            raise PeerFailed("Tasker was not started")
        return self._results


def _ms(instant: datetime) -> float:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1)
