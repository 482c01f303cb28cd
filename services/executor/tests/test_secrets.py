"""Secrets: from files and the environment into requests, and nowhere else."""

import asyncio
import os
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio

from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.curl import curl_handler
from tasker_executor.handlers.http import http_handler
from tasker_executor.http.secrets.redaction import REDACTED, Redaction
from tasker_executor.http.secrets.secret_store import MAX_SECRET_BYTES, SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.testing.target_server import LOOPBACK, Handler, TargetServer, expect_failure, run_of, target_server
from tasker_runtime.clock import SystemClock

TOKEN = 'to"k&n/42 ü'
PLAIN = "tok3n-and-more"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text(f"{PLAIN}\n")
    return tmp_path


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[TargetServer]:
    async with target_server() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def http(folder: Path) -> AsyncIterator[Handler]:
    async with checked_session(LOOPBACK) as session:
        yield http_handler(session, SecretStore(folder, {"TASKER_SECRET_FROM_ENV": "of-the-env"}), SystemClock())


async def test_references_are_resolved_in_headers(target: TargetServer, http: Handler) -> None:
    headers = {"Authorization": "Bearer secret://token", "X-Api": "secret://from.env", "X-Two": "secret://token,x"}
    await http(run_of({"url": target.url(), "headers": headers}))
    sent = target.requests[0].headers
    assert [sent[name] for name in headers] == [f"Bearer {PLAIN}", "of-the-env", f"{PLAIN},x"]


async def test_a_body_is_not_searched_for_references(target: TargetServer, http: Handler) -> None:
    await http(run_of({"url": target.url(), "body": "secret://token"}))
    assert target.bodies == [b"secret://token"]


async def test_references_are_resolved_in_user_and_password(target: TargetServer, folder: Path) -> None:
    async with checked_session(LOOPBACK) as session:
        curl = curl_handler(session, SecretStore(folder, {}), SystemClock())
        result = await curl(run_of(target.url("/echo").replace("://", "://secret://token:secret://token@")))
    expected = b64encode(f"{PLAIN}:{PLAIN}".encode()).decode()
    assert target.requests[0].headers["Authorization"] == f"Basic {expected}"
    assert expected not in str(result)
    assert PLAIN not in str(result)


async def test_a_secret_that_is_exchanged_holds_from_the_next_call_on(
    target: TargetServer, http: Handler, folder: Path
) -> None:
    payload = {"url": target.url(), "headers": {"X-Key": "secret://token"}}
    await http(run_of(payload))
    (folder / "next").write_text("another one")
    (folder / "next").rename(folder / "token")
    await http(run_of(payload))
    assert [request.headers["X-Key"] for request in target.requests] == [PLAIN, "another one"]


