"""How FastStream's broker connects."""

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from tasker_runtime.kafka.connection import KafkaConnection

_BY_MECHANISM = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


def broker_security(kafka: KafkaConnection) -> BaseSecurity:
    """What a connection of ours is for FastStream."""
    encrypted = kafka.tls is not None
    if kafka.sasl is None:
        return BaseSecurity(kafka.tls, use_ssl=encrypted)
    login = _BY_MECHANISM[kafka.sasl.mechanism]
    return login(kafka.sasl.username, kafka.sasl.password.get_secret_value(), kafka.tls, use_ssl=encrypted)
