"""Settings that every service has, from the environment."""

import ipaddress
from typing import Literal, Self

from pydantic import AliasChoices, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tasker_core.topics import PARTITIONS, Topics


class KafkaSettings(BaseSettings):
    """Where Kafka is and how the topics are named.

    The names without a prefix (`KAFKA_BOOTSTRAP_SERVERS`, `MONGODB_URL`) are the ones people already have set.
    """

    model_config = SettingsConfigDict(env_prefix="TASKER_", extra="ignore", populate_by_name=True)

    kafka_bootstrap_servers: str = Field(
        default="127.0.0.1:9092",
        validation_alias=AliasChoices("KAFKA_BOOTSTRAP_SERVERS", "TASKER_KAFKA_BOOTSTRAP_SERVERS"),
    )
    topic_prefix: str = Field(default="tasker", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
    partitions: int = Field(default=PARTITIONS, ge=1, le=1000)
    replicas: int = Field(default=1, ge=1, le=9)
    """Replication factor of the topics when they are made."""

    @property
    def topics(self) -> Topics:
        """The topic names of this installation."""
        return Topics(self.topic_prefix)

    def group(self, service: str) -> str:
        """The consumer group of a service: `<prefix>-<service>`."""
        return f"{self.topic_prefix}-{service}"


class ServiceSettings(KafkaSettings):
    """What every long-running service needs besides."""

    allow_open: bool = False
    """Whether a service may listen where others than this machine reach it. There are no keys yet: whoever reaches it
    may do everything: set it only in a network that is closed by other means, as compose and the Helm chart have it."""
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port of /healthz, /readyz and /metrics; 0: any free one."""
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    drain_seconds: float = Field(default=10.0, gt=0)
    """How long a graceful stop may take."""

    @model_validator(mode="after")
    def _loopback_unless_allowed(self) -> Self:
        for name in self.listens_on() if not self.allow_open else ():
            if not _is_loopback(host := getattr(self, name)):
                raise ValueError(
                    f"TASKER_{name.upper()}: {host} is open to others, and there are no keys yet: use 127.0.0.1, "
                    "or set TASKER_ALLOW_OPEN=true if only those reach it who may do everything"
                )
        return self

    def listens_on(self) -> tuple[str, ...]:
        """The settings that hold a host to listen on."""
        return ("metrics_host",)


class MongoSettings(BaseSettings):
    """Where MongoDB is. The URL names the database."""

    model_config = SettingsConfigDict(env_prefix="TASKER_", extra="ignore", populate_by_name=True)

    mongodb_url: str = Field(
        default="mongodb://127.0.0.1:27017/tasker?replicaSet=rs0",
        validation_alias=AliasChoices("MONGODB_URL", "TASKER_MONGODB_URL"),
    )


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches it. A name that is not `localhost` may be anything."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
