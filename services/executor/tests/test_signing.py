"""Standard Webhooks: signatures as the specification has them, checked by an implementation of its own."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio

from tasker_executor.handlers.http import http_handler
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.secrets.signing import parse_signing_key, signature_headers
from tasker_executor.http.session import checked_session
from tasker_executor.testing.target_server import LOOPBACK, Handler, TargetServer, expect_failure, run_of, target_server
from tasker_runtime.clock import SystemClock

PUBLISHED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""The secret in the specification's examples."""
OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
CLOCK = SystemClock()


def verified(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """A receiver: whether one of the signatures is the secret's (Standard Webhooks, "Verifying signatures")."""
    key = base64.b64decode(secret[len("whsec_") :])
    content = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return ("v1", expected) in [tuple(one.split(",", 1)) for one in headers["webhook-signature"].split(" ")]


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[TargetServer]:
    async with target_server() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[Handler]:
    known = {
        "HOOK": PUBLISHED,
        "HOOK_OLD": OLD,
        "BARE": OLD.removeprefix("whsec_"),
        "BAD": "whsec_no base64",
        "NO": "whsec_",
    }
    async with checked_session(LOOPBACK) as session:
        yield http_handler(session, SecretStore(None, {f"TASKER_SECRET_{n}": v for n, v in known.items()}), CLOCK)


def test_the_published_example() -> None:
    headers = signature_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [parse_signing_key(PUBLISHED)]
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert verified(headers, b'{"test": 2432232314}', PUBLISHED)


async def test_a_receiver_can_verify_a_call(target: TargetServer, http: Handler) -> None:
    before = CLOCK.now_ms() // 1000
    body = {"order": "ü", "n": 1}
    await http(run_of({"url": target.url(), "body": body, "sign": {"secrets": ["secret://hook"]}}))
    headers, received = target.requests[0].headers, target.bodies[0]
    assert json.loads(received) == body
    assert verified(headers, received, PUBLISHED)
    assert not verified(headers, received + b" ", PUBLISHED)
    assert not verified(headers, received, OLD)
    assert headers["webhook-id"] == "the-run-id"
    assert before <= int(headers["webhook-timestamp"]) <= CLOCK.now_ms() // 1000


async def test_while_keys_are_exchanged_receivers_of_either_can_verify(target: TargetServer, http: Handler) -> None:
    sign = {"secrets": ["secret://hook", "secret://hook-old"]}
    await http(run_of({"url": target.url(), "body": "text", "sign": sign}))
    headers = target.requests[0].headers
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert all(verified(headers, b"text", secret) for secret in (PUBLISHED, OLD))


async def test_no_body_and_a_bare_key(target: TargetServer, http: Handler) -> None:
    await http(run_of({"url": target.url(), "sign": {"secrets": ["secret://bare"]}}))
    assert verified(target.requests[0].headers, b"", OLD)


async def test_a_redirect_keeps_the_signature_only_with_the_body_and_at_home(
    target: TargetServer, http: Handler
) -> None:
    payload = {"body": "x", "sign": {"secrets": ["secret://hook"]}, "redirects": "follow"}
    async with target_server() as other:
        for code, to, at, kept in (
            (307, "/end", target, True),
            (303, "/end", target, False),
            (307, other.url("/end"), other, False),
        ):
            await http(run_of(payload | {"url": target.url(f"/redirect?to={to}&code={code}")}))
            headers = at.requests[-1].headers
            assert ("webhook-signature" in headers) == kept
            assert not kept or verified(headers, at.bodies[-1], PUBLISHED)


@pytest.mark.parametrize(
    ("name", "kind"), [("bad", "unusable_secret"), ("no", "unusable_secret"), ("a", "unknown_secret")]
)
async def test_a_key_that_is_none_is_reported_without_it(
    target: TargetServer, http: Handler, name: str, kind: str
) -> None:
    error = await expect_failure(http, {"url": target.url(), "sign": {"secrets": [f"secret://{name}"]}}, kind)
    assert error.final
    assert f"secret://{name}" in str(error)
    assert "base64 " not in str(error).replace("in base64", "")
    assert not target.requests
