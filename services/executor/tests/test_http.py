"""The handler `http` against a real server: what goes out, what is a good answer, and where redirects lead."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tasker_executor.handlers.http import http_handler
from tasker_executor.http.exchange import MAX_REDIRECTS
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.testing.target_server import LOOPBACK, Handler, TargetServer, expect_failure, run_of, target_server
from tasker_runtime.clock import SystemClock


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[TargetServer]:
    async with target_server() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[Handler]:
    """An `http` that may call 127.0.0.1, and knows one secret."""
    async with checked_session(LOOPBACK) as session:
        yield http_handler(session, SecretStore(None, {"TASKER_SECRET_KEY": "k-12345"}), SystemClock())


async def test_a_text_goes_out_as_it_is(target: TargetServer, http: Handler) -> None:
    result = await http(run_of({"url": target.url("/a?b=c"), "body": "grüße"}))
    assert (result["status"], result["body"], result["redirects"]) == (200, "hello", 0)
    (request,) = target.requests
    assert (request.method, request.path_qs, target.bodies) == ("POST", "/a?b=c", ["grüße".encode()])
    assert request.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(("body", "sent"), [({"a": [1, "ü"]}, '{"a":[1,"ü"]}'), ([], "[]"), (0, "0"), (False, "false")])
async def test_any_other_value_goes_out_as_json(target: TargetServer, http: Handler, body: object, sent: str) -> None:
    await http(run_of({"url": target.url(), "body": body}))
    assert target.bodies == [sent.encode()]
    assert target.requests[0].headers["Content-Type"] == "application/json"


async def test_a_request_says_for_which_run_it_is(target: TargetServer, http: Handler) -> None:
    run_id = "0af7651916cd43dd8448eb211c80319c"
    await http(run_of({"url": target.url()}, run_id=run_id, traceparent=f"00-{'1' * 32}-b7ad6b7169203331-01"))
    (request,) = target.requests
    assert (request.method, target.bodies) == ("GET", [b""])
    assert request.headers["Idempotency-Key"] == run_id
    trace = request.headers["traceparent"].split("-")
    assert (trace[0], trace[1], trace[3]) == ("00", run_id, "01")
    assert request.headers["User-Agent"].startswith("Tasker/")
    assert "Content-Type" not in request.headers
    assert "webhook-signature" not in request.headers


async def test_method_and_headers_are_the_task_s(target: TargetServer, http: Handler) -> None:
    headers = {"X-One": "1", "content-type": "application/cloudevents+json", "User-Agent": "me", "X-Empty": ""}
    payload = {"url": target.url(), "method": "PATCH", "headers": headers, "body": {"a": 1}}
    await http(run_of(payload))
    (request,) = target.requests
    assert request.method == "PATCH"
    assert {name: request.headers.getall(name) for name in headers} == {n: [v] for n, v in headers.items()}


@pytest.mark.parametrize("method", ["HEAD", "DELETE", "OPTIONS", "PROPFIND"])
async def test_other_methods(target: TargetServer, http: Handler, method: str) -> None:
    assert (await http(run_of({"url": target.url(), "method": method})))["status"] == 200
    assert target.requests[0].method == method


async def test_connections_are_used_again(target: TargetServer, http: Handler) -> None:
    for _ in range(3):
        await http(run_of({"url": target.url(), "body": {}}))
    assert len({request.transport for request in target.requests}) == 1


@pytest.mark.parametrize(
    ("expect", "good", "bad"),
    [(None, [200, 204], [302, 404]), ([404], [404], [200, 500]), (["2xx", "4xx", 301], [202, 410, 301], [302, 500])],
)
async def test_the_task_says_which_answers_are_good(
    target: TargetServer, http: Handler, expect: object, good: list[int], bad: list[int]
) -> None:
    more = {} if expect is None else {"expect": expect}
    for code in good:
        assert (await http(run_of({"url": target.url(f"/status?code={code}"), **more})))["status"] == code
    for code in bad:
        error = await expect_failure(http, {"url": target.url(f"/status?code={code}"), **more}, "http_status")
        result: Any = error.result
        assert result["status"] == code
        assert str(code) in str(error)


@pytest.mark.parametrize(
    ("code", "final"),
    [
        (400, True),
        (401, True),
        (404, True),
        (422, True),
        (302, True),
        (304, True),
        (408, False),
        (409, False),
        (423, False),
        (425, False),
        (429, False),
        (500, False),
        (502, False),
        (503, False),
        (504, False),
    ],
)
async def test_which_statuses_are_worth_another_attempt(
    target: TargetServer, http: Handler, code: int, final: bool
) -> None:
    error = await expect_failure(http, {"url": target.url(f"/status?code={code}&after=17")}, "http_status")
    assert (error.final, error.wait_seconds) == (final, 0 if final else 17)


async def test_a_good_answer_that_was_not_expected_is_worth_another_attempt(
    target: TargetServer, http: Handler
) -> None:
    error = await expect_failure(http, {"url": target.url("/status?code=204"), "expect": [200]}, "http_status")
    assert not error.final


async def test_redirects_are_refused_unless_they_are_to_be_followed(target: TargetServer, http: Handler) -> None:
    error = await expect_failure(http, {"url": target.url("/redirect?to=/end")}, "http_status")
    assert "redirect" in str(error)
    assert [request.path for request in target.requests] == ["/redirect"]
    result = await http(run_of({"url": target.url("/redirect?to=/end"), "redirects": "follow"}))
    assert (result["status"], result["redirects"], result["url"]) == (200, 1, target.url("/end"))
    error = await expect_failure(http, {"url": target.url("/loop"), "redirects": "follow"}, "too_many_redirects")
    assert error.final
    assert len([r for r in target.requests if r.path == "/loop"]) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("code", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (301, "PUT", "PUT"),
        (302, "DELETE", "DELETE"),
        (307, "POST", "POST"),
        (308, "PATCH", "PATCH"),
    ],
)
async def test_the_method_after_a_redirect_follows_rfc_9110(
    target: TargetServer, http: Handler, code: int, method: str, then: str
) -> None:
    payload = {"url": target.url(f"/redirect?to=/end&code={code}"), "method": method, "redirects": "follow"}
    await http(run_of(payload | {"body": {"a": 1}}))
    first, second = target.requests
    assert (first.method, second.method) == (method, then)
    kept = then == method and code != 303
    assert target.bodies[1] == (target.bodies[0] if kept else b"")
    assert second.headers.get("Content-Type") == ("application/json" if kept else None)


async def test_another_origin_gets_no_header_that_may_be_secret(target: TargetServer, http: Handler) -> None:
    headers = {"Authorization": "Bearer abc", "Cookie": "a=b", "X-Api-Key": "secret://key", "Accept": "text/plain"}
    payload: dict[str, Any] = {"headers": headers, "redirects": "follow", "body": "x", "method": "PUT"}
    async with target_server() as other:
        for to, reached in (("/end", target), (other.url("/end"), other), (f"http://localhost:{target.port}/", target)):
            await http(run_of(payload | {"url": target.url(f"/redirect?to={to}&code=307")}))
            sent, own = reached.requests[-1].headers, to == "/end"
            assert [name in sent for name in ("Authorization", "Cookie", "X-Api-Key")] == [own, own, own], to
            assert (sent["Accept"], sent["Idempotency-Key"]) == ("text/plain", "the-run-id")
            assert reached.bodies[-1] == b"x"


async def test_credentials_in_the_url_are_sent_and_not_recorded(target: TargetServer, http: Handler) -> None:
    result = await http(run_of({"url": target.url("/echo").replace("://", "://me:secret://key@")}))
    assert target.requests[0].headers["Authorization"] == "Basic bWU6ay0xMjM0NQ=="
    assert "k-12345" not in str(result)
    assert "bWU6ay0xMjM0NQ" not in str(result)
    assert result["url"] == target.url("/echo")


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "http://a/",
        {},
        {"url": "ftp://a/"},
        {"url": "http://a/", "sign": {"secrets": []}},
        {"url": 5},
        *(
            {"url": "http://a/", "headers": {name: "x"}}
            for name in ("Host", "content-length", "Transfer-Encoding", "a b")
        ),
        *({"url": "http://a/", "headers": {"X": value}} for value in ("a\r\nB: c", "a\nb", "a\0", " a", "ä")),
        {"url": "http://a/", "headers": {"X\r\nY": "a"}},
        {"url": "http://a/", "method": "GET / HTTP/1.1\r\nX: y"},
        {"url": "http://a/", "method": "CONNECT"},
        {"url": "http://a/\r\nX: y"},
        {"url": "http://a/", "verify": False},
    ],
)
async def test_a_payload_that_is_none_is_refused_for_good(http: Handler, payload: object) -> None:
    error = await expect_failure(http, payload, "invalid_payload")
    assert error.final
    assert "/payload" in str(error)
