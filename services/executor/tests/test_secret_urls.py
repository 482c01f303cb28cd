"""A URL that is a secret as a whole, as chat systems give them: it is called, and recorded nowhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tasker_executor.handlers.http import http_handler
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.http.target_host import called_host
from tasker_executor.testing.target_server import LOOPBACK, Handler, TargetServer, expect_failure, run_of, target_server
from tasker_runtime.clock import SystemClock

PATH = "/repeat/T0123ABCD/B0123ABCD/Zq8vT5yNw2LkX9"
PAYLOAD = {"url": "secret://hook", "method": "POST", "body": {"text": "failed"}}


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[TargetServer]:
    async with target_server() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def http(tmp_path: Path) -> AsyncIterator[Handler]:
    async with checked_session(LOOPBACK) as session:
        yield http_handler(session, SecretStore(tmp_path, {}), SystemClock())


def parts_of_the_secret() -> list[str]:
    return [PATH, "T0123ABCD/B0123ABCD", "Zq8vT5yNw2LkX9"]


@pytest.mark.parametrize("query", ["", "?token=Zq8vT5yNw2LkX9&x=1"])
async def test_it_is_called_and_what_the_server_repeats_of_it_is_not_recorded(
    target: TargetServer, http: Handler, tmp_path: Path, query: str
) -> None:
    (tmp_path / "hook").write_text(target.url(PATH) + query + "\n")
    result = await http(run_of(PAYLOAD))
    (request,) = target.requests
    assert request.path_qs == PATH + query
    assert target.bodies == [b'{"text":"failed"}']
    assert not [part for part in parts_of_the_secret() if part in str(result)]
    assert result["status"] == 200


async def test_no_failure_repeats_it(target: TargetServer, http: Handler, tmp_path: Path) -> None:
    (tmp_path / "hook").write_text(target.url(f"{PATH}?code=404"))
    refused = await expect_failure(http, PAYLOAD, "http_status")
    (tmp_path / "hook").write_text(f"http://127.0.0.1:9{PATH}")
    away = await expect_failure(http, PAYLOAD, "connect")
    assert "127.0.0.1:9" in str(away)
    for failure in (refused, away):
        assert not [part for part in parts_of_the_secret() if part in f"{failure} {failure.result}"]


@pytest.mark.parametrize(
    "secret",
    ["https//hooks.example.com/Zq8vT5yNw2LkX9", "ftp://x/Zq8vT5yNw2LkX9", "https:///Zq8vT5yNw2LkX9", "Zq8v\nT5"],
)
async def test_what_is_no_url_is_told_without_it(http: Handler, tmp_path: Path, secret: str) -> None:
    (tmp_path / "hook").write_text(secret)
    failure = await expect_failure(http, PAYLOAD, "unusable_secret")
    assert str(failure) == (
        "the secret secret://hook is no URL that begins with http:// or https://; the operator has to mend it"
    )


async def test_with_tls_options_it_must_be_https(http: Handler, tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("http://hooks.example.com/x")
    failure = await expect_failure(http, {**PAYLOAD, "tls": {"server_name": "x.example"}}, "unusable_secret")
    assert "must begin with https://, since the call has tls" in str(failure)


def test_runs_with_the_same_reference_call_the_same_host() -> None:
    assert called_host(run_of(PAYLOAD)) == "secret://hook"
