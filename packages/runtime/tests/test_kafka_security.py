"""Every client over TLS, with a login or a certificate, on a real Kafka; and what is said when it is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from pydantic import SecretStr

from tasker_core.kafka_record import Record
from tasker_core.topics import Topics
from tasker_devstack.backends.broker_security import BrokerSecurity
from tasker_devstack.backends.certificates import CertificateFiles, issue_certificates
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import HOST
from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connecting import KafkaUnreachable
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.group.group_consumer import GroupConsumer
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.producer_setup import discard_producer, transactional_producer
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.settings import KafkaSettings
from tasker_runtime.topic_setup import create_topics


def login(broker: BrokerSecurity, mechanism: str = "SCRAM-SHA-512", **changed: str) -> KafkaConnection:
    """The connection of settings with a login."""
    settings = {
        "kafka_bootstrap_servers": f"{HOST}:{broker.sasl_port}",
        "kafka_security_protocol": "SASL_SSL",
        "kafka_sasl_mechanism": mechanism,
        "kafka_sasl_username": broker.username,
        "kafka_sasl_password": broker.password,
        "kafka_ca_file": str(broker.certificates.ca),
    }
    return KafkaSettings.model_validate(settings | changed).kafka


def certificate(broker: BrokerSecurity, shown: CertificateFiles | None, port: int | None = None) -> KafkaConnection:
    """The connection of settings with a client's certificate, or without one."""
    settings = {
        "kafka_bootstrap_servers": f"{HOST}:{port or broker.tls_port}",
        "kafka_security_protocol": "SSL",
        "kafka_ca_file": str(broker.certificates.ca),
    }
    if shown is not None:
        settings |= {"kafka_cert_file": str(shown.client_cert), "kafka_key_file": str(shown.client_key)}
    return KafkaSettings.model_validate(settings).kafka


@pytest.mark.parametrize("way", ["SCRAM-SHA-512", "PLAIN", "certificate"])
async def test_every_client_works(secured_kafka: BrokerSecurity, way: str) -> None:
    broker, prefix = secured_kafka, f"t{uuid4().hex[:10]}"
    kafka = certificate(broker, broker.certificates) if way == "certificate" else login(broker, way)
    await create_topics(kafka, prefix, partitions=1)
    partition = TopicPartition(Topics(prefix)["due-tasks"], 0)

    idempotent = RecordProducer(kafka)
    await idempotent.send(partition.topic, b"single", partition=0)
    await idempotent.stop()
    transactional = transactional_producer(kafka, f"{prefix}-p", transaction_seconds=5, request_seconds=4)
    await transactional.start()
    async with transactional.transaction():
        await transactional.send_and_wait(partition.topic, b"committed", partition=0)
    await discard_producer(transactional, "a transactional producer")

    reader, read = PartitionReader(kafka), list[Record]()
    await reader.start()
    reader.assign(partition)
    member = GroupConsumer(kafka, f"{prefix}-g", [partition.topic], assigned=_ignored, revoked=_ignored)
    await member.start()
    for poll in (reader.poll, member.poll):

        async def both(poll: Callable[[int], Awaitable[list[Record]]] = poll) -> bool:
            read.extend(await poll(200))
            return [record.value for record in read] == [b"single", b"committed"]

        await eventually(both, "the two records")
        read.clear()
    await member.commit({partition: (2, "")})
    await member.stop()
    await reader.stop()


async def _ignored(_: frozenset[TopicPartition]) -> None:
    """Who is assigned what does not matter here."""


