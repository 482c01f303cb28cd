"""Where Kafka is and how clients connect to it: one value, which every client is given."""

from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any, Literal

from pydantic import SecretStr

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True, slots=True)
class SaslCredentials:
    """By which a client makes itself known. The password is shown nowhere."""

    mechanism: SaslMechanism
    username: str
    password: SecretStr


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """A cluster as clients reach it. `bootstrap` is a comma-separated list of `host:port`.

    With a TLS context connections are encrypted, with credentials clients log in. `client_id` is how clients are called
    in Kafka. Its text is `bootstrap`.
    """

    bootstrap: str
    tls: SSLContext | None = field(default=None, repr=False)
    sasl: SaslCredentials | None = None
    client_id: str = "tasker"

    @property
    def security_protocol(self) -> SecurityProtocol:
        """The protocol by Kafka's name."""
        if self.sasl is None:
            return "PLAINTEXT" if self.tls is None else "SSL"
        return "SASL_PLAINTEXT" if self.tls is None else "SASL_SSL"

    def client_options(self) -> dict[str, Any]:
        """The keyword arguments by which each client of aiokafka connects. The password is among them."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap,
            "client_id": self.client_id,
            **self.security_options(),
        }
        return options

    def security_options(self) -> dict[str, Any]:
        """Those of them that aiokafka's connections take, too."""
        options: dict[str, Any] = {"security_protocol": self.security_protocol, "ssl_context": self.tls}
        if self.sasl is not None:
            options |= {
                "sasl_mechanism": self.sasl.mechanism,
                "sasl_plain_username": self.sasl.username,
                "sasl_plain_password": self.sasl.password.get_secret_value(),
            }
        return options

    def __str__(self) -> str:
        return self.bootstrap