class Stuck(SecretStore):
    """Secrets in files that nobody can read before `go` is set."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {})
        self.go = threading.Event()

    def value(self, name: str) -> str:
        assert self.go.wait(20)
        return super().value(name)


@pytest.mark.parametrize("make", [curl_handler, http_handler])
async def test_files_that_cannot_be_read_in_time_hold_up_nobody_else(
    target: TargetServer, folder: Path, make: Callable[..., Handler]
) -> None:
    secrets = Stuck(folder)
    url = target.url().replace("://", "://secret://token@")
    async with checked_session(LOOPBACK) as session:
        handler = make(session, secrets, SystemClock())
        waiting = asyncio.ensure_future(handler(run_of({"url": url})))
        assert (await handler(run_of({"url": target.url()})))["status"] == 200
        assert len(target.requests) == 1
        secrets.go.set()
        assert (await waiting)["status"] == 200
    assert "Authorization" in target.requests[1].headers


async def test_what_a_server_repeats_is_recorded_without_secrets(target: TargetServer, http: Handler) -> None:
    headers = {"Authorization": "Bearer secret://token", "X-Own": "secret://token", "Cookie": "session=literal-value"}
    result = await http(run_of({"url": target.url("/echo"), "headers": headers}))
    assert PLAIN not in str(result)
    assert "literal-value" not in str(result)
    assert result["headers"]["x-own"] == REDACTED
    assert REDACTED in result["body"]
    error = await expect_failure(http, {"url": target.url("/echo"), "headers": headers, "expect": [204]}, "http_status")
    assert PLAIN not in str(error.result)
    there = target.url(f"/redirect?to=http://127.0.0.2:1/{PLAIN}")
    error = await expect_failure(http, {"url": there, "headers": headers, "redirects": "follow"}, "blocked_address")
    assert PLAIN not in str(error)


async def test_credentials_in_an_answer_are_not_recorded(target: TargetServer, http: Handler) -> None:
    result = await http(run_of({"url": target.url("/cookie")}))
    assert result["headers"]["set-cookie"] == REDACTED
    secret_headers = {
        "X-Auth-Token": "abcdef-literal",
        "X-Amz-Security-Token": "abcdef-literal",
        "X-Api-Key": "abcdef-literal",
    }
    result = await http(run_of({"url": target.url("/echo"), "headers": secret_headers}))
    assert "abcdef-literal" not in str(result)


@pytest.mark.parametrize("name", ["none", "TOKEN", "from.env.", "..secret"])
async def test_an_unknown_secret_is_named_and_final(target: TargetServer, http: Handler, name: str) -> None:
    if name == "..secret":
        error = await expect_failure(
            http, {"url": target.url(), "headers": {"X": f"secret://{name}"}}, "invalid_payload"
        )
    else:
        error = await expect_failure(
            http, {"url": target.url(), "headers": {"X": f"secret://{name}"}}, "unknown_secret"
        )
        assert f"secret://{name}" in str(error)
    assert error.final
    assert not target.requests


def odd_secret(path: Path, what: bytes | str) -> None:
    if isinstance(what, bytes):
        path.write_bytes(what)
    elif what == "a directory":
        path.mkdir()
    else:
        os.mkfifo(path)


@pytest.mark.parametrize(
    "what",
    [
        b"",
        b"\n",
        b"hidden\nvalue",
        "hidden v\u00e4lue".encode(),
        b"hidden\xff",
        b"hidden" * MAX_SECRET_BYTES,
        "a directory",
        "a pipe",
    ],
)
async def test_an_unusable_secret_is_named_and_not_shown(
    target: TargetServer, http: Handler, folder: Path, what: bytes | str
) -> None:
    odd_secret(folder / "odd", what)
    error = await expect_failure(http, {"url": target.url(), "headers": {"X": "secret://odd"}}, "unusable_secret")
    assert error.final
    assert "secret://odd" in str(error)
    assert "hidden" not in str(error)
    assert not target.requests


def test_a_file_comes_before_the_environment(folder: Path) -> None:
    environment = {"TASKER_SECRET_TOKEN": "of-the-env", "TASKER_SECRET_A_B_C": "x"}
    assert SecretStore(folder, environment).value("token") == PLAIN
    assert SecretStore(None, environment).value("token") == "of-the-env"
    assert SecretStore(folder, environment).value("a.b-c") == "x"
    with pytest.raises(AttemptFailed, match="TASKER_SECRET_D"):
        SecretStore(folder, environment).value("d")


def test_secrets_are_met_in_every_notation() -> None:
    redaction = Redaction()
    redaction.add(TOKEN)
    for repeated in (
        TOKEN,
        'to\\"k&n/42 ü',
        'to\\"k&n/42 \\u00fc',
        "to&quot;k&amp;n/42 ü",
        quote(TOKEN, safe=""),
        quote(TOKEN, safe="").lower(),
        b64encode(TOKEN.encode()).decode(),
    ):
        assert redaction.text(f"before {repeated} after") == f"before {REDACTED} after"
    assert redaction.value({TOKEN: [TOKEN, 1, None]}) == {REDACTED: [REDACTED, 1, None]}


def test_the_beginning_of_a_secret_at_the_end_of_what_was_cut() -> None:
    redaction = Redaction()
    redaction.add("abcdefghij")
    assert redaction.text("x abcdefg", cut=True) == f"x {REDACTED}"
    assert redaction.text("x abc", cut=True) == "x abc"
    assert redaction.text("x abcdefg") == "x abcdefg"
    assert redaction.value({"body": "x abcdefg", "truncated": True})["body"] == f"x {REDACTED}"
