"""Settings from the environment: the names that people have set already, and errors that name the variable."""

import socket
from typing import ClassVar

import pytest
from pydantic import ValidationError

from tasker_runtime.kafka.client_id import parse_client_id
from tasker_runtime.settings import KafkaSettings, MongoSettings, ServiceSettings


@pytest.mark.parametrize("name", ["KAFKA_BOOTSTRAP_SERVERS", "TASKER_KAFKA_BOOTSTRAP_SERVERS"])
def test_kafka_is_found_by_either_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.setenv(name, "broker:9092")
    assert KafkaSettings().kafka_bootstrap_servers == "broker:9092"


@pytest.mark.parametrize("name", ["MONGODB_URL", "TASKER_MONGODB_URL"])
def test_mongodb_is_found_by_either_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("MONGODB_URL", raising=False)
    monkeypatch.setenv(name, "mongodb://database/tasker")
    assert MongoSettings().mongodb.url == "mongodb://database/tasker"


def test_groups_and_topics_bear_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKER_TOPIC_PREFIX", "blue")
    settings = KafkaSettings()
    assert settings.group("log-sink") == "blue-log-sink"
    assert settings.topics["due-tasks"] == "blue.due-tasks"


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("TASKER_PARTITIONS", "0", "partitions"),
        ("TASKER_TOPIC_PREFIX", "no spaces", "topic_prefix"),
        ("TASKER_METRICS_PORT", "70000", "metrics_port"),
        ("TASKER_LOG_FORMAT", "xml", "log_format"),
        ("TASKER_DRAIN_SECONDS", "0", "drain_seconds"),
        ("TASKER_INSTANCE_ID", "a@b", "instance_id"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=field):
        ServiceSettings()


def test_without_keys_health_and_metrics_are_on_loopback_only() -> None:
    with pytest.raises(ValidationError, match=r"TASKER_METRICS_HOST.*TASKER_ALLOW_OPEN=true"):
        ServiceSettings(metrics_host="0.0.0.0")
    assert ServiceSettings(metrics_host="0.0.0.0", allow_open=True).metrics_host == "0.0.0.0"


class ExecutorLike(KafkaSettings):
    """Settings of a service."""

    SERVICE: ClassVar[str | None] = "executor"


@pytest.mark.parametrize(
    ("given", "instance_id"), [("", None), ("executor-0", "executor-0"), ("hostname", socket.gethostname())]
)
def test_clients_of_a_service_say_in_whose_place_they_are(
    monkeypatch: pytest.MonkeyPatch, given: str, instance_id: str | None
) -> None:
    monkeypatch.setenv("TASKER_INSTANCE_ID", given)
    instance = parse_client_id(ExecutorLike().kafka.client_id)
    assert instance is not None
    assert (instance.service, instance.instance_id) == ("executor", instance_id)
