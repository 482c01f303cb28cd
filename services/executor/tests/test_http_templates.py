"""Templates of `http` against a real server: what goes out."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from tasker_executor.handlers.http import http_handler
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.secrets.signing import parse_signing_key, signature_headers
from tasker_executor.http.session import checked_session
from tasker_executor.testing.target_server import LOOPBACK, Handler, TargetServer, expect_failure, run_of, target_server
from tasker_runtime.clock import SystemClock

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[TargetServer]:
    async with target_server() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[Handler]:
    async with checked_session(LOOPBACK) as session:
        secrets = {"TASKER_SECRET_KEY": "k-12345", "TASKER_SECRET_SIGN": KEY}
        yield http_handler(session, SecretStore(None, secrets), SystemClock())


async def test_url_headers_and_body_are_filled_in(target: TargetServer, http: Handler) -> None:
    payload: dict[str, Any] = {
        "url": target.url("/days/{{ nominal_at.date }}/{{ payload.customer }}?run={{ run_id }}&n={{ payload.note }}"),
        "headers": {"X-Attempt": "{{ attempt }} of {{ task_id }}"},
        "body": {"count": "{{ payload.count }}", "at": "{{ nominal_at }}", "note": "n: {{ payload.note }}"},
        "data": {"customer": "a/b c", "count": 3, "note": "ü & {{ run_id }}"},
    }
    await http(run_of(payload, attempt=2))
    (request,) = target.requests
    assert request.raw_path == ("/days/2026-01-01/a%2Fb%20c?run=the-run-id&n=%C3%BC%20%26%20%7B%7B%20run_id%20%7D%7D")
    assert request.headers["X-Attempt"] == "2 of t"
    assert msgspec.json.decode(target.bodies[0]) == {
        "count": 3,
        "at": "2026-01-01T12:00:00.000Z",
        "note": "n: ü & {{ run_id }}",
    }


async def test_a_text_body_is_filled_in_as_text_and_signed_as_it_goes_out(target: TargetServer, http: Handler) -> None:
    await http(run_of({"url": target.url(), "body": "run {{ run_id }}: {{ payload.x }}", "data": {"x": [1]}}))
    assert target.bodies == [b"run the-run-id: [1]"]
    await http(run_of({"url": target.url(), "body": "{{ run_id }}", "sign": {"secrets": ["secret://sign"]}}))
    sent = target.requests[1].headers
    expected = signature_headers("the-run-id", int(sent["webhook-timestamp"]), b"the-run-id", [parse_signing_key(KEY)])
    assert sent["webhook-signature"] == expected["webhook-signature"]


async def test_dates_are_those_of_the_payload_s_zone(target: TargetServer, http: Handler) -> None:
    payload = {"url": target.url("/{{ nominal_at.date }}/{{ nominal_at.hour }}"), "timezone": "Pacific/Auckland"}
    await http(run_of(payload))
    assert target.requests[0].path == "/2026-01-02/01"


async def test_a_payload_never_reaches_a_secret(target: TargetServer, http: Handler) -> None:
    """References are those that the task's headers are written with; what is filled in is a value."""
    payload: dict[str, Any] = {
        "url": target.url(),
        "headers": {"X-A": "{{ payload.x }}", "X-B": "secret://key{{ payload.y }}"},
    }
    await http(run_of(payload | {"data": {"x": "secret://key", "y": "-more"}}))
    sent = target.requests[0].headers
    assert (sent["X-A"], sent["X-B"]) == ("secret://key", "k-12345-more")


@pytest.mark.parametrize(
    ("more", "data", "words"),
    [
        ({"headers": {"X-A": "{{ payload.x }}"}}, {"x": "a\r\nX-B: c"}, "/payload/headers/X-A: filled in"),
        ({"headers": {"X-A": "{{ payload.x }}"}}, {"x": "ü"}, "/payload/headers/X-A: filled in"),
        ({"headers": {"X-A": "a{{ payload.x }}"}}, {"x": "x" * 8_000}, "/payload/headers/X-A: filled in"),
        ({"headers": {"X-A": "{{ payload.x }}"}}, {"x": {}}, "/payload/headers/X-A: {{ payload.x }}: is an object"),
        ({"headers": {"X-A": "{{ payload.x }}"}}, {}, "/payload/headers/X-A: {{ payload.x }}: there is no x"),
        ({"body": {"a": ["{{ payload.y.z }}"]}}, {"y": {}}, "/payload/body: {{ payload.y.z }}: there is no z"),
        ({"body": "{{ payload.y }}"}, {}, "/payload/body: {{ payload.y }}: there is no y"),
    ],
)
async def test_what_can_not_be_filled_in_fails_for_good_and_nothing_is_sent(
    target: TargetServer, http: Handler, more: dict[str, Any], data: dict[str, Any], words: str
) -> None:
    error = await expect_failure(http, {"url": target.url(), "data": data} | more, "template")
    assert words in str(error)
    assert error.final
    assert target.requests == []


async def test_a_path_that_leads_elsewhere_fails(target: TargetServer, http: Handler) -> None:
    for segment in ("..", ".", ""):
        payload = {"url": target.url("/a/{{ payload.x }}/b"), "data": {"x": segment}}
        assert "/payload/url" in str(await expect_failure(http, payload, "template"))
    assert target.requests == []


async def test_no_field_changes_which_host_is_called(target: TargetServer, http: Handler) -> None:
    """The address policy sees the task's own host, whatever is filled in behind it."""
    for value in ("@127.0.0.2/", "//127.0.0.2", "\\@127.0.0.2", "#@127.0.0.2", "http://127.0.0.2/"):
        await http(run_of({"url": target.url("/{{ payload.x }}?{{ payload.x }}"), "data": {"x": value}}))
    assert len(target.requests) == 5
    for url in ("http://{{ payload.x }}/", "http://127.0.0.1{{ payload.x }}/"):
        await expect_failure(http, {"url": url, "data": {"x": "127.0.0.2"}}, "invalid_payload")
    closed = f"http://127.0.0.2:{target.port}/{{{{ payload.x }}}}"
    await expect_failure(http, {"url": closed, "data": {"x": "a"}}, "blocked_address")
