"""No way for `http` to an address that is closed, on real sockets: notations, names, redirects, proxies, schemes."""

import socket
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.abc import AbstractResolver, ResolveResult

from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.http import http_handler
from tasker_executor.http.address_policy import Network
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.testing.target_server import LOOPBACK, Handler, TargetServer, expect_failure, run_of, target_server
from tasker_runtime.clock import SystemClock


class Names(AbstractResolver):
    """Resolves every name to the next of some answers, each of them addresses."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.asked, self._answers = 0, answers

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address, family in zip(addresses, families, strict=True)
        ]

    async def close(self) -> None:
        """Nothing to close."""


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[TargetServer]:
    """Listens on every IPv4 address of this machine: what reaches it has passed the guard."""
    async with target_server("0.0.0.0") as found:
        yield found


@asynccontextmanager
async def opened(allowed: Sequence[Network] = (), names: AbstractResolver | None = None) -> AsyncGenerator[Handler]:
    """An `http` of its own."""
    async with checked_session(allowed, resolver=names) as session:
        yield http_handler(session, SecretStore(None, {}), SystemClock())


def following(url: str) -> dict[str, str]:
    return {"url": url, "redirects": "follow"}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "0x7f.1",
        "127.000.000.001",
        "localhost",
        "LOCALHOST.",
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[fe80::1]",
        "[fc00::1]",
        "10.0.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "good.example@127.0.0.1",
        "good.example:80@127.0.0.1",
        "good.example%40127.0.0.1@127.0.0.1",
    ],
)
async def test_no_notation_of_a_closed_address_gets_through(target: TargetServer, host: str) -> None:
    async with opened() as http:
        for payload in (
            following(f"http://{host}:{target.port}/"),
            {"url": f"http://{host}:{target.port}/", "method": "POST", "body": {"a": 1}},
        ):
            with pytest.raises(AttemptFailed) as caught:
                await http(run_of(payload))
            assert caught.value.kind in ("blocked_address", "invalid_url", "invalid_payload", "dns")
            assert caught.value.final or caught.value.kind == "dns"
    assert not target.requests


@pytest.mark.parametrize(
    "host",
    ["127.0.0.2", "2130706434", "127.2", "[::1]", "[::ffff:127.0.0.2]", "10.0.0.1", "169.254.169.254", "x@127.0.0.2"],
)
@pytest.mark.parametrize("code", [301, 303, 307])
async def test_no_redirect_leads_to_a_closed_address(target: TargetServer, host: str, code: int) -> None:
    async with opened(LOOPBACK) as http:
        to = f"http://{host}:{target.port}/closed"
        with pytest.raises(AttemptFailed) as caught:
            await http(run_of(following(target.url(f"/redirect?to={to}&code={code}"))))
        assert caught.value.kind in ("blocked_address", "invalid_url")
        assert caught.value.final
    assert {request.path for request in target.requests} == {"/redirect"}


@pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://127.0.0.1:70/_x", "ftp://127.0.0.1/", "data:,x"])
async def test_no_other_scheme_is_followed_or_taken(target: TargetServer, to: str) -> None:
    async with opened(LOOPBACK) as http:
        assert (await expect_failure(http, following(target.url(f"/redirect?to={to}")), "invalid_url")).final
        assert (await expect_failure(http, following(to), "invalid_payload")).final


@pytest.mark.parametrize("addresses", [["127.0.0.2"], ["10.0.0.1"], ["::1"], ["::ffff:127.0.0.2"], ["169.254.169.254"]])
async def test_a_name_of_a_closed_address_is_refused(target: TargetServer, addresses: list[str]) -> None:
    async with opened(LOOPBACK, Names(addresses)) as http:
        error = await expect_failure(http, following(f"http://innocent.example:{target.port}/"), "blocked_address")
    assert "innocent.example" in str(error)
    assert not target.requests


async def test_of_a_name_with_several_addresses_only_open_ones_are_called(target: TargetServer) -> None:
    names = Names(["127.0.0.2", "10.0.0.1", "127.0.0.1"])
    async with opened(LOOPBACK, names) as http:
        await http(run_of(following(f"http://mixed.example:{target.port}/")))
    assert target.addresses == ["127.0.0.1"]


async def test_a_name_that_changes_between_look_ups_gains_nothing(target: TargetServer) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    for asked in (1, 2):
        async with opened(LOOPBACK, names) as http:  # each with no connection and no name in memory
            url = following(f"http://rebinding.example:{target.port}/")
            if asked == 1:
                await http(run_of(url))
            else:
                await expect_failure(http, url, "blocked_address")
        assert names.asked == asked  # the address that is checked is the one connected to: nothing is looked up twice
    assert target.addresses == ["127.0.0.1"]


async def test_a_proxy_of_the_environment_is_not_used(target: TargetServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:1/")
    async with opened(LOOPBACK) as http:
        assert (await http(run_of({"url": target.url()})))["status"] == 200


async def test_credentials_of_the_environment_are_not_used(
    target: TargetServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    async with opened(LOOPBACK) as http:
        await http(run_of({"url": target.url()}))
    assert "Authorization" not in target.requests[0].headers
