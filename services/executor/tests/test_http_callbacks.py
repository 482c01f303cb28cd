"""The handler `http` with a callback: what the target is told, and which answers wait."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from tasker_core.handlers.built_in import payload_errors
from tasker_core.handlers.callback_token import CALLBACK_HEADER, CallbackClaims, read_token
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.awaited_callback import AwaitedCallback
from tasker_executor.handlers.http import http_handler
from tasker_executor.http.callbacks import CallbackUrls
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.settings import ExecutorSettings
from tasker_executor.testing.runner_harness import NOON, FixedClock
from tasker_executor.testing.target_server import LOOPBACK, Handler, TargetServer, expect_failure, run_of, target_server

SECRETS = ("n" * 32, "o" * 32)
BASE = "https://tasker.example.com"


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[TargetServer]:
    async with target_server() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[Handler]:
    async with checked_session(LOOPBACK) as session:
        yield http_handler(session, SecretStore(None, {}), FixedClock(), callbacks=CallbackUrls(BASE, SECRETS))


def waiting(url: str, **more: Any) -> dict[str, Any]:
    return {"url": url, "callback": {"timeout": "PT1H"}} | more


async def test_the_target_is_told_where_to_report_and_a_202_waits(target: TargetServer, http: Handler) -> None:
    run = run_of(waiting(target.url("/status?code=202")), attempt=2)
    assert await http(run) == AwaitedCallback(NOON // 1000 + 3600)
    url = target.requests[0].headers[CALLBACK_HEADER]
    assert url.startswith(f"{BASE}/api/v1/callbacks/")
    claims = read_token(url.rpartition("/")[2], SECRETS[:1])
    assert claims == CallbackClaims("t", "the-run-id", 2, NOON // 1000 + 3600)


async def test_the_url_may_stand_in_the_body_and_in_the_url(target: TargetServer, http: Handler) -> None:
    body = {"job": {"notify": "{{ callback_url }}"}}
    run = run_of(waiting(target.url("/status?code=200&to={{ callback_url }}"), body=body))
    result = await http(run)
    url = target.requests[0].headers[CALLBACK_HEADER]
    assert (target.requests[0].query["to"], url in target.bodies[0].decode()) == (url, True)
    assert url.rpartition("/")[2] not in repr(result)


async def test_every_other_answer_ends_the_attempt(target: TargetServer, http: Handler) -> None:
    assert (await http(run_of(waiting(target.url()))))["status"] == 200
    await expect_failure(http, waiting(target.url("/status?code=503")), "http_status")


async def test_without_a_callback_a_202_is_an_answer_like_others(target: TargetServer, http: Handler) -> None:
    assert (await http(run_of({"url": target.url("/status?code=202")})))["status"] == 202
    assert CALLBACK_HEADER not in target.requests[0].headers


async def test_no_other_origin_is_told(target: TargetServer, http: Handler) -> None:
    async with target_server() as other:
        redirect = target.url(f"/redirect?code=307&to={other.url('/')}")
        await http(run_of(waiting(redirect, redirects="follow")))
        assert CALLBACK_HEADER in target.requests[0].headers
        assert CALLBACK_HEADER not in other.requests[0].headers


async def test_a_target_that_repeats_the_token_does_not_bring_it_into_the_log(
    target: TargetServer, http: Handler
) -> None:
    result = await http(run_of(waiting(target.url("/echo"))))
    token = target.requests[0].headers[CALLBACK_HEADER].rpartition("/")[2]
    assert CALLBACK_HEADER in result["body"]
    assert token not in repr(result)


@pytest.mark.parametrize("callbacks", [CallbackUrls(None, SECRETS), CallbackUrls(BASE, ()), None])
async def test_where_callbacks_are_not_set_up_nothing_is_called(
    target: TargetServer, callbacks: CallbackUrls | None
) -> None:
    async with checked_session(LOOPBACK) as session:
        given: dict[str, Any] = {} if callbacks is None else {"callbacks": callbacks}
        http = http_handler(session, SecretStore(None, {}), FixedClock(), **given)
        with pytest.raises(AttemptFailed, match=r"TASKER_CALLBACK_BASE_URL .* TASKER_CALLBACK_SECRET") as caught:
            await http(run_of(waiting(target.url())))
    assert (caught.value.kind, caught.value.final) == ("callbacks_not_set_up", True)
    assert target.requests == []


@pytest.mark.parametrize("timeout", ["PT0.5S", "P8D", "PT0S", "soon", None])
def test_a_time_that_can_not_be_is_refused_when_saved(timeout: str | None) -> None:
    payload: Any = {"url": "https://example.com", "callback": {"timeout": timeout}}
    assert [error.pointer for error in payload_errors("http", payload)] == ["/payload/callback/timeout"]
    payload["callback"]["timeout"] = "P7D"
    assert payload_errors("http", payload) == []


def test_a_task_can_not_send_the_header_itself() -> None:
    payload: Any = {"url": "https://example.com", "headers": {CALLBACK_HEADER: "https://elsewhere.example.com"}}
    assert payload_errors("http", payload) != []


def test_the_deadline_is_never_earlier_than_promised() -> None:
    issued = CallbackUrls(BASE, SECRETS).issue(run_of({}), timedelta(seconds=1.5), NOON + 1)
    assert issued.deadline == NOON // 1000 + 2


@pytest.mark.parametrize("url", ["tasker.example.com", "ftp://tasker.example.com", "http://", "http://a/?b=c"])
def test_a_base_url_that_nobody_can_call_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is no URL such as"):
        ExecutorSettings(callback_base_url=url)
    with pytest.raises(ValueError, match="openssl rand"):
        ExecutorSettings(callback_secret="short")  # pyright: ignore[reportArgumentType] -- as it comes from the environment
