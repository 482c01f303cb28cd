"""TLS of `http` with a test's own authority: whom it trusts, what it shows, and to whom."""

import asyncio
import ssl
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import trustme
from cryptography.hazmat.primitives import serialization

from tasker_executor.handlers.http import http_handler
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.http.tls_contexts import MAX_CONTEXTS, PemTexts, TlsContexts
from tasker_executor.testing.target_server import (
    LOOPBACK,
    Handler,
    TargetServer,
    expect_failure,
    raw_server,
    run_of,
    target_server,
)
from tasker_runtime.clock import SystemClock

CA: Any = trustme.CA(key_type=trustme.KeyType.ECDSA)
OTHER_CA: Any = trustme.CA(key_type=trustme.KeyType.ECDSA)
CLIENT = CA.issue_cert("worker@example.com")
OTHER_CLIENT = CA.issue_cert("other@example.com")


def pem(*blobs: trustme.Blob) -> str:
    return "".join(blob.bytes().decode() for blob in blobs)


def encrypted(blob: trustme.Blob) -> str:
    key = serialization.load_pem_private_key(blob.bytes(), None)
    form = serialization.PrivateFormat.PKCS8
    lock = serialization.BestAvailableEncryption(b"password")
    return key.private_bytes(serialization.Encoding.PEM, form, lock).decode()


SECRETS = {
    "CA": pem(CA.cert_pem),
    "OTHER_CA": pem(OTHER_CA.cert_pem),
    "BOTH": pem(CLIENT.private_key_and_cert_chain_pem),
    "TLS_CRT": pem(*CLIENT.cert_chain_pems),
    "TLS_KEY": pem(CLIENT.private_key_pem),
    "OTHER_KEY": pem(OTHER_CLIENT.private_key_pem),
    "LOCKED": pem(*CLIENT.cert_chain_pems) + encrypted(CLIENT.private_key_pem),
    "LOCKED_KEY": encrypted(CLIENT.private_key_pem),
    "WORDS": "no certificate at all",
}
STORE = SecretStore(None, {f"TASKER_SECRET_{name}": value for name, value in SECRETS.items()})


