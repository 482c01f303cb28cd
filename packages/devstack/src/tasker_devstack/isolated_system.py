"""The four services against given backends, for tests and benchmarks: isolated by topic prefix, database and ports."""

import asyncio
import secrets
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from tasker_core.kafka_record import Record
from tasker_core.messages.runs import Run, decode_due
from tasker_core.topics import PARTITIONS, TOPICS, TopicName, Topics
from tasker_devstack.errors import DevstackError
from tasker_devstack.paths import SERVICES
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port
from tasker_devstack.processes.service_process import readiness, service_process
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.topic_setup import create_topics

READY_SECONDS = 60


class System:
    """A whole Tasker of its own on shared backends. `connection` is how this process itself reaches Kafka."""

    def __init__(
        self,
        kafka: str,
        mongodb_url: str,
        web_root: Path | None = None,
        env: Mapping[str, str] | None = None,
        connection: KafkaConnection | None = None,
    ) -> None:
        self.kafka, self.mongodb_url = kafka, mongodb_url
        self.connection = connection or KafkaConnection(kafka)
        given = dict(env or {})
        self.topic_prefix = given.get("TASKER_TOPIC_PREFIX", f"t{uuid4().hex[:10]}")
        self.partitions = int(given.get("TASKER_PARTITIONS", PARTITIONS))
        self.api_port = free_port()
        self.api_url = f"http://{HOST}:{self.api_port}"
        self.metrics_ports = {service: free_port() for service in SERVICES}
        self.settings = {
            "KAFKA_BOOTSTRAP_SERVERS": kafka,
            "MONGODB_URL": mongodb_url,
            "TASKER_TOPIC_PREFIX": self.topic_prefix,
            "TASKER_API_HOST": HOST,
            "TASKER_API_PORT": str(self.api_port),
            "TASKER_WEB_ROOT": str(web_root) if web_root else "",
            "TASKER_EXECUTOR_ALLOW_NETWORKS": "127.0.0.0/8",
            "TASKER_CALLBACK_BASE_URL": self.api_url,
            "TASKER_CALLBACK_SECRET": secrets.token_hex(32),
        }
        self.settings |= given
        self._children: dict[str, ChildProcess] = {}
        for service, port in self.metrics_ports.items():
            own = {"TASKER_METRICS_PORT": str(port), "TASKER_INSTANCE_ID": service}
            self._children[service] = service_process(service, own | self.settings)

    def client(self, seconds: float = 10) -> httpx.AsyncClient:
        """A client of the REST API, with a timeout."""
        return httpx.AsyncClient(base_url=f"{self.api_url}/api/v1", timeout=seconds)

    def extra_process(self, service: str, env: Mapping[str, str] | None = None) -> ChildProcess:
        """A further process of a service, not started yet; whoever asks for it starts and ends it."""
        return service_process(service, {"TASKER_METRICS_PORT": str(free_port())} | self.settings | dict(env or {}))

    async def start(self, *services: str) -> None:
        """Make the topics and start services (all, when none is named); returns when they are ready."""
        await create_topics(self.connection, self.topic_prefix, self.partitions)
        await self.start_processes(*services)
        await self.wait_ready(*services)

    async def start_processes(self, *services: str) -> None:
        """Start the processes of services (all, when none is named), whatever is there and ready."""
        await asyncio.gather(*(self._children[service].start() for service in services or SERVICES))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """All services, ready; in the end they are stopped and their last lines printed."""
        try:
            await self.start()
            yield
        finally:
            await self.stop()
            self.print_logs()

    async def stop(self, *services: str) -> None:
        """End services (all, when none is named) gracefully."""
        children = [self._children[service] for service in services or SERVICES]
        await asyncio.gather(*(one.stop() for one in children if one.running))

    async def restart(self, service: str, number: signal.Signals = signal.SIGTERM) -> None:
        """End one service with a signal and start it again."""
        await self._children[service].stop(number=number)
        await self._children[service].start()

    def pid(self, service: str) -> int:
        """The process id of a service."""
        return self._children[service].pid

    async def wait_ready(self, *services: str) -> None:
        """Wait until services (all, when none is named) are ready. Raises DevstackError otherwise."""
        for service in services or SERVICES:
            reason = ""
            try:
                async with asyncio.timeout(READY_SECONDS):
                    while True:
                        ready, reason = await readiness(self.metrics_ports[service])
                        if ready:
                            break
                        if not self._children[service].running:
                            raise TimeoutError
                        await asyncio.sleep(0.1)
            except TimeoutError:
                raise DevstackError(f"{service} is not ready ({reason}):\n{self.log(service)}") from None

    def log(self, service: str) -> str:
        """The last lines that a service wrote."""
        return "\n".join(self._children[service].tail)

    def print_logs(self) -> None:
        """Print the last lines of each service, which pytest shows when a test failed."""
        for service in SERVICES:
            print(f"--- {service}\n{self.log(service)}")

    async def emitted_runs(self) -> list[dict[str, str]]:
        """Every run in both lanes as committed by now: {run_id, task_id, nominal_at}, read raw from the topics."""
        due = [decode_due(record.value or b"") for record in await self.records("due-tasks", "due-background")]
        return [
            {"run_id": run.run_id, "task_id": run.task_id, "nominal_at": run.nominal_at}
            for run in due
            if isinstance(run, Run)
        ]

    async def records(self, *names: TopicName) -> list[Record]:
        """Every record of these topics as committed by now."""
        topics = Topics(self.topic_prefix)
        single = {topic.name for topic in TOPICS if topic.single}
        partitions = [
            TopicPartition(topics[name], p) for name in names for p in range(1 if name in single else self.partitions)
        ]
        reader, found = PartitionReader(self.connection), list[Record]()
        await reader.start()
        try:
            ends = {partition: (await reader.bounds(partition))[1] for partition in partitions}
            reader.assign(*partitions)
            async with asyncio.timeout(60):
                while any([await reader.position(p) < end for p, end in ends.items()]):
                    found += await reader.poll(200)
        finally:
            await reader.stop()
        return found
