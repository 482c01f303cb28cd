"""Settings that every service has, from the environment."""

import ipaddress
import socket
from pathlib import Path
from typing import ClassVar, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, PrivateAttr, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tasker_core.handlers.callback_token import MIN_SECRET_CHARACTERS
from tasker_core.topics import PARTITIONS, Topics
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.client_id import client_id_of, this_instance
from tasker_runtime.kafka.connection import KafkaConnection, SaslMechanism, SecurityProtocol
from tasker_runtime.kafka.security_settings import kafka_connection

_CONFIG = SettingsConfigDict(
    env_prefix="TASKER_", extra="ignore", populate_by_name=True, env_ignore_empty=True, hide_input_in_errors=True
)
"""An empty variable counts as one that is not set. Errors name the setting and never its value, which may be secret."""


HOSTNAME: Final = "hostname"
"""Stands for the name of the host, as an instance id."""


def base_url(value: str | None) -> str | None:
    """A URL under which others find something of Tasker's. Raises ValueError."""
    parts = urlsplit(value or "http://host")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{value!r} is no URL such as https://tasker.example.com")
    return value


class KafkaSettings(BaseSettings):
    """Where Kafka is, how clients connect to it, and how the topics are named.

    The names without a prefix (`KAFKA_BOOTSTRAP_SERVERS`, `MONGODB_URL`) are the ones people already have set.
    """

    model_config = _CONFIG
    SERVICE: ClassVar[str | None] = None
    """What a service is called in Kafka."""

    kafka_bootstrap_servers: str = Field(
        default="127.0.0.1:9092",
        validation_alias=AliasChoices("KAFKA_BOOTSTRAP_SERVERS", "TASKER_KAFKA_BOOTSTRAP_SERVERS"),
    )
    kafka_security_protocol: SecurityProtocol = "PLAINTEXT"
    kafka_sasl_mechanism: SaslMechanism | None = None
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ca_file: Path | None = None
    """PEM: the CAs that may have signed the brokers' certificates; None: those of the system."""
    kafka_cert_file: Path | None = None
    kafka_key_file: Path | None = None
    """PEM: the certificate that clients show, and its key."""
    topic_prefix: str = Field(default="tasker", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
    partitions: int = Field(default=PARTITIONS, ge=1, le=1000)
    replicas: int = Field(default=1, ge=1, le=9)
    """Replication factor of the topics when they are made."""
    instance_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")
    """What a process has in common with the one that it takes the place of, and with no other of its service: a pod's
    name, say. Its consumer group then does not wait for that one. `hostname`: the name of the host, where each process
    has a host of its own, as in containers."""
    _kafka: KafkaConnection = PrivateAttr()

    @model_validator(mode="after")
    def _describe_kafka(self) -> Self:
        self._kafka = kafka_connection(
            self.kafka_bootstrap_servers,
            self.kafka_security_protocol,
            mechanism=self.kafka_sasl_mechanism,
            username=self.kafka_sasl_username,
            password=self.kafka_sasl_password,
            ca_file=self.kafka_ca_file,
            cert_file=self.kafka_cert_file,
            key_file=self.kafka_key_file,
            client_id=self._client_id(),
        )
        return self

    def _client_id(self) -> str:
        if self.SERVICE is None:
            return "tasker"
        instance_id = socket.gethostname() if self.instance_id == HOSTNAME else self.instance_id
        return client_id_of(this_instance(self.SERVICE, instance_id))

    @property
    def kafka(self) -> KafkaConnection:
        """The cluster, for its clients."""
        return self._kafka

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
    """Whether health and metrics, which ask for no key, may be reached by others than this machine: only in a network
    that is closed by other means, as compose and the Helm chart have it."""
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port of /healthz, /readyz and /metrics; 0: any free one."""
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    drain_seconds: float = Field(default=5.0, gt=0)
    """For how long a graceful stop waits for what is under way; to leave takes some seconds more."""

    @model_validator(mode="after")
    def _loopback_unless_allowed(self) -> Self:
        for name in self.listens_on() if not self.allow_open else ():
            if not is_loopback(host := getattr(self, name)):
                raise ValueError(
                    f"TASKER_{name.upper()}: {host} is open to others, and no key is asked for there: use 127.0.0.1, "
                    "or set TASKER_ALLOW_OPEN=true if only those reach it who may read its metrics"
                )
        return self

    def listens_on(self) -> tuple[str, ...]:
        """The settings that hold a host to listen on."""
        return ("metrics_host",)


class MongoSettings(BaseSettings):
    """Where MongoDB is. The URL names the database, and may hold a password."""

    model_config = _CONFIG

    mongodb_url: SecretStr = Field(
        default=SecretStr("mongodb://127.0.0.1:27017/tasker?replicaSet=rs0"),
        validation_alias=AliasChoices("MONGODB_URL", "TASKER_MONGODB_URL"),
    )
    mongodb_ca_file: Path | None = None
    """PEM: the CAs that may have signed the servers' certificates; None: those of the system."""
    mongodb_cert_file: Path | None = None
    """PEM: the certificate that clients show, with its key."""

    @model_validator(mode="after")
    def _describe_mongodb(self) -> Self:
        self.mongodb.check()
        return self

    @property
    def mongodb(self) -> MongoConnection:
        """The database, for its clients."""
        return MongoConnection(self.mongodb_url.get_secret_value(), self.mongodb_ca_file, self.mongodb_cert_file)


class CallbackSettings(BaseSettings):
    """What signs and checks the tokens of callbacks: the same in executors and API."""

    model_config = _CONFIG

    callback_secret: SecretStr | None = None
    """At least 32 random characters. Several, separated by commas, while they are exchanged: the first one signs."""

    @field_validator("callback_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if any(len(one) < MIN_SECRET_CHARACTERS for one in _parts(secret)):
            raise ValueError(f"shorter than {MIN_SECRET_CHARACTERS} characters; make one with `openssl rand -hex 32`")
        return secret

    @property
    def callback_secrets(self) -> tuple[str, ...]:
        """The secrets; none where callbacks are not set up."""
        return _parts(self.callback_secret)


def _parts(secret: SecretStr | None) -> tuple[str, ...]:
    return () if secret is None else tuple(part.strip() for part in secret.get_secret_value().split(","))


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it. A name that is not `localhost` may be anything."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
