"""Starts the whole system, restarts what ends, and ends all of it, whatever happens."""

import asyncio
import os
import signal
import socket
import time
from functools import partial

from pydantic import ValidationError

from tasker_devstack import paths, terminal_output
from tasker_devstack.backends.backend_selection import Backends
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka, prepare_kafka
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb
from tasker_devstack.errors import DevstackError
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, MAX_PORT, port_setting, require_free
from tasker_devstack.processes.service_process import FIRST_METRICS_PORT, readiness, service_process
from tasker_devstack.supervision.callback_secret import callback_secret
from tasker_devstack.supervision.restart_loop import restart_whenever_ended
from tasker_devstack.supervision.run_lock import RunLock
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.settings import KafkaSettings
from tasker_runtime.topic_setup import create_topics

READY_SECONDS = 90
WELCOME = """\

  Tasker is up.

    browser   {url}
    REST      curl -s {url}/api/v1/tasks -H 'content-type: application/json' \\
                   -d '{{"id": "hello", "schedule": {{"every": "PT5S"}}}}'
    Kafka     {kafka}, topic {topic}

  {end}
"""


class Supervisor:
    """One run, from the first check to the last process."""

    def __init__(self, lock: RunLock) -> None:
        self._lock, self._data, self._settings = lock, paths.data_dir(), settings()
        web, kafka, mongodb, metrics = (
            port_setting("TASKER_PORT", 3000),
            port_setting("TASKER_KAFKA_PORT", 9092),
            port_setting("TASKER_MONGODB_PORT", 27017),
            port_setting("TASKER_METRICS_PORT", FIRST_METRICS_PORT, MAX_PORT + 1 - len(paths.SERVICES)),
        )
        self._backends = Backends.from_environment(self._data, kafka, mongodb)
        self._metrics = {name: metrics + n for n, name in enumerate(paths.SERVICES)}
        wanted = [(web, "the web UI and API", "TASKER_PORT")]
        wanted += [(kafka, "Kafka", "TASKER_KAFKA_PORT")] if self._backends.broker else []
        wanted += [(mongodb, "MongoDB", "TASKER_MONGODB_PORT")] if self._backends.database else []
        wanted += [(n, f"the health of {name}", "TASKER_METRICS_PORT") for name, n in self._metrics.items()]
        taken: dict[int, str] = {}
        for number, what, setting in wanted:
            require_free(number, what, setting)
            if number in taken:
                raise DevstackError(f"port {number} is wanted for {taken[number]} and {what}: change {setting}")
            taken[number] = what
        self._port, self.url = web, f"http://localhost:{web}"
        self._services = [self._service(name) for name in paths.SERVICES]
        self._restarts: list[asyncio.Task[None]] = []

    async def run(self, stopping: asyncio.Event) -> None:
        """Everything up, then kept up until `stopping` is set; ends all that it started. Raises DevstackError."""
        up, end = asyncio.create_task(self._bring_up()), asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait([up, end], return_when=asyncio.FIRST_COMPLETED)
            if up.done():
                up.result()
                await end
        finally:
            terminal_output.line("tasker", "stopping …")
            for task in (up, end, *self._restarts):
                task.cancel()
            await asyncio.wait([up, end, *self._restarts])
            await asyncio.gather(*(service.stop() for service in self._services))
            await self._backends.stop()
            terminal_output.line("tasker", "stopped")

    async def _bring_up(self) -> None:
        try:
            self._data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DevstackError(f"the data folder can't be made ({error}): set TASKER_DATA_DIR to another") from error
        broker, database = self._backends.broker, self._backends.database
        if broker:
            with terminal_output.step("Kafka's jars"):
                await prepare_kafka()
        with terminal_output.step("Kafka and MongoDB"):
            await self._backends.start()
        with terminal_output.step("topics"):
            await self._topics()
        with terminal_output.step("services"):
            for service in self._services:
                await service.start()
                self._restart(service.name, service)
            for name, backend in (("kafka", broker), ("mongod", database)):
                if backend:
                    self._restart(name, backend)
            await self._until_ready()
        kept = f"; the data stays in {self._data}" if broker or database else ""
        kafka, topic = self._backends.kafka, self._settings.topics["task-events"]
        terminal_output.say(WELCOME.format(url=self.url, kafka=kafka, topic=topic, end=f"Ctrl-C ends it{kept}"))
        self._lock.write({"pid": os.getpid(), "ready": True, "url": self.url, "kafka": self._backends.kafka})

    def _restart(self, name: str, server: ChildProcess | EmbeddedKafka | EmbeddedMongodb) -> None:
        self._restarts.append(asyncio.create_task(restart_whenever_ended(name, server.start, server.wait)))

    def _service(self, name: str) -> ChildProcess:
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": self._backends.kafka,
            "MONGODB_URL": self._backends.mongodb,
            "TASKER_API_HOST": HOST,
            "TASKER_API_PORT": str(self._port),
            "TASKER_METRICS_PORT": str(self._metrics[name]),
            "TASKER_INSTANCE_ID": f"{socket.gethostname()}-{self._port}",
            "TASKER_WEB_ROOT": str(paths.WEB / "dist"),
            "TASKER_CALLBACK_BASE_URL": os.environ.get("TASKER_CALLBACK_BASE_URL") or self.url,
            "TASKER_TICKER_STATE_DIR": os.environ.get("TASKER_TICKER_STATE_DIR") or str(self._data / "ticker-state"),
            "TASKER_CALLBACK_SECRET": os.environ.get("TASKER_CALLBACK_SECRET") or callback_secret(self._data),
        }
        return service_process(name, env, partial(terminal_output.line, name))

    async def _topics(self) -> None:
        own, broker = self._settings, self._backends.broker
        kafka = KafkaConnection(self._backends.kafka) if broker else own.kafka
        try:
            await create_topics(kafka, own.topic_prefix, own.partitions, own.replicas)
        except ValueError as error:
            raise DevstackError(f"the topics can't be made: {error}") from error
        except (KafkaError, KafkaTimeout, OSError) as error:
            way_out = "" if broker else ": correct KAFKA_BOOTSTRAP_SERVERS, or unset it for the embedded one"
            raise DevstackError(f"Kafka at {kafka} can't be used ({error}){way_out}") from error

    async def _until_ready(self) -> None:
        reasons = dict.fromkeys(paths.SERVICES, "not started")
        deadline = time.monotonic() + READY_SECONDS
        while reasons:
            for name in list(reasons):
                ready, reasons[name] = await readiness(self._metrics[name])
                if ready:
                    del reasons[name]
            if reasons and time.monotonic() > deadline:
                raise DevstackError("not ready: " + "; ".join(f"{name}: {reason}" for name, reason in reasons.items()))
            await asyncio.sleep(0.1)


def settings() -> KafkaSettings:
    """The settings of the topics, from the environment. Raises DevstackError when they are wrong."""
    try:
        return KafkaSettings()
    except ValidationError as error:
        first = error.errors()[0]
        # What is wrong with several settings together names them itself, and its input holds all of them.
        about = [f"TASKER_{first['loc'][0]}".upper() + f"={first['input']!r}"] if first["loc"] else []
        raise DevstackError(": ".join([*about, first["msg"]])) from None


async def supervise() -> None:
    """A run until SIGINT, SIGTERM or SIGHUP (`nohup` is respected). Raises DevstackError."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            loop.add_signal_handler(number, stopping.set)
    lock = RunLock(paths.STATE)
    lock.take()
    try:
        await Supervisor(lock).run(stopping)
    finally:
        lock.release()
