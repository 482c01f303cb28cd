"""`http` through a proxy: what the proxy sees, what is checked, and what its refusals mean."""

import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import trustme
from aiohttp.abc import AbstractResolver, ResolveResult

from tasker_executor.handlers.http import http_handler
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.testing.proxy_server import ProxyServer, proxy_server
from tasker_executor.testing.target_server import LOOPBACK, Handler, TargetServer, expect_failure, run_of, target_server
from tasker_runtime.clock import SystemClock

CA: Any = trustme.CA(key_type=trustme.KeyType.ECDSA)
SECRETS = {"TASKER_SECRET_PW": "pr0xy-pw", "TASKER_SECRET_CA": CA.cert_pem.bytes().decode()}


class FewNames(AbstractResolver):
    """Knows two names; all others are known to the proxy alone."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        known = {"inner.example": "10.0.0.7", "metadata.example": "169.254.169.254"}
        if host not in known:
            raise OSError("no such name")
        found = ResolveResult(hostname=host, host=known[host], port=port, family=socket.AF_INET, proto=0, flags=0)
        return [found]

    async def close(self) -> None:
        """Nothing to close."""


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[TargetServer]:
    async with target_server() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(target: TargetServer) -> AsyncIterator[ProxyServer]:
    async with proxy_server(target.port) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[Handler]:
    async with checked_session(LOOPBACK, resolver=FewNames()) as session:
        yield http_handler(session, SecretStore(None, SECRETS), SystemClock())


async def test_a_plain_call_is_forwarded(target: TargetServer, proxy: ProxyServer, http: Handler) -> None:
    url = "http://only-the-proxy-knows.example/a?b=c"
    result = await http(run_of({"url": url, "proxy": proxy.url, "body": "x"}))
    assert (result["status"], result["url"], target.bodies) == (200, url, [b"x"])
    assert proxy.heads[0].startswith(f"POST {url} HTTP/1.1\r\n")
    assert "proxy-authorization" not in proxy.heads[0].lower()


async def test_user_and_password_are_for_the_proxy_and_in_no_record(
    target: TargetServer, proxy: ProxyServer, http: Handler
) -> None:
    with_password = proxy.url.replace("://", "://me:secret://pw@")
    result = await http(run_of({"url": "http://a.example/echo", "proxy": with_password}))
    credentials = b64encode(b"me:pr0xy-pw").decode()
    assert f"Proxy-Authorization: Basic {credentials}\r\n" in proxy.heads[0]
    assert credentials not in str(result)
    assert "pr0xy-pw" not in str(result)
    assert "Authorization" not in target.requests[0].headers


async def test_tls_goes_through_a_tunnel(http: Handler) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    CA.issue_cert("tunnel.example").configure_cert(context)
    async with target_server(tls=context) as target, proxy_server(target.port) as proxy:
        payload = {"url": "https://tunnel.example/x", "proxy": proxy.url.replace("://", "://me:secret://pw@")}
        await expect_failure(http, payload, "tls")
        result = await http(run_of(payload | {"tls": {"ca": "secret://ca"}}))
        assert (result["status"], target.requests[0].path) == (200, "/x")
        assert proxy.heads[-1].startswith("CONNECT tunnel.example:443 HTTP/1.1\r\n")
        assert "Proxy-Authorization: Basic" in proxy.heads[-1]
        assert "Proxy-Authorization" not in target.requests[0].headers
        assert "/x" not in proxy.heads[-1]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.2", "10.0.0.1", "[::1]", "169.254.169.254", "0x7f.2", "2130706434", "[::ffff:10.0.0.1]",
        "inner.example", "metadata.example", "10.0.0.1.", "0xA9FEA9FE.", "169.254.169.254..", "inner.example.",
        "1%36%39.254.169.254",
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_is_not_asked_for_what_is_closed(
    proxy: ProxyServer, http: Handler, host: str, scheme: str
) -> None:
    error = await expect_failure(http, {"url": f"{scheme}://{host}/", "proxy": proxy.url}, "blocked_address")
    assert error.final
    assert proxy.heads == []


async def test_nor_by_a_redirect(target: TargetServer, proxy: ProxyServer, http: Handler) -> None:
    payload = {"proxy": proxy.url, "redirects": "follow"}
    url = "http://a.example/redirect?to=http://10.0.0.1/"
    await expect_failure(http, payload | {"url": url}, "blocked_address")
    assert len(proxy.heads) == len(target.requests) == 1
    await expect_failure(
        http, payload | {"url": "http://a.example/redirect?to=http://1%2536%2539.254.169.254/"}, "blocked_address"
    )
    onward = "http://a.example/redirect?to=http://b.example/end"
    assert (await http(run_of(payload | {"url": onward})))["url"] == "http://b.example/end"
    assert proxy.heads[-1].startswith("GET http://b.example/end ")


async def test_the_proxy_s_own_address_is_checked(http: Handler) -> None:
    for host in ("127.0.0.2", "10.0.0.1", "inner.example"):
        payload = {"url": "http://a.example/", "proxy": f"http://{host}:3128"}
        error = await expect_failure(http, payload, "blocked_address")
        assert host in str(error)
        assert error.final


@pytest.mark.parametrize(("status", "final"), [(407, True), (403, True), (502, False), (504, False)])
async def test_a_tunnel_that_is_not_opened_says_so(proxy: ProxyServer, http: Handler, status: int, final: bool) -> None:
    proxy.answer = b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status
    payload = {"url": "https://a.example/", "proxy": proxy.url.replace("://", "://me:secret://pw@")}
    error = await expect_failure(http, payload, "proxy")
    assert f"the proxy 127.0.0.1 answered {status} to the request for a.example" in str(error)
    assert error.final == final
    assert "pr0xy-pw" not in str(error)


async def test_a_proxy_that_is_not_there_is_named(target: TargetServer, http: Handler) -> None:
    async with proxy_server(target.port) as gone:
        pass
    error = await expect_failure(http, {"url": "http://a.example/", "proxy": gone.url}, "connect")
    assert gone.url.removeprefix("http://") in str(error)
    error = await expect_failure(http, {"url": "http://a.example/", "proxy": "http://nowhere.example:1"}, "dns")
    assert "nowhere.example" in str(error)
