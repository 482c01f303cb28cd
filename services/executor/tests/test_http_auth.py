"""`auth` of `http`: user and password, bearer tokens, and tokens by client credentials."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from yarl import URL

from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.http import http_handler
from tasker_executor.http.oauth2.access_tokens import MARGIN_SECONDS, AccessTokens
from tasker_executor.http.oauth2.token_request import TokenRequest
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.testing.proxy_server import proxy_server
from tasker_executor.testing.target_server import LOOPBACK, Handler, TargetServer, expect_failure, run_of, target_server
from tasker_executor.testing.token_server import TokenServer, token_server

SECRETS = {
    "USER": "worker",
    "PW": "p:w ü/1",
    "TOKEN": "tok3n.abc",
    "CLIENT": "s&cret/1",
    "BAD": "two words",
    "NL": "a\nb",
}


class SettableClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._now_ms = 1_000_000

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._now_ms += round(seconds * 1000)


STORE = SecretStore(None, {f"TASKER_SECRET_{name}": value for name, value in SECRETS.items()})


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[TargetServer]:
    async with target_server() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[TokenServer]:
    async with token_server() as found:
        yield found


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest_asyncio.fixture(loop_scope="session")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with checked_session(LOOPBACK) as opened:
        yield opened


@pytest.fixture
def http(session: aiohttp.ClientSession, clock: SettableClock) -> Handler:
    return http_handler(session, STORE, clock)


def token_request(server: TokenServer, client: str = "me") -> TokenRequest:
    return TokenRequest(URL(f"{server.url}/token"), client, "s", client_in_body=True)


def authorized(server: TokenServer, **more: Any) -> dict[str, Any]:
    oauth2 = {"token_url": f"{server.url}/token", "client_id": "me", "client_secret": "secret://client"}
    return {"url": f"{server.url}/api", "auth": {"oauth2": oauth2 | more}}


async def test_user_and_password(target: TargetServer, http: Handler) -> None:
    auth = {"basic": {"user": "secret://user", "password": "secret://pw"}}
    result = await http(run_of({"url": target.url("/echo"), "auth": auth}))
    credentials = b64encode("worker:p:w ü/1".encode()).decode()
    assert target.requests[0].headers["Authorization"] == f"Basic {credentials}"
    assert credentials not in str(result)


async def test_a_bearer_token(target: TargetServer, http: Handler) -> None:
    result = await http(run_of({"url": target.url("/echo"), "auth": {"bearer": "secret://token"}}))
    assert target.requests[0].headers["Authorization"] == "Bearer tok3n.abc"
    assert "tok3n" not in str(result)
    for name in ("bad", "nl"):
        payload = {"url": target.url(), "auth": {"bearer": f"secret://{name}"}}
        assert f"secret://{name}" in str(await expect_failure(http, payload, "unusable_secret"))
    assert len(target.requests) == 1


async def test_neither_goes_to_another_origin(target: TargetServer, http: Handler) -> None:
    async with target_server() as other:
        url = target.url(f"/redirect?to={other.url()}")
        for auth in ({"bearer": "secret://token"}, {"basic": {"user": "u", "password": "secret://pw"}}):
            await http(run_of({"url": url, "auth": auth, "redirects": "follow"}))
        assert ["Authorization" in request.headers for request in other.requests] == [False, False]
        assert ["Authorization" in request.headers for request in target.requests] == [True, True]


@pytest.mark.parametrize("client_auth", ["basic", "post"])
async def test_a_token_is_asked_for_and_used(server: TokenServer, http: Handler, client_auth: str) -> None:
    more = {"scope": "read write", "audience": "https://api.example/", "client_auth": client_auth}
    result = await http(run_of(authorized(server, **more)))
    (form,) = server.forms
    client = {"client_id": "me", "client_secret": "s&cret/1"} if client_auth == "post" else {}
    expected = {"grant_type": "client_credentials", "scope": "read write", "audience": "https://api.example/"}
    assert form == expected | client
    basic = f"Basic {b64encode(b'me:s%26cret%2F1').decode()}"
    assert server.authorizations == [basic if client_auth == "basic" else None]
    assert server.calls == ["Bearer token-1"]
    assert result["body"] == "you have Bearer [redacted]"


async def test_a_token_is_kept_until_shortly_before_it_expires(
    server: TokenServer, http: Handler, clock: SettableClock
) -> None:
    for _ in range(3):
        await http(run_of(authorized(server)))
    assert len(server.forms) == 1
    clock.advance(3600 - MARGIN_SECONDS - 1)
    await http(run_of(authorized(server)))
    assert len(server.forms) == 1
    clock.advance(2)
    await http(run_of(authorized(server)))
    assert server.calls[-1] == "Bearer token-2"


@pytest.mark.parametrize(
    ("expires_in", "good_for"),
    [(None, 300), ("60", 60), (20, 20), (10**9, 24 * 3600), ("soon", 300), (-5, 0), ("inf", 300)],
)
async def test_how_long_a_token_is_good(
    server: TokenServer, http: Handler, clock: SettableClock, expires_in: object, good_for: int
) -> None:
    server.more = {} if expires_in is None else {"expires_in": expires_in}
    seconds = good_for - min(30, good_for * 0.1)
    await http(run_of(authorized(server)))
    if seconds:
        clock.advance(seconds - 1)
        await http(run_of(authorized(server)))
        assert len(server.forms) == 1
        clock.advance(2)
    await http(run_of(authorized(server)))
    assert len(server.forms) == 2


async def test_other_clients_scopes_and_audiences_have_tokens_of_their_own(server: TokenServer, http: Handler) -> None:
    for more in ({}, {"scope": "a"}, {"audience": "b"}, {"client_id": "c"}, {"client_secret": "secret://token"}):
        await http(run_of(authorized(server, **more)))
        await http(run_of(authorized(server, **more)))
    assert len(server.forms) == 5


async def test_many_runs_ask_once_and_one_that_is_cancelled_takes_the_token_from_nobody(
    server: TokenServer, http: Handler
) -> None:
    server.gate.clear()
    runs = [asyncio.ensure_future(http(run_of(authorized(server)))) for _ in range(20)]
    async with asyncio.timeout(10):
        await server.asked.wait()
        runs[0].cancel()
        server.gate.set()
        results = await asyncio.gather(*runs, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert [one["status"] for one in results[1:] if not isinstance(one, BaseException)] == [200] * 19
    assert (len(server.forms), len(server.calls)) == (1, 19)


async def test_a_token_that_is_not_taken_any_more_is_replaced_once(server: TokenServer, http: Handler) -> None:
    await http(run_of(authorized(server)))
    server.good.clear()
    assert (await http(run_of(authorized(server))))["status"] == 200
    assert server.calls == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


async def test_a_server_that_takes_no_token_fails_the_attempt(server: TokenServer, http: Handler) -> None:
    payload = authorized(server) | {"url": server.url.replace("127.0.0.1", "localhost") + "/api"}
    await http(run_of(payload))
    server.takes_any = False
    error = await expect_failure(http, payload, "http_status")
    assert error.final
    assert len(server.forms) == 2
    assert "token-" not in str(error) + str(error.result)


def given(status: int, content: object) -> web.Response:
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return web.Response(status=status, body=body)


@pytest.mark.parametrize(
    ("answer", "final", "words"),
    [
        (
            given(401, {"error": "invalid_client", "error_description": "no s&cret/1"}),
            True,
            "(invalid_client no [redacted])",
        ),
        (given(401, {"error": "x", "error_description": "x" * 195 + "s&cret/1"}), True, "xxx[reda)"),
        (given(200, {"access_token": "a" * 8_001}), False, "no usable access_token"),
        (given(400, {"error": "invalid_scope"}), True, "answered 400 (invalid_scope); check client_id"),
        (given(400, {"error": "temporarily_unavailable"}), False, "temporarily_unavailable"),
        (given(503, b"<html>"), False, "answered 503"),
        (given(429, b""), False, "answered 429"),
        (given(302, b""), True, "answered 302"),
        (given(200, b"<html>maintenance"), False, "no usable access_token"),
        (given(200, {"token": "x"}), False, "no usable access_token"),
        (given(200, {"access_token": 5}), False, "no usable access_token"),
        (given(200, {"access_token": "a\r\nX-Injected: b"}), False, "no usable access_token"),
        (given(200, {"access_token": "a", "token_type": "mac"}), True, "only bearer"),
        (given(200, b"[" * 70_000), False, "no usable access_token"),
    ],
)
async def test_why_there_is_no_token(
    server: TokenServer, http: Handler, answer: web.Response, final: bool, words: str
) -> None:
    server.answer = answer
    error = await expect_failure(http, authorized(server), "oauth2")
    assert words in str(error)
    assert "s&c" not in str(error)
    assert "127.0.0.1 gave no token" in str(error) or "127.0.0.1 gave a token" in str(error)
    assert (error.final, error.result) == (final, None)
    assert error.wait_seconds == (7 if answer.status in (429, 503) else 0)
    assert "s&cret" not in str(error)
    assert server.calls == []
    server.answer = None
    assert (await http(run_of(authorized(server))))["status"] == 200


async def test_a_token_s_server_is_called_like_any_other(server: TokenServer, http: Handler) -> None:
    error = await expect_failure(http, authorized(server, token_url="http://127.0.0.2/token"), "blocked_address")
    assert "no token from 127.0.0.2" in str(error)
    error = await expect_failure(http, authorized(server, token_url="http://127.0.0.1:1/token"), "connect")
    assert not error.final
    await expect_failure(http, authorized(server, client_secret="secret://nothing"), "unknown_secret")
    assert server.calls == []


async def test_a_token_s_server_that_does_not_answer_is_given_up(
    server: TokenServer, session: aiohttp.ClientSession, clock: SettableClock
) -> None:
    server.gate.clear()
    tokens = AccessTokens(session, clock, fetch_seconds=0.1)
    with pytest.raises(AttemptFailed, match=r"gave no token within 0\.1 seconds") as caught:
        await tokens.token(token_request(server))
    assert (caught.value.kind, caught.value.final) == ("oauth2", False)


async def test_a_token_is_fetched_the_call_s_own_way(server: TokenServer, http: Handler) -> None:
    async with proxy_server(int(server.url.rpartition(":")[2])) as proxy:
        payload = authorized(server, token_url="http://id.example/token")
        await http(run_of(payload | {"url": "http://api.example/api", "proxy": proxy.url}))
        assert [head.split(" ")[1] for head in proxy.heads] == ["http://id.example/token", "http://api.example/api"]


async def test_only_so_many_tokens_are_kept(
    server: TokenServer, session: aiohttp.ClientSession, clock: SettableClock
) -> None:
    tokens = AccessTokens(session, clock, max_tokens=2)
    for client in ("a", "b", "c", "b", "a"):
        await tokens.token(token_request(server, client))
    assert [form["client_id"] for form in server.forms] == ["a", "b", "c", "a"]


async def test_a_failure_is_not_shared_beyond_its_moment(server: TokenServer, http: Handler) -> None:
    server.answer = given(503, b"")
    server.gate.clear()
    runs = [asyncio.ensure_future(http(run_of(authorized(server)))) for _ in range(3)]
    async with asyncio.timeout(10):
        await server.asked.wait()
        server.gate.set()
        results = await asyncio.gather(*runs, return_exceptions=True)
    assert [type(one) for one in results] == [AttemptFailed] * 3
    assert len(server.forms) == 1
    server.answer = None
    assert (await http(run_of(authorized(server))))["status"] == 200