def refusals(broker: BrokerSecurity, stranger: CertificateFiles) -> dict[str, tuple[KafkaConnection, str]]:
    """Connections that are refused, and what is said of each."""
    plain_client = KafkaConnection(f"{HOST}:{broker.sasl_port}")
    return {
        "wrong password": (
            login(broker, kafka_sasl_password="battery staple"),
            "refuses the user 'tasker' with SCRAM-SHA-512 .*check TASKER_KAFKA_SASL_USERNAME",
        ),
        "wrong plain password": (
            login(broker, "PLAIN", kafka_sasl_password="battery staple"),
            "refuses the user 'tasker' with PLAIN .*check TASKER_KAFKA_SASL_USERNAME",
        ),
        "mechanism that is off": (login(broker, "SCRAM-SHA-256"), "SCRAM-SHA-256 .*TASKER_KAFKA_SASL_MECHANISM"),
        "wrong CA": (
            login(broker, kafka_ca_file=str(stranger.ca)),
            "certificate that is not trusted .*check TASKER_KAFKA_CA_FILE",
        ),
        "no certificate": (certificate(broker, None), "refuses the client's certificate .*TASKER_KAFKA_CERT_FILE"),
        "a stranger's certificate": (
            certificate(broker, stranger),
            "refuses the client's certificate .*TASKER_KAFKA_CERT_FILE",
        ),
        "no TLS": (plain_client, "closes connections of PLAINTEXT: check the port and TASKER_KAFKA_SECURITY_PROTOCOL"),
        "no login": (
            certificate(broker, broker.certificates, broker.sasl_port),
            "closes connections of SSL: check the port and TASKER_KAFKA_SECURITY_PROTOCOL",
        ),
        "nobody there": (KafkaConnection(f"{HOST}:1"), "can't be reached .*is it up"),
    }


CASES = (
    "wrong password",
    "wrong plain password",
    "mechanism that is off",
    "wrong CA",
    "no certificate",
    "a stranger's certificate",
    "no TLS",
    "no login",
    "nobody there",
)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    """Certificates of another authority."""
    return issue_certificates(tmp_path_factory.mktemp("stranger"))


@pytest.mark.parametrize("case", CASES)
async def test_each_client_that_is_refused_says_what_to_check(
    secured_kafka: BrokerSecurity, stranger: CertificateFiles, case: str
) -> None:
    kafka, said = refusals(secured_kafka, stranger)[case]
    reader, sender = PartitionReader(kafka), RecordProducer(kafka)
    member = GroupConsumer(kafka, "refused", ["some"], assigned=_ignored, revoked=_ignored)

    async def ask_the_cluster() -> None:
        async with admin_client(kafka) as admin:
            await admin.list_topics()

    tries: list[Callable[[], Awaitable[object]]] = [
        ask_the_cluster,
        reader.start,
        member.start,
        lambda: sender.send("some", b"", key=b"k"),
    ]
    try:
        async with asyncio.timeout(20):
            for attempt in tries:
                with pytest.raises(KafkaUnreachable, match=said) as raised:
                    await attempt()
                assert "battery staple" not in f"{raised.value!r} {kafka!r} {kafka}"
    finally:
        await asyncio.gather(reader.stop(), member.stop(), sender.stop())


async def test_a_broker_that_is_away_does_not_hide_what_another_one_says(secured_kafka: BrokerSecurity) -> None:
    right = login(secured_kafka)
    assert right.sasl is not None
    servers = f"{HOST}:1,{right.bootstrap}"
    reader = PartitionReader(KafkaConnection(servers, right.tls, right.sasl))
    await reader.start()
    await reader.stop()
    wrong = login(secured_kafka, kafka_bootstrap_servers=servers, kafka_sasl_password="battery staple")
    reader = PartitionReader(wrong)
    with pytest.raises(KafkaUnreachable, match="refuses the user 'tasker'"):
        await reader.start()
    await reader.stop()


def test_a_connection_shows_no_password() -> None:
    settings = KafkaSettings(
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_sasl_username="tasker",
        kafka_sasl_password=SecretStr("correct horse"),
    )
    assert settings.kafka.client_options()["sasl_plain_password"] == "correct horse"
    assert "correct" not in f"{settings!r} {settings} {settings.kafka!r} {settings.kafka}"
