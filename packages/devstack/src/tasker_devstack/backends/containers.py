"""Backends in containers (`TASKER_TEST_BACKEND=containers`), by testcontainers' generic container."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from tasker_devstack.processes.ports import HOST, free_port

KAFKA_IMAGE = "apache/kafka:4.4.0"
MONGO_IMAGE = "mongo:8.0"


@contextmanager
def kafka() -> Generator[str]:
    """Bootstrap servers of a broker in a container."""
    from testcontainers.core.container import DockerContainer  # imports Docker's client, which needs Docker

    port = free_port()
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{HOST}:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_TRANSACTION_ABORT_TIMED_OUT_TRANSACTION_CLEANUP_INTERVAL_MS": "1000",
    }
    container: Any = DockerContainer(KAFKA_IMAGE).with_bind_ports(9092, port)
    for name, value in settings.items():
        container = container.with_env(name, value)
    with started(container, "Kafka Server started"):
        yield f"{HOST}:{port}"


@contextmanager
def mongodb() -> Generator[str]:
    """URL of a replica set of one in a container."""
    from testcontainers.core.container import DockerContainer  # imports Docker's client, which needs Docker

    port = free_port()
    command = f"--replSet rs0 --bind_ip_all --port {port}"
    container: Any = DockerContainer(MONGO_IMAGE).with_bind_ports(port, port).with_command(command)
    with started(container, "Waiting for connections"):
        initiate = f'rs.initiate({{_id: "rs0", members: [{{_id: 0, host: "{HOST}:{port}"}}]}})'
        container.exec(["mongosh", "--quiet", "--port", str(port), "--eval", initiate])
        yield f"mongodb://{HOST}:{port}/tasker?replicaSet=rs0"


@contextmanager
def started(container: Any, line: str) -> Generator[None]:
    """A container that has written a line to its log."""
    from testcontainers.core.waiting_utils import wait_for_logs  # as above

    with container:
        wait_for_logs(container, line, timeout=120)
        yield
