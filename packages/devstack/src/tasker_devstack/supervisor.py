"""The whole system under one roof: starts it, keeps it up, and ends all of it, whatever comes."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from functools import partial

from tasker_devstack import console, layout
from tasker_devstack.backends import Backends
from tasker_devstack.kafka import fetch_jars
from tasker_devstack.lock import RunLock
from tasker_devstack.ports import HOST, require_free
from tasker_devstack.process import Child
from tasker_devstack.services import FIRST_METRICS_PORT, child, readiness
from tasker_devstack.trouble import Trouble
from tasker_runtime.kafka import KafkaError, KafkaTimeout
from tasker_runtime.topics import create_topics

READY_SECONDS = 90
FIRST_DELAY, MAX_DELAY, HEALTHY_SECONDS = 0.5, 30.0, 60.0
INVITATION = """\

  Tasker is up.

    browser   {url}
    REST      curl -s {url}/api/v1/tasks -H 'content-type: application/json' \\
                   -d '{{"id": "hello", "schedule": {{"every": "PT5S"}}}}'
    Kafka     {kafka}, topic tasker.task-events

  Ctrl-C ends it; the data stays in {data}
"""


def port(setting: str, default: int) -> int:
    """A port from the environment. Raises Trouble when it is none."""
    text = os.environ.get(setting, "") or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Trouble(f"{setting}={text!r} is no port: give a number from 1 to 65535")
    return int(text)


async def kept_up(name: str, start: Callable[[], Awaitable[object]], wait: Callable[[], Awaitable[int]]) -> None:
    """Start something again whenever it ends, with a growing delay while it does not stay up."""
    delay = FIRST_DELAY
    while True:
        began = time.monotonic()
        status = await wait()
        delay = FIRST_DELAY if time.monotonic() - began > HEALTHY_SECONDS else min(delay * 2, MAX_DELAY)
        console.line("tasker", f"{name} ended (status {status}); starting it again in {delay:g} s")
        await asyncio.sleep(delay)
        try:
            await start()
        except Trouble as trouble:
            console.line("tasker", str(trouble))


class Supervisor:
    """One run, from the first check to the last process."""

    def __init__(self, lock: RunLock) -> None:
        self._lock, self._data = lock, layout.data_dir()
        self._port, kafka, mongodb = (
            port("TASKER_PORT", 3000),
            port("TASKER_KAFKA_PORT", 9092),
            port("TASKER_MONGODB_PORT", 27017),
        )
        self._backends = Backends.of(self._data, kafka, mongodb)
        require_free(self._port, "the web UI and API", "TASKER_PORT")
        if self._backends.broker:
            require_free(kafka, "Kafka", "TASKER_KAFKA_PORT")
        if self._backends.database:
            require_free(mongodb, "MongoDB", "TASKER_MONGODB_PORT")
        metrics = port("TASKER_METRICS_PORT", FIRST_METRICS_PORT)
        self._metrics = {name: metrics + n for n, name in enumerate(layout.SERVICES)}
        for name, number in self._metrics.items():
            require_free(number, f"the health of {name}", "TASKER_METRICS_PORT")
        self._services = [self._service(name) for name in layout.SERVICES]
        self.url = f"http://localhost:{self._port}"

    async def run(self, stopping: asyncio.Event) -> None:
        """Everything up, then kept up until `stopping` is set; ends all that it started. Raises Trouble."""
        keepers: list[asyncio.Task[None]] = []
        try:
            if self._backends.broker:
                with console.step("Kafka's jars"):
                    await asyncio.to_thread(fetch_jars)
            with console.step("Kafka and MongoDB"):
                await self._backends.start()
            with console.step("topics"):
                await self._topics()
            with console.step("services"):
                await asyncio.gather(*(service.start() for service in self._services))
                keepers += [asyncio.create_task(kept_up(s.name, s.start, s.wait)) for s in self._services]
                keepers += [
                    asyncio.create_task(kept_up(name, backend.start, backend.wait))
                    for name, backend in (("kafka", self._backends.broker), ("mongod", self._backends.database))
                    if backend
                ]
                await self._until_ready(stopping)
            if not stopping.is_set():
                self._lock.write({"pid": os.getpid(), "ready": True, "url": self.url, "kafka": self._backends.kafka})
                print(INVITATION.format(url=self.url, kafka=self._backends.kafka, data=self._data), flush=True)
            await stopping.wait()
        finally:
            console.line("tasker", "stopping …")
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
            await asyncio.gather(*(service.stop() for service in self._services))
            await self._backends.stop()
            console.line("tasker", "stopped")

    def _service(self, name: str) -> Child:
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": self._backends.kafka,
            "MONGODB_URL": self._backends.mongodb,
            "TASKER_API_HOST": HOST,
            "TASKER_API_PORT": str(self._port),
            "TASKER_METRICS_PORT": str(self._metrics[name]),
            "TASKER_WEB_ROOT": str(layout.WEB / "dist"),
        }
        return child(name, env, partial(console.line, name))

    async def _topics(self) -> None:
        try:
            await create_topics(self._backends.kafka)
        except (KafkaError, KafkaTimeout, ValueError) as error:
            raise Trouble(f"the topics can't be made at {self._backends.kafka}: {error}") from error

    async def _until_ready(self, stopping: asyncio.Event) -> None:
        told = dict.fromkeys(layout.SERVICES, "not started")
        deadline = time.monotonic() + READY_SECONDS
        while told and not stopping.is_set():
            for name in list(told):
                ready, told[name] = await readiness(self._metrics[name])
                if ready:
                    del told[name]
            if told and time.monotonic() > deadline:
                raise Trouble("not ready: " + "; ".join(f"{name}: {why}" for name, why in told.items()))
            await asyncio.sleep(0.1)


async def supervise() -> None:
    """A run until SIGINT or SIGTERM. Raises Trouble."""
    lock, stopping = RunLock(layout.STATE), asyncio.Event()
    lock.take()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    try:
        await Supervisor(lock).run(stopping)
    finally:
        lock.release()
