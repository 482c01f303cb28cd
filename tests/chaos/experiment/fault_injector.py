"""A whole system whose parts are made to fail: Kafka, MongoDB, two of each service and the API, each link its own."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tasker_devstack.backends.backend_selection import Backends
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka, prepare_kafka
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port
from tasker_devstack.processes.service_process import readiness
from tasker_runtime.topic_setup import create_topics
from tests.chaos.experiment.faults import BACKENDS, KAFKA, LINKS, MONGODB, SERVICES, Fault
from tests.chaos.experiment.link import KafkaLink, Link, MongodbLink
from tests.chaos.experiment.log_file import LogFile
from tests.chaos.experiment.stepped_clock import ClockOffset
from tests.chaos.experiment.supervised_process import SupervisedProcess, Target

DATABASE = "tasker"
READY_SECONDS = 180


class FaultInjector:
    """Carries out faults. `folder` holds data and logs; `now` is the time in seconds."""

    def __init__(self, folder: Path, now: Callable[[], float], say: Callable[[str], None]) -> None:
        self._folder, self._now, self._say = folder, now, say
        kafka, mongodb = free_port(), free_port()
        self._ports = {KAFKA: kafka, MONGODB: mongodb}
        broker, database = EmbeddedKafka(folder / KAFKA, kafka), EmbeddedMongodb(folder / MONGODB, mongodb)
        self._backends = Backends(broker, database, broker.bootstrap, database.url(DATABASE))
        copies = {"TASKER_TICKER_STATE_DIR": str(folder / "ticker-state")}  # of both tickers
        self.system = System(broker.bootstrap, database.url(DATABASE), env=copies)
        self._links: dict[str, Link] = {
            name: (KafkaLink if name.endswith(KAFKA) else MongodbLink)(free_port(), self._ports[name.split("/")[1]])
            for name in LINKS
        }
        self._clocks = {service: ClockOffset(folder / f"{service}.clock") for service in SERVICES}
        self._metrics_ports = {service: free_port() for service in SERVICES}
        self._logs = {service: LogFile(folder / f"{service}.log") for service in SERVICES}
        self._services = {service: self._service(service) for service in SERVICES}
        processes: dict[str, Target] = {KAFKA: broker, MONGODB: database, **self._services}
        self._supervised = {name: SupervisedProcess(name, process, now, say) for name, process in processes.items()}

    @asynccontextmanager
    async def up(self) -> AsyncGenerator[None]:
        """Everything, ready; all of it is ended in the end. Raises DevstackError."""
        await prepare_kafka()
        async with AsyncExitStack() as stack:
            for log in self._logs.values():
                stack.enter_context(log)
            stack.push_async_callback(self._end, *BACKENDS)
            await self._backends.start()
            await create_topics(self.system.connection, self.system.topic_prefix, self.system.partitions)
            for link in self._links.values():
                await stack.enter_async_context(link.up())
            stack.push_async_callback(self._end, *SERVICES)
            for service in self._services.values():
                await service.start()
            for service in SERVICES:
                await eventually(lambda one=service: self._is_ready(one), f"{service} that is ready", READY_SECONDS)
            keeping = [asyncio.create_task(one.keep_up()) for one in self._supervised.values()]
            stack.push_async_callback(_cancel, keeping)
            yield

    async def inject(self, fault: Fault) -> float:
        """Do it, for as long as it lasts; returns when the target was back."""
        if fault.kind == "kill":
            return await self._supervised[fault.target].kill(fault.seconds)
        begin, end = self._ways(fault)
        begin()
        await asyncio.sleep(fault.seconds)
        end()
        return self._now()

    def ended_by_themselves(self) -> dict[str, int]:
        """How often each process has ended though nobody had killed it; those that did."""
        return {name: one.on_its_own for name, one in self._supervised.items() if one.on_its_own}

    def _ways(self, fault: Fault) -> tuple[Callable[[], None], Callable[[], None]]:
        """How a fault begins, and how it ends."""
        if fault.kind == "stop":
            process = self._supervised[fault.target]
            return lambda: process.send(signal.SIGSTOP), lambda: process.send(signal.SIGCONT)
        if fault.kind == "clock":
            clock = self._clocks[fault.target]
            return lambda: clock.set(fault.amount_ms), lambda: clock.set(0)
        link = self._links[fault.target]
        begin = {"silence": link.silence, "cut": link.cut, "slow": lambda: link.slow(fault.amount_ms / 1000)}
        return begin[fault.kind], link.restore

    def _service(self, name: str) -> ChildProcess:
        service = name.rstrip("-0123456789")
        ports = self._ports | {
            one.split("/")[1]: link.port for one, link in self._links.items() if one.startswith(name)
        }
        mongodb = self.system.mongodb_url.replace(str(self._ports[MONGODB]), str(ports[MONGODB]))
        settings = self.system.settings | {
            "KAFKA_BOOTSTRAP_SERVERS": f"{HOST}:{ports[KAFKA]}",
            "MONGODB_URL": mongodb,
            "TASKER_METRICS_PORT": str(self._metrics_ports[name]),
            "TASKER_INSTANCE_ID": name,
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", "tests.chaos.experiment.stepped_clock", str(self._clocks[name].path)]
        module = f"tasker_{service.replace('-', '_')}.main"
        return ChildProcess(name, [*command, module], settings, self._logs[name].write)

    async def _is_ready(self, service: str) -> bool:
        return (await readiness(self._metrics_ports[service]))[0]

    async def _end(self, *names: str) -> None:
        for name in names:
            self._supervised[name].send(signal.SIGCONT)
        if names == BACKENDS:
            await self._backends.stop()
        else:
            await asyncio.gather(*(one.stop() for one in self._services.values()))


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
