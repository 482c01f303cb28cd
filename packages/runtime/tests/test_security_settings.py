"""Settings of security: what does not go together is refused, by the variable's name and with the way out."""

import logging
from pathlib import Path

import pytest
from pydantic import ValidationError
from trustme import CA

from tasker_devstack.backends.certificates import CertificateFiles, issue_certificates
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.settings import KafkaSettings, MongoSettings

LOGIN = {"TASKER_KAFKA_SASL_USERNAME": "tasker", "TASKER_KAFKA_SASL_PASSWORD": "correct horse"}
PROTOCOL = "TASKER_KAFKA_SECURITY_PROTOCOL"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return issue_certificates(tmp_path_factory.mktemp("certificates"))


def set_all(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({PROTOCOL: "SASL_SSL"}, "needs a login: set TASKER_KAFKA_SASL_USERNAME and TASKER_KAFKA_SASL_PASSWORD"),
        (
            {PROTOCOL: "SASL_PLAINTEXT", "TASKER_KAFKA_SASL_USERNAME": "tasker", "TASKER_KAFKA_SASL_PASSWORD": ""},
            "needs a login: set TASKER_KAFKA_SASL_PASSWORD",
        ),
        (LOGIN, "without SASL: set TASKER_KAFKA_SECURITY_PROTOCOL=SASL_SSL"),
        ({PROTOCOL: "SSL", "TASKER_KAFKA_SASL_MECHANISM": "PLAIN"}, "TASKER_KAFKA_SASL_MECHANISM without SASL"),
        ({"TASKER_KAFKA_CA_FILE": "/ca.pem"}, "TASKER_KAFKA_CA_FILE without TLS: set .*=SSL or SASL_SSL"),
        (LOGIN | {PROTOCOL: "SASL_PLAINTEXT", "TASKER_KAFKA_CA_FILE": "/ca.pem"}, "without TLS: set .*=SASL_SSL"),
        ({PROTOCOL: "SSL", "TASKER_KAFKA_CERT_FILE": "/c"}, "CERT_FILE without TASKER_KAFKA_KEY_FILE: set both"),
        ({PROTOCOL: "SSL", "TASKER_KAFKA_KEY_FILE": "/k"}, "KEY_FILE without TASKER_KAFKA_CERT_FILE: set both"),
        ({PROTOCOL: "SSL", "TASKER_KAFKA_CA_FILE": "/no/ca"}, "TASKER_KAFKA_CA_FILE=/no/ca .*No such file"),
        ({PROTOCOL: "SSL", "TASKER_KAFKA_CA_FILE": __file__}, "TASKER_KAFKA_CA_FILE=.*CA certificates in PEM"),
        ({PROTOCOL: "TLS"}, "kafka_security_protocol"),
    ],
)
def test_what_does_not_go_together_for_kafka(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    set_all(monkeypatch, variables)
    with pytest.raises(ValidationError, match=said) as raised:
        KafkaSettings()
    assert "correct horse" not in str(raised.value)


def test_a_key_of_another_certificate(monkeypatch: pytest.MonkeyPatch, files: CertificateFiles, tmp_path: Path) -> None:
    other, encrypted = tmp_path / "other.pem", tmp_path / "encrypted.pem"
    CA().issue_cert("tasker").private_key_pem.write_to_path(str(other))
    encrypted.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n")
    set_all(monkeypatch, {PROTOCOL: "SSL", "TASKER_KAFKA_CERT_FILE": str(files.client_cert)})
    for key in (other, encrypted, files.ca):
        monkeypatch.setenv("TASKER_KAFKA_KEY_FILE", str(key))
        with pytest.raises(
            ValidationError, match=f"TASKER_KAFKA_CERT_FILE=.*a certificate of the key in {key}, in PEM"
        ):
            KafkaSettings()


def test_a_password_in_the_clear_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    set_all(monkeypatch, LOGIN | {PROTOCOL: "SASL_PLAINTEXT", "TASKER_KAFKA_SASL_MECHANISM": "PLAIN"})
    with caplog.at_level(logging.WARNING):
        assert KafkaSettings().kafka.security_protocol == "SASL_PLAINTEXT"
    assert "sends the password in the clear: set TASKER_KAFKA_SECURITY_PROTOCOL=SASL_SSL" in caplog.text


def test_empty_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (
        "SECURITY_PROTOCOL",
        "SASL_MECHANISM",
        "SASL_USERNAME",
        "SASL_PASSWORD",
        "CA_FILE",
        "CERT_FILE",
        "KEY_FILE",
    )
    set_all(monkeypatch, {f"TASKER_KAFKA_{name}": "" for name in names} | {"TASKER_MONGODB_CA_FILE": ""})
    assert KafkaSettings().kafka.security_protocol == "PLAINTEXT"
    assert MongoSettings().mongodb.client_options() == {}


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"MONGODB_URL": "postgres://tasker:correct%20horse@host/tasker"}, "MONGODB_URL is no URL of MongoDB such as"),
        ({"MONGODB_URL": "mongodb://tasker:correct horse@ho:st:1/tasker"}, "must be percent-escaped"),
        ({"MONGODB_URL": "mongodb://h/t?tls=false", "TASKER_MONGODB_CA_FILE": "/ca"}, "TASKER_MONGODB_CA_FILE without"),
        ({"TASKER_MONGODB_CA_FILE": "/no/ca"}, "TASKER_MONGODB_CA_FILE=/no/ca .*No such file"),
        ({"TASKER_MONGODB_CERT_FILE": __file__}, "TASKER_MONGODB_CERT_FILE=.* a certificate with its private key"),
    ],
)
def test_what_does_not_go_together_for_mongodb(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    set_all(monkeypatch, variables)
    with pytest.raises(ValidationError, match=said) as raised:
        MongoSettings()
    assert "horse" not in str(raised.value)


def test_the_url_of_mongodb_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGODB_URL", "mongodb://tasker:horse@one:1,two:2/tasker?replicaSet=rs0")
    settings = MongoSettings()
    assert str(settings.mongodb) == "one:1,two:2"
    assert "horse" not in f"{settings!r} {settings} {settings.mongodb!r} {settings.mongodb}"


@pytest.mark.parametrize("scheme", ["mongodb", "mongodb+srv"])
@pytest.mark.parametrize("sign", ["/", "?", "#", "[/", "\u2100/", "@/"])
def test_a_password_that_is_not_escaped_shows_no_part_of_itself(
    monkeypatch: pytest.MonkeyPatch, scheme: str, sign: str
) -> None:
    url = f"{scheme}://tasker:correct{sign}horse$battery@mongo.example.com/tasker"
    monkeypatch.setenv("MONGODB_URL", url)
    with pytest.raises(ValidationError, match=r"MONGODB_URL.*percent-escaped") as raised:
        MongoSettings()
    shown = f"{raised.value} {MongoConnection(url)} {MongoConnection(url)!r}"
    assert not [part for part in ("correct", "horse", "battery") if part in shown]


@pytest.mark.parametrize("url", ["nonsense", "mongodb://", "mongodb://[::1/tasker"])
def test_any_text_in_place_of_the_url_can_be_named(url: str) -> None:
    assert str(MongoConnection(url))
