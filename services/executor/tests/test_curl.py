"""The handler `curl` against a real server, with the address check where the connection is made."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.curl import curl_handler
from tasker_executor.http.body.response_body import MAX_BODY_BYTES
from tasker_executor.http.exchange import MAX_REDIRECTS
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
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

NO_SECRETS = SecretStore(None, {})
CLOCK = SystemClock()


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[TargetServer]:
    async with target_server() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def curl() -> AsyncIterator[Handler]:
    """A `curl` that may call 127.0.0.1."""
    async with checked_session(LOOPBACK) as session:
        yield curl_handler(session, NO_SECRETS, CLOCK)


@pytest_asyncio.fixture(loop_scope="session")
async def guarded() -> AsyncIterator[Handler]:
    """A `curl` without an allow-list."""
    async with checked_session(()) as session:
        yield curl_handler(session, NO_SECRETS, CLOCK)


async def failure(curl: Handler, payload: object, kind: str) -> AttemptFailed:
    """A failure that contains no secret."""
    found = await expect_failure(curl, payload, kind)
    assert "secret" not in str(found)
    return found


async def test_what_is_answered_is_recorded(target: TargetServer, curl: Handler) -> None:
    result = await curl(run_of(target.url("/a?b=c")))
    assert (result["status"], result["body"], result["truncated"], result["redirects"]) == (200, "hello", False, 0)
    assert result["headers"]["content-type"] == "text/plain; charset=utf-8"
    assert result["url"] == target.url("/a?b=c")
    assert 0 <= result["elapsed_ms"] < 5_000
    (request,) = target.requests
    assert request.headers["Idempotency-Key"] == "the-run-id"
    assert request.headers["User-Agent"].startswith("Tasker/")
    assert (await curl(run_of({"url": target.url()})))["status"] == 200


@pytest.mark.parametrize(("path", "body"), [("/gzip", "packed"), ("/latin", "ü")])
async def test_bodies_become_text(target: TargetServer, curl: Handler, path: str, body: str) -> None:
    assert (await curl(run_of(target.url(path))))["body"] == body


async def test_an_endless_body_is_cut_and_the_connection_closed(target: TargetServer, curl: Handler) -> None:
    result = await curl(run_of(target.url("/endless")))
    assert (len(result["body"]), result["truncated"]) == (MAX_BODY_BYTES, True)
    async with asyncio.timeout(10):
        await target.disconnected.wait()


async def test_many_headers_are_cut(target: TargetServer, curl: Handler) -> None:
    result = await curl(run_of(target.url("/headers")))
    assert 20_000 < sum(map(len, result["headers"].values())) <= 32 * 1024


@pytest.mark.parametrize("code", [400, 404, 500, 503])
async def test_an_error_status_is_a_failure_that_keeps_what_was_received(
    target: TargetServer, curl: Handler, code: int
) -> None:
    error = await failure(curl, target.url(f"/status?code={code}"), "http_status")
    assert str(code) in str(error)
    result: Any = error.result
    assert (result["status"], result["body"]) == (code, "what it says")


async def test_redirects_are_followed_to_an_end(target: TargetServer, curl: Handler) -> None:
    result = await curl(run_of(target.url("/redirect?to=/redirect?to=/end")))
    assert (result["status"], result["redirects"], result["url"]) == (200, 2, target.url("/end"))
    assert (await curl(run_of(target.url("/nowhere"))))["status"] == 301
    await failure(curl, target.url("/loop"), "too_many_redirects")
    assert len([r for r in target.requests if r.path == "/loop"]) == MAX_REDIRECTS + 1
    for to in ("ftp://a/", "file:///etc/passwd", "http://a:port/"):
        await failure(curl, target.url(f"/redirect?to={to}"), "invalid_url")


async def test_the_address_of_every_hop_is_checked(target: TargetServer, curl: Handler) -> None:
    for host in ("127.0.0.2", "10.0.0.1", "[::1]", "169.254.169.254", "[::ffff:127.0.0.2]", "0x7f.2"):
        await failure(curl, target.url(f"/redirect?to=http://{host}:{target.port}/"), "blocked_address")
    assert {request.path for request in target.requests} == {"/redirect"}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
        "localhost.",
        "LOCALHOST",
    ],
)
async def test_no_notation_of_a_closed_address_gets_through(target: TargetServer, guarded: Handler, host: str) -> None:
    with pytest.raises(AttemptFailed) as caught:
        await guarded(run_of(f"http://{host}:{target.port}/"))
    assert caught.value.kind in ("blocked_address", "invalid_url", "dns")
    if host in ("127.0.0.1", "localhost", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"):
        assert caught.value.kind == "blocked_address"
        assert "TASKER_EXECUTOR_ALLOW_NETWORKS" in str(caught.value)
    assert not target.requests


@pytest.mark.parametrize("payload", [None, 5, "", "hello", "ftp://a/b", "http://", "http:///x", {"uri": "x"}, ["x"]])
async def test_what_is_no_url(curl: Handler, payload: object) -> None:
    await failure(curl, payload, "invalid_url")


async def test_errors_have_words(target: TargetServer, curl: Handler) -> None:
    await failure(curl, "http://no-such-host.invalid/", "dns")
    await failure(curl, "http://user:secret@127.0.0.1:1/", "connect")
    await failure(curl, target.url("/broken"), "disconnected")
    await failure(curl, f"https://127.0.0.1:{target.port}/", "tls")


@pytest.mark.parametrize("host", ["api..example.com", f"{'a' * 64}.example.com"])
async def test_a_host_that_is_no_name_is_told_as_such(curl: Handler, host: str) -> None:
    """Python does not even ask the DNS: the server has not answered wrongly."""
    error = await failure(curl, f"http://{host}/", "dns")
    assert str(error) == f"the name {host} can't be resolved; check its spelling and the DNS"


@pytest.fixture
def own_certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for `localhost` that no authority has signed, and its key."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=60)
    return certificate, key


async def test_a_certificate_nobody_trusts_is_refused(own_certificate: tuple[Path, Path], curl: Handler) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*own_certificate)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    assert "certificate" in str(await failure(curl, f"https://127.0.0.1:{port}/", "tls"))
    server.close()


async def test_what_is_no_http_is_reported(curl: Handler) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"220 mail.example.org ESMTP\r\n\r\n")
        writer.close()

    async with raw_server(babble) as url:
        await failure(curl, url, "protocol")


async def test_credentials_go_to_their_server_and_nowhere_else(target: TargetServer, curl: Handler) -> None:
    secret = target.url("/redirect?to=/own").replace("://", "://user:secret@")
    result = await curl(run_of(secret))
    assert [request.headers["Authorization"] for request in target.requests] == ["Basic dXNlcjpzZWNyZXQ="] * 2
    assert "secret" not in str(result)
    target.requests.clear()
    elsewhere = f"http://localhost:{target.port}/"
    await curl(run_of(target.url(f"/redirect?to={elsewhere}").replace("://", "://user:secret@", 1)))
    assert "Authorization" not in target.requests[-1].headers
    error = await failure(
        curl, target.url("/redirect?to=/status?code=500").replace("://", "://u:secret@"), "http_status"
    )
    assert "secret" not in str(error.result)


async def test_a_redirect_to_a_url_with_credentials_is_reported_without_them(
    target: TargetServer, curl: Handler
) -> None:
    error = await failure(curl, target.url("/redirect?to=http://u:secret@127.0.0.1:1/x"), "connect")
    assert "secret" not in str(error)


async def test_cookies_are_not_kept(target: TargetServer, curl: Handler) -> None:
    for _ in range(2):
        result = await curl(run_of(target.url("/cookie")))
        assert result["body"] == "none"


async def test_a_proxy_of_the_environment_is_not_used(target: TargetServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    async with checked_session(LOOPBACK) as session:
        result: Any = await curl_handler(session, NO_SECRETS, CLOCK)(run_of(target.url()))
    assert result["status"] == 200


async def test_a_timeout_of_the_attempt_ends_the_call(target: TargetServer, curl: Handler) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await curl(run_of(target.url("/hang")))
