"""Backends in containers (`TASKER_TEST_BACKEND=containers`), by testcontainers' generic container."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from tasker_devstack.backends.replica_set import REPLICA_SET, become_primary
from tasker_devstack.errors import DevstackError
from tasker_devstack.processes.ports import HOST, free_port

KAFKA_IMAGE = "apache/kafka:4.4.0"
MONGO_IMAGE = "mongo:8.0"
UP_SECONDS = 120


@contextmanager
def kafka() -> Generator[str]:
    """Bootstrap servers of a broker in a container."""
    port = free_port()
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        # The broker connects to itself, for transactions: in its container the port of this machine leads nowhere.
        "KAFKA_LISTENERS": "HOST://:9092,SELF://localhost:9094,CONTROLLER://localhost:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"HOST://{HOST}:{port},SELF://localhost:9094",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "SELF",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,HOST:PLAINTEXT,SELF:PLAINTEXT",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_TRANSACTION_ABORT_TIMED_OUT_TRANSACTION_CLEANUP_INTERVAL_MS": "1000",
    }
    with started(KAFKA_IMAGE, 9092, port, settings, "Kafka Server started"):
        yield f"{HOST}:{port}"


@asynccontextmanager
async def mongodb() -> AsyncGenerator[str]:
    """URL of a replica set of one in a container. Raises DevstackError when it takes no writes."""
    port = free_port()
    # Inside and outside on one port, since a replica set tells its clients the address to use.
    command = f"--replSet {REPLICA_SET} --bind_ip_all --port {port}"
    with started(MONGO_IMAGE, port, port, {}, "Waiting for connections", command):
        if not await become_primary(port):
            raise DevstackError(f"{MONGO_IMAGE} at port {port} does not become a replica set")
        yield f"mongodb://{HOST}:{port}/tasker?replicaSet={REPLICA_SET}"


@contextmanager
def started(
    image: str, inside: int, port: int, environment: dict[str, str], line: str, command: str | None = None
) -> Generator[None]:
    """A container whose port `inside` is `port` of this machine, when it has written a line to its log."""
    # Imported here, since it brings in Docker's client.
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    ready = LogMessageWaitStrategy(line).with_startup_timeout(UP_SECONDS)
    container: Any = DockerContainer(image)
    container.ports[f"{inside}/tcp"] = (HOST, port)  # `with_bind_ports` opens it to all networks
    container.with_envs(**environment).waiting_for(ready)
    with container.with_command(command) if command else container:
        yield
