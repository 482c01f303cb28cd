"""Listeners of an embedded Kafka that clients may use only with TLS, and with a login or a certificate."""

from dataclasses import dataclass, field

from tasker_devstack.backends.certificates import CertificateFiles
from tasker_devstack.processes.ports import HOST, free_port

SETTINGS = """\
listeners=PLAINTEXT://{host}:{port},SASL_SSL://{host}:{sasl},SSL://{host}:{tls},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port},SASL_SSL://{host}:{sasl},SSL://{host}:{tls}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
user_{username}="{password}";
listener.name.ssl.ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={truststore}
"""


@dataclass(frozen=True, slots=True)
class BrokerSecurity:
    """Besides the plain listener: SASL_SSL with SCRAM-SHA-512 or PLAIN, and SSL with a client's certificate."""

    certificates: CertificateFiles
    username: str
    password: str = field(repr=False)
    sasl_port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)

    def settings(self, port: int, controller: int) -> str:
        """The broker's settings."""
        return SETTINGS.format(
            host=HOST,
            port=port,
            controller=controller,
            sasl=self.sasl_port,
            tls=self.tls_port,
            username=self.username,
            password=self.password,
            keystore=self.certificates.server,
            truststore=self.certificates.ca,
        )

    def format_options(self) -> list[str]:
        """What makes its user when the broker's folder is formatted."""
        return ["--add-scram", f"SCRAM-SHA-512=[name={self.username},password={self.password}]"]
