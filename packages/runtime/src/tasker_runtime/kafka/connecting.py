"""Starts clients, and says what is wrong when none gets through.

aiokafka keeps the reason to its log: whoever starts a client hears only that it was "unable to bootstrap".
"""

import ssl
from asyncio import IncompleteReadError
from collections.abc import Awaitable
from typing import Any, Final

from aiokafka import conn
from aiokafka.errors import KafkaConnectionError, KafkaError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.metadata import MetadataRequest

from tasker_core.errors import TaskerError
from tasker_runtime.kafka.client import START_SECONDS, KafkaTimeout, bounded
from tasker_runtime.kafka.connection import KafkaConnection

_connections: Any = conn  # it has no types
PROBE_SECONDS: Final = 5.0
_WRONG_LOGIN: Final = (for_code(58), for_code(33), for_code(34))
"""SASL_AUTHENTICATION_FAILED, UNSUPPORTED_SASL_MECHANISM, ILLEGAL_SASL_STATE."""
_CHECK_PROTOCOL: Final = "check the port and TASKER_KAFKA_SECURITY_PROTOCOL"
_CHECK_CERTIFICATE: Final = "check TASKER_KAFKA_CERT_FILE and TASKER_KAFKA_KEY_FILE"


class KafkaUnreachable(KafkaConnectionError):
    """No broker lets this client in. The text gives the reason and what to check."""

    def __str__(self) -> str:
        return str(self.args[0])


class TopicsMissing(KafkaError):
    """A topic is not there yet: `python -m tasker_runtime.topic_setup` makes all of them."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)

    def __str__(self) -> str:
        return str(self.args[0])


async def connect(
    starting: Awaitable[Any], connection: KafkaConnection, what: str, seconds: float = START_SECONDS
) -> None:
    """Await the start of a client, with a bound. Raises KafkaUnreachable, another KafkaError or KafkaTimeout."""
    try:
        await bounded(starting, seconds, what)
    except UnknownTopicOrPartitionError as error:
        raise TopicsMissing from error
    except (KafkaConnectionError, KafkaTimeout) as error:
        if reason := await unreachable_because(connection):
            raise KafkaUnreachable(reason) from error
        raise


async def unreachable_because(connection: KafkaConnection) -> str | None:
    """Why this machine can't talk to any broker of the list, found out by trying; None: it can."""
    reasons = list[str]()
    for host, port, _ in _connections.collect_hosts(connection.bootstrap, randomize=False):
        where = f"Kafka at {host}:{port}"
        try:
            await bounded(_ask(host, port, connection), PROBE_SECONDS, where)
        except (OSError, KafkaError, TaskerError, TimeoutError, ValueError) as error:
            reasons.append(f"{where} {_reason(error, connection)}")
        else:
            return None
    return max(reasons, key=_says_what_to_correct, default=None)


def _says_what_to_correct(reason: str) -> bool:
    """Rather than that a broker is away, which the others may be without harm."""
    return "check " in reason


async def _ask(host: str, port: int, connection: KafkaConnection) -> None:
    """A connection, and one request: to a listener that wants a login, a connection alone is no proof."""
    opened: Any = await _connections.create_conn(
        host, port, request_timeout_ms=int(PROBE_SECONDS * 1000), **connection.security_options()
    )
    try:
        await opened.send(MetadataRequest([]))
    finally:
        opened.close()


def _reason(error: BaseException, connection: KafkaConnection) -> str:
    protocol = connection.security_protocol
    if isinstance(error, _WRONG_LOGIN) and connection.sasl is not None:
        sasl = connection.sasl
        return (
            f"refuses the user {sasl.username!r} with {sasl.mechanism} ({_text(error)}): check "
            "TASKER_KAFKA_SASL_USERNAME, TASKER_KAFKA_SASL_PASSWORD and TASKER_KAFKA_SASL_MECHANISM"
        )
    cause = error.__cause__ if isinstance(error, KafkaConnectionError) and error.__cause__ else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"shows a certificate that is not trusted ({cause.verify_message}): check TASKER_KAFKA_CA_FILE, and that "
            "the certificate names the host of KAFKA_BOOTSTRAP_SERVERS"
        )
    if isinstance(cause, ssl.SSLError):
        if "ALERT" in (cause.reason or ""):
            return f"refuses the client's certificate ({cause.reason}): {_CHECK_CERTIFICATE}"
        return f"does not speak TLS as {protocol} needs it ({cause.reason}): {_CHECK_PROTOCOL}"
    if isinstance(cause, KafkaConnectionError | IncompleteReadError | ConnectionResetError):
        return f"closes connections of {protocol}: {_CHECK_PROTOCOL}"
    if isinstance(cause, KafkaTimeout | TimeoutError):
        return f"does not answer within {PROBE_SECONDS:g} s: is it up? Else {_CHECK_PROTOCOL} (it is {protocol})"
    if isinstance(cause, OSError):
        return f"can't be reached ({cause}): is it up, and does KAFKA_BOOTSTRAP_SERVERS name it?"
    return f"can't be used: {_text(error)}"


def _text(error: BaseException) -> str:
    """What the broker says, without aiokafka's name for it."""
    return str(error.args[0]) if error.args and error.args[0] else type(error).__name__