@asynccontextmanager
async def tls_server(*names: str, ca: Any = CA, client: bool = False) -> AsyncGenerator[TargetServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
    CA.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED if client else ssl.CERT_OPTIONAL
    async with target_server(tls=context) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[Handler]:
    async with checked_session(LOOPBACK) as session:
        yield http_handler(session, STORE, SystemClock())


def shown(server: TargetServer) -> list[bool]:
    """Whether each request came with a certificate."""
    return [bool(certificate) for certificate in server.peer_certificates]


async def test_only_a_task_s_own_authority_is_trusted_when_it_names_one(http: Handler) -> None:
    async with tls_server() as target:
        error = await expect_failure(http, {"url": target.url()}, "tls")
        assert "tls.ca" in str(error)
        assert not error.final
        assert (await http(run_of({"url": target.url(), "tls": {"ca": "secret://ca"}})))["status"] == 200
        await expect_failure(http, {"url": target.url(), "tls": {"ca": "secret://other-ca"}}, "tls")
    assert shown(target) == [False]


async def test_a_port_without_tls_is_told_as_that(http: Handler) -> None:
    async with target_server() as target:
        error = await expect_failure(http, {"url": target.url().replace("http://", "https://")}, "tls")
    assert "it does not answer in TLS" in str(error)
    assert "http://" in str(error)


async def test_the_reason_of_tls_is_told_in_its_own_words(http: Handler) -> None:
    async def alert(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(bytes([21, 3, 3, 0, 2, 2, 70]))  # RFC 8446, section 6: fatal, protocol_version
        await writer.drain()
        writer.close()

    async with raw_server(alert) as url:
        error = await expect_failure(http, {"url": url.replace("http://", "https://")}, "tls")
    assert "protocol version" in str(error)


async def test_the_operator_s_authorities_are_trusted_too(tmp_path: Path) -> None:
    CA.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    file = tmp_path / "ca.pem"
    async with tls_server(client=True) as target, checked_session(LOOPBACK, ca_file=file) as session:
        handler: Handler = http_handler(session, STORE, SystemClock(), tls_contexts=TlsContexts(file))
        call = {"url": target.url(), "tls": {"certificate": "secret://both"}}
        assert (await handler(run_of(call)))["status"] == 200
    async with tls_server() as target, checked_session(LOOPBACK, ca_file=file) as session:
        handler = http_handler(session, STORE, SystemClock())
        assert (await handler(run_of({"url": target.url()})))["status"] == 200


@pytest.mark.parametrize(
    "certificate", [{"certificate": "secret://both"}, {"certificate": "secret://tls.crt", "key": "secret://tls.key"}]
)
async def test_a_client_certificate_is_shown(http: Handler, certificate: dict[str, str]) -> None:
    async with tls_server(client=True) as target:
        tls: dict[str, str] = {"ca": "secret://ca"}
        with pytest.raises(Exception, match=r"closed the connection|TLS"):
            await http(run_of({"url": target.url(), "tls": tls}))
        result = await http(run_of({"url": target.url(), "tls": tls | certificate}))
        assert result["status"] == 200
        assert shown(target) == [True]


async def test_connections_are_used_again_under_the_same_certificate_alone(http: Handler) -> None:
    async with tls_server() as target:
        plain = {"url": target.url(), "tls": {"ca": "secret://ca"}}
        with_certificate = {"url": target.url(), "tls": {"ca": "secret://ca", "certificate": "secret://both"}}
        for payload in (plain, with_certificate, plain, with_certificate):
            await http(run_of(payload))
        assert shown(target) == [False, True, False, True]
        assert len({request.transport for request in target.requests}) == 2


async def test_another_origin_is_shown_no_certificate(http: Handler) -> None:
    tls = {"ca": "secret://ca", "certificate": "secret://both"}
    async with tls_server() as target, tls_server() as other:
        payload: dict[str, Any] = {"url": target.url(f"/redirect?to={other.url('/end')}"), "redirects": "follow"}
        assert (await http(run_of(payload | {"tls": tls})))["url"] == other.url("/end")
        assert (shown(target), shown(other)) == ([True], [False])
        own = {"url": target.url("/redirect?to=/end"), "redirects": "follow", "tls": tls}
        await http(run_of(own))
        assert shown(target) == [True, True, True]


async def test_the_server_s_name_may_be_another_one(http: Handler) -> None:
    async with tls_server("inner.example") as target:
        await expect_failure(http, {"url": target.url(), "tls": {"ca": "secret://ca"}}, "tls")
        tls = {"ca": "secret://ca", "server_name": "inner.example"}
        assert (await http(run_of({"url": target.url(), "tls": tls})))["status"] == 200
        await expect_failure(http, {"url": target.url(), "tls": tls | {"server_name": "else.example"}}, "tls")


@pytest.mark.parametrize(
    ("tls", "words"),
    [
        ({"ca": "secret://words"}, "secret://words holds no certificate"),
        ({"ca": "secret://tls.key"}, "secret://tls.key holds no certificate"),
        ({"certificate": "secret://words"}, "secret://words holds no certificate with its key"),
        ({"certificate": "secret://tls.crt"}, "secret://tls.crt holds no certificate with its key"),
        ({"certificate": "secret://tls.crt", "key": "secret://other-key"}, "secret://other-key is not the"),
        ({"certificate": "secret://locked"}, "secret://locked holds an encrypted key"),
        ({"certificate": "secret://tls.crt", "key": "secret://locked-key"}, "secret://locked-key holds an encrypted"),
    ],
)
async def test_unusable_texts_are_named_by_their_reference(http: Handler, tls: dict[str, str], words: str) -> None:
    error = await expect_failure(http, {"url": "https://127.0.0.1:1/", "tls": tls}, "unusable_secret")
    assert words in str(error)
    assert error.final
    assert "BEGIN" not in str(error)


async def test_an_unknown_reference_sends_nothing(http: Handler) -> None:
    async with tls_server() as target:
        await expect_failure(http, {"url": target.url(), "tls": {"ca": "secret://nothing"}}, "unknown_secret")
        assert target.requests == []


async def test_an_address_that_is_closed_stays_closed(http: Handler) -> None:
    tls = {"ca": "secret://ca", "server_name": "127.0.0.1"}
    await expect_failure(http, {"url": "https://127.0.0.2/", "tls": tls}, "blocked_address")


def test_equal_texts_share_a_context_and_only_so_many_are_kept() -> None:
    contexts = TlsContexts()
    first = contexts.context(PemTexts(ca=SECRETS["CA"]))
    assert contexts.context(PemTexts(ca=SECRETS["CA"])) is first
    assert contexts.context(PemTexts(ca=SECRETS["OTHER_CA"])) is not first
    assert first.verify_mode is ssl.CERT_REQUIRED
    assert first.check_hostname
    for number in range(MAX_CONTEXTS):
        contexts.context(PemTexts(ca=SECRETS["CA"] + "\n" * (number + 1)))
    assert contexts.context(PemTexts(ca=SECRETS["CA"])) is not first


class WatchedContexts(TlsContexts):
    """Knows in which threads contexts are made."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[threading.Thread] = []

    def context(self, pem: PemTexts) -> ssl.SSLContext:
        self.threads.append(threading.current_thread())
        return super().context(pem)


async def test_authorities_are_read_beside_the_event_loop() -> None:
    contexts = WatchedContexts()
    async with tls_server() as target, checked_session(LOOPBACK) as session:
        handler: Handler = http_handler(session, STORE, SystemClock(), tls_contexts=contexts)
        call = {"url": target.url(), "tls": {"ca": "secret://ca", "certificate": "secret://both"}}
        assert (await handler(run_of(call)))["status"] == 200
    assert contexts.threads
    assert threading.main_thread() not in contexts.threads
