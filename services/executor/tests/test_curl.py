"""The handler `curl` against a real server, with the guard where the connection is made."""

import asyncio
import gzip
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web

from tasker_core.messages import Run
from tasker_executor.body import MAX_BODY_BYTES
from tasker_executor.failure import Failed
from tasker_executor.guarded_transport import guarded_transport
from tasker_executor.handlers.curl import MAX_REDIRECTS, curl_handler

LOOPBACK = [ip_network("127.0.0.1/32")]
AT = "2026-01-01T12:00:00.000Z"
Curl = Callable[[Run], Awaitable[Any]]


def run_of(payload: object) -> Run:
    return Run(
        run_id="the-run-id",
        task_id="t",
        task_name="T",
        generation=1,
        version=1,
        nominal_at=AT,
        effective_at=AT,
        emitted_at=AT,
        handler="curl",
        payload=msgspec.Raw(msgspec.json.encode(payload)),
    )


@dataclass
class Target:
    """A server on 127.0.0.1 that notes what it was asked."""

    requests: list[web.Request] = field(default_factory=list[web.Request])
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        match request.path:
            case "/status":
                return web.Response(status=int(request.query["code"]), text="what it says")
            case "/redirect":
                return web.Response(status=302, headers={"Location": request.query["to"]}, text="onward")
            case "/round":
                return web.Response(status=307, headers={"Location": "/round"})
            case "/nowhere":
                return web.Response(status=301)
            case "/cookie":
                return web.Response(text=request.headers.get("Cookie", "none"), headers={"Set-Cookie": "a=b"})
            case "/gzip":
                return web.Response(body=gzip.compress(b"packed"), headers={"Content-Encoding": "gzip"})
            case "/latin":
                return web.Response(body=b"\xfc", content_type="text/plain", charset="iso-8859-1")
            case "/headers":
                return web.Response(headers={f"X-{n}": "a" * 6000 for n in range(20)})
            case "/endless":
                return await self._endless(request)
            case "/hang":
                await asyncio.Event().wait()
            case "/broken":
                assert request.transport is not None
                request.transport.close()
            case _:
                pass
        return web.Response(text="hello")

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"x" * 8192)
        finally:
            self.gone.set()


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[Target]:
    found = Target()
    app = web.Application()
    app.router.add_get("/{path:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.port = runner.addresses[0][1]
    yield found
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def curl() -> AsyncIterator[Curl]:
    """A `curl` that may call 127.0.0.1."""
    async with guarded_transport(LOOPBACK) as transport:
        yield curl_handler(transport)


@pytest_asyncio.fixture(loop_scope="session")
async def guarded() -> AsyncIterator[Curl]:
    """A `curl` without an allow-list."""
    async with guarded_transport(()) as transport:
        yield curl_handler(transport)


async def failure(curl: Curl, payload: object, kind: str) -> Failed:
    with pytest.raises(Failed) as caught:
        await curl(run_of(payload))
    assert caught.value.kind == kind, caught.value
    assert "secret" not in str(caught.value)
    return caught.value


async def test_what_is_answered_is_recorded(target: Target, curl: Curl) -> None:
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
async def test_bodies_become_text(target: Target, curl: Curl, path: str, body: str) -> None:
    assert (await curl(run_of(target.url(path))))["body"] == body


async def test_an_endless_body_is_cut_and_the_connection_closed(target: Target, curl: Curl) -> None:
    result = await curl(run_of(target.url("/endless")))
    assert (len(result["body"]), result["truncated"]) == (MAX_BODY_BYTES, True)
    async with asyncio.timeout(10):
        await target.gone.wait()


async def test_many_headers_are_cut(target: Target, curl: Curl) -> None:
    result = await curl(run_of(target.url("/headers")))
    assert 20_000 < sum(map(len, result["headers"].values())) <= 32 * 1024


@pytest.mark.parametrize("code", [400, 404, 500, 503])
async def test_an_error_status_is_a_failure_that_keeps_what_was_received(target: Target, curl: Curl, code: int) -> None:
    error = await failure(curl, target.url(f"/status?code={code}"), "http_status")
    assert str(code) in str(error)
    result: Any = error.result
    assert (result["status"], result["body"]) == (code, "what it says")


async def test_redirects_are_followed_to_an_end(target: Target, curl: Curl) -> None:
    result = await curl(run_of(target.url("/redirect?to=/redirect?to=/end")))
    assert (result["status"], result["redirects"], result["url"]) == (200, 2, target.url("/end"))
    assert (await curl(run_of(target.url("/nowhere"))))["status"] == 301
    await failure(curl, target.url("/round"), "too_many_redirects")
    assert len([r for r in target.requests if r.path == "/round"]) == MAX_REDIRECTS + 1
    for to in ("ftp://a/", "file:///etc/passwd", "http://a:port/"):
        await failure(curl, target.url(f"/redirect?to={to}"), "invalid_url")


async def test_every_hop_is_guarded(target: Target, curl: Curl) -> None:
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
async def test_no_notation_of_a_closed_address_gets_through(target: Target, guarded: Curl, host: str) -> None:
    with pytest.raises(Failed) as caught:
        await guarded(run_of(f"http://{host}:{target.port}/"))
    assert caught.value.kind in ("blocked_address", "invalid_url", "dns")
    if host in ("127.0.0.1", "localhost", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"):
        assert caught.value.kind == "blocked_address"
        assert "TASKER_EXECUTOR_ALLOW_NETWORKS" in str(caught.value)
    assert not target.requests


@pytest.mark.parametrize("payload", [None, 5, "", "hello", "ftp://a/b", "http://", "http:///x", {"uri": "x"}, ["x"]])
async def test_what_is_no_url(curl: Curl, payload: object) -> None:
    await failure(curl, payload, "invalid_url")


async def test_errors_have_words(target: Target, curl: Curl) -> None:
    await failure(curl, "http://no-such-host.invalid/", "dns")
    await failure(curl, "http://user:secret@127.0.0.1:1/", "connect")
    await failure(curl, target.url("/broken"), "disconnected")
    await failure(curl, f"https://127.0.0.1:{target.port}/", "tls")


@pytest.fixture
def own_certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for `localhost` that no authority has signed, and its key."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=60)
    return certificate, key


async def test_a_certificate_nobody_trusts_is_refused(own_certificate: tuple[Path, Path], curl: Curl) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*own_certificate)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    assert "certificate" in str(await failure(curl, f"https://127.0.0.1:{port}/", "tls"))
    server.close()


async def test_what_is_no_http_is_told(curl: Curl) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"220 mail.example.org ESMTP\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    await failure(curl, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", "protocol")
    server.close()


async def test_credentials_go_to_their_server_and_nowhere_else(target: Target, curl: Curl) -> None:
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


async def test_a_redirect_to_a_url_with_credentials_is_told_without_them(target: Target, curl: Curl) -> None:
    error = await failure(curl, target.url("/redirect?to=http://u:secret@127.0.0.1:1/x"), "connect")
    assert "secret" not in str(error)


async def test_cookies_are_not_kept(target: Target, curl: Curl) -> None:
    for _ in range(2):
        result = await curl(run_of(target.url("/cookie")))
        assert result["body"] == "none"


async def test_a_proxy_of_the_environment_is_not_used(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    async with guarded_transport(LOOPBACK) as transport:
        result: Any = await curl_handler(transport)(run_of(target.url()))
    assert result["status"] == 200


async def test_a_timeout_of_the_attempt_ends_the_call(target: Target, curl: Curl) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await curl(run_of(target.url("/hang")))
