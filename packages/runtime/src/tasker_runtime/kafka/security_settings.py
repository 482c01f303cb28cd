"""From the settings of Kafka's security to a connection; what does not go together is refused."""

import logging
from collections.abc import Mapping
from pathlib import Path
from ssl import SSLContext

from pydantic import SecretStr

from tasker_runtime.connections.tls import UnusableFile, tls_context
from tasker_runtime.kafka.connection import KafkaConnection, SaslCredentials, SaslMechanism, SecurityProtocol

PROTOCOL = "TASKER_KAFKA_SECURITY_PROTOCOL"
MECHANISM, USERNAME, PASSWORD = (f"TASKER_KAFKA_SASL_{name}" for name in ("MECHANISM", "USERNAME", "PASSWORD"))
CA_FILE, CERT_FILE, KEY_FILE = (f"TASKER_KAFKA_{name}_FILE" for name in ("CA", "CERT", "KEY"))
DEFAULT_MECHANISM: SaslMechanism = "SCRAM-SHA-512"
IN_THE_CLEAR = (
    f"{MECHANISM}=PLAIN without TLS sends the password in the clear: set {PROTOCOL}=SASL_SSL, or use SCRAM-SHA-512"
)


def kafka_connection(
    bootstrap: str,
    protocol: SecurityProtocol,
    *,
    mechanism: SaslMechanism | None = None,
    username: str | None = None,
    password: SecretStr | None = None,
    ca_file: Path | None = None,
    cert_file: Path | None = None,
    key_file: Path | None = None,
    client_id: str = "tasker",
) -> KafkaConnection:
    """The connection that the settings describe. Raises ValueError naming the variable and the way out."""
    login = {MECHANISM: mechanism, USERNAME: username, PASSWORD: password}
    files = {CA_FILE: ca_file, CERT_FILE: cert_file, KEY_FILE: key_file}
    sasl = _sasl(protocol, mechanism, username, password, login)
    return KafkaConnection(bootstrap, _tls(protocol, files), sasl, client_id)


def _tls(protocol: SecurityProtocol, files: Mapping[str, Path | None]) -> SSLContext | None:
    if not protocol.endswith("SSL"):
        if given := _given(files):
            way_out = "SASL_SSL" if protocol == "SASL_PLAINTEXT" else "SSL or SASL_SSL"
            raise ValueError(f"{given} without TLS: set {PROTOCOL}={way_out} (it is {protocol}), or unset {given}")
        return None
    for name, other in ((CERT_FILE, KEY_FILE), (KEY_FILE, CERT_FILE)):
        if files[name] and not files[other]:
            raise ValueError(f"{name} without {other}: set both (they may name the same file), or neither")
    try:
        return tls_context((CA_FILE, files[CA_FILE]), (CERT_FILE, files[CERT_FILE]), files[KEY_FILE])
    except UnusableFile as error:
        raise ValueError(str(error)) from None


def _sasl(
    protocol: SecurityProtocol,
    mechanism: SaslMechanism | None,
    username: str | None,
    password: SecretStr | None,
    login: Mapping[str, object],
) -> SaslCredentials | None:
    if not protocol.startswith("SASL"):
        if given := _given(login):
            raise ValueError(f"{given} without SASL: set {PROTOCOL}=SASL_SSL (it is {protocol}), or unset {given}")
        return None
    if not username or password is None or not password.get_secret_value():
        lacking = " and ".join(name for name in (USERNAME, PASSWORD) if not login[name])
        raise ValueError(f"{PROTOCOL}={protocol} needs a login: set {lacking}")
    if mechanism == "PLAIN" and protocol == "SASL_PLAINTEXT":
        logging.getLogger(__name__).warning(IN_THE_CLEAR)
    return SaslCredentials(mechanism or DEFAULT_MECHANISM, username, password)


def _given(settings: Mapping[str, object]) -> str:
    return ", ".join(name for name, value in settings.items() if value)
