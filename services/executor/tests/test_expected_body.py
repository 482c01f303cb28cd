"""Success by body: what holds, what is said when it does not, and that an attempt fails then."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from tasker_core.handlers.parameters.body_conditions import BodyCondition
from tasker_executor.handlers.http import http_handler
from tasker_executor.http.body.expected_body import unmet_conditions
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.testing.target_server import LOOPBACK, Handler, TargetServer, expect_failure, run_of, target_server
from tasker_runtime.clock import SystemClock

BODY = '{"status": "ok", "n": 1, "list": [0, {"a/b": true}], "none": null, "~": "", "f": 1.5, "deep": {"a": [1, "x"]}}'


def unmet(condition: dict[str, Any], text: str = BODY, *, cut: bool = False) -> str | None:
    (reason,) = unmet_conditions([BodyCondition.model_validate(condition)], text, cut=cut)
    return reason


@pytest.mark.parametrize(
    "condition",
    [
        {"pointer": "/status", "equals": "ok"},
        {"pointer": "/n", "equals": 1.0},
        {"pointer": "/n", "one_of": [2, 1]},
        {"pointer": "/list/1/a~1b", "equals": True},
        {"pointer": "/list", "equals": [0, {"a/b": True}]},
        {"pointer": "/deep", "equals": {"a": [1, "x"]}},
        {"pointer": "/none", "equals": None},
        {"pointer": "/none", "exists": True},
        {"pointer": "/no", "exists": False},
        {"pointer": "/list/2", "exists": False},
        {"pointer": "/list/-1", "exists": False},
        {"pointer": "/list/00", "exists": False},
        {"pointer": "/status/x", "exists": False},
        {"pointer": "/~0", "equals": ""},
        {"pointer": "/status", "matches": "^o"},
        {"pointer": "/n", "matches": r"^\d$"},
        {"pointer": "/list", "contains": '"a/b"'},
        {"pointer": "", "contains": '"status":"ok"'},
        {"contains": '"status": "ok"'},
        {"lacks": "error"},
        {"matches": r'"n": \d'},
    ],
)
def test_what_holds(condition: dict[str, Any]) -> None:
    assert unmet(condition) is None


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"pointer": "/status", "equals": "done"}, '/status is "ok", not "done"'),
        ({"pointer": "/n", "equals": True}, "/n is 1, not true"),
        ({"pointer": "/list/1/a~1b", "equals": 1}, "/list/1/a~1b is true, not 1"),
        ({"pointer": "/n", "equals": "1"}, '/n is 1, not "1"'),
        ({"pointer": "/none", "equals": False}, "/none is null, not false"),
        ({"pointer": "/deep", "equals": {"a": [True, "x"]}}, "/deep is "),
        ({"pointer": "/status", "one_of": ["a", "b"]}, '/status is "ok", none of ["a","b"]'),
        ({"pointer": "/x/y", "equals": None}, "there is no /x/y in the body"),
        ({"pointer": "/x", "exists": True}, "/x is not there"),
        ({"pointer": "/none", "exists": False}, "/none is there"),
        ({"pointer": "/status", "lacks": "o"}, '/status contains "o"'),
        ({"contains": "done"}, 'the body does not contain "done"'),
        ({"lacks": "status"}, 'the body contains "status"'),
        ({"matches": "^done"}, 'the body does not match "^done"'),
    ],
)
def test_what_does_not_hold(condition: dict[str, Any], reason: str) -> None:
    assert (unmet(condition) or "").startswith(f"/payload/expect_body/0: {reason}")


def test_all_conditions_must_hold() -> None:
    both = [BodyCondition(contains="status"), BodyCondition(contains="no such word")]
    first, second = unmet_conditions(both, BODY, cut=False)
    assert first is None
    assert "/payload/expect_body/1: " in str(second)


@pytest.mark.parametrize("text", ["", "not json", "{", '{"status": NaN}', "[" * 60_000])
def test_a_body_that_is_no_json_has_nothing_at_a_pointer(text: str) -> None:
    assert "is no JSON" in str(unmet({"pointer": "/status", "exists": False}, text))


def test_of_a_cut_body_nothing_is_claimed_that_was_not_seen() -> None:
    assert unmet({"contains": "status"}, cut=True) is None
    assert "longer than what is read" in str(unmet({"contains": "done"}, cut=True))
    assert "can't be told" in str(unmet({"lacks": "error"}, cut=True))
    assert "can't be read as JSON" in str(unmet({"pointer": "/status", "equals": "ok"}, cut=True))


def test_long_values_are_cut_in_the_message() -> None:
    assert len(str(unmet({"pointer": "/a", "equals": 1}, msgspec.json.encode({"a": "x" * 60_000}).decode()))) < 400


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[TargetServer]:
    async with target_server() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[Handler]:
    async with checked_session(LOOPBACK) as session:
        yield http_handler(session, SecretStore(None, {"TASKER_SECRET_KEY": "k-12345"}), SystemClock())


async def test_an_answer_with_another_body_is_a_failure_that_is_tried_again(
    target: TargetServer, http: Handler
) -> None:
    good = {"url": target.url("/status?code=200"), "expect_body": [{"contains": "what it says"}]}
    assert (await http(run_of(good)))["status"] == 200
    error = await expect_failure(http, good | {"expect_body": [{"contains": "done"}]}, "unexpected_body")
    assert str(error) == ('the server answered 200, but /payload/expect_body/0: the body does not contain "done"')
    assert not error.final
    result: Any = error.result
    assert result["body"] == "what it says"
    error = await expect_failure(http, good | {"url": target.url("/status?code=500")}, "http_status")


async def test_a_body_that_goes_on_is_judged_by_what_was_read(target: TargetServer, http: Handler) -> None:
    endless = {"url": target.url("/endless")}
    assert (await http(run_of(endless | {"expect_body": [{"contains": "xxx"}]})))["truncated"]
    for condition in ({"lacks": "yyy"}, {"pointer": "", "exists": True}, {"contains": "yyy"}):
        await expect_failure(http, endless | {"expect_body": [condition]}, "unexpected_body")


async def test_what_is_said_of_the_body_holds_no_secret(target: TargetServer, http: Handler) -> None:
    payload = {"url": target.url("/echo"), "headers": {"X-Key": "secret://key"}}
    condition = {"pointer": "/headers/X-Key", "equals": "another"}
    error = await expect_failure(http, payload | {"expect_body": [condition]}, "unexpected_body")
    assert '/headers/X-Key is "[redacted]", not "another"' in str(error)
    assert "k-12345" not in str(error.result)


async def test_what_is_shortened_in_the_message_does_not_end_in_a_secret(target: TargetServer) -> None:
    secret = "k-" + "0123456789" * 20
    payload = {"url": target.url("/echo"), "headers": {"X-Key": "secret://key"}}
    async with checked_session(LOOPBACK) as session:
        http = http_handler(session, SecretStore(None, {"TASKER_SECRET_KEY": secret}), SystemClock())
        for condition in ({"pointer": "", "equals": 1}, {"pointer": "/headers/X-Key", "one_of": [1, 2]}):
            error = await expect_failure(http, payload | {"expect_body": [condition]}, "unexpected_body")
            assert secret[:10] not in str(error)
