"""What the executor records of attempts and of what they call, and the trace that it tells others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from tasker import Run as PluginRun
from tasker.handler_declaration import as_handler
from tasker.process_pool import ProcessPool
from tasker_core.ids import run_id
from tasker_core.messages.runs import RetryPolicy
from tasker_core.trace_context import parse_traceparent, run_span_id, run_trace_id
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.handlers.curl import curl_handler
from tasker_executor.handlers.http import http_handler
from tasker_executor.handlers.plugins.adapter import plugin_handler
from tasker_executor.handlers.plugins.lingering_threads import LingeringThreads
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.run_spans import RunSpans
from tasker_executor.testing.runner_harness import NOON, RunnerHarness
from tasker_executor.testing.target_server import LOOPBACK, Handler, TargetServer, run_of, target_server
from tasker_runtime.clock import SystemClock
from tasker_runtime.testing import RecordedLog, RecordedSpans

ID = run_id("t", 1, "scheduled", 7)
TRACE = run_trace_id(ID)
CLOCK = SystemClock()


@pytest_asyncio.fixture
async def target() -> AsyncIterator[TargetServer]:
    async with target_server() as server:
        yield server


@pytest_asyncio.fixture
async def handlers() -> AsyncIterator[Callable[[str, RecordedSpans | None], Handler]]:
    """Makes a handler that calls, and records where it is to."""
    made = {"curl": curl_handler, "http": http_handler}
    async with checked_session(LOOPBACK) as session:
        yield lambda name, spans: made[name](session, SecretStore(None, {}), CLOCK, RunSpans(spans))


@pytest.mark.parametrize(("name", "payload"), [("curl", "{url}"), ("http", {"url": "{url}", "method": "PUT"})])
async def test_a_call_is_the_span_that_its_target_is_told(
    handlers: Callable[..., Handler], target: TargetServer, name: str, payload: Any
) -> None:
    recorded, url = RecordedSpans(), target.url("/a?token=secret")
    payload = url if name == "curl" else {**payload, "url": url}
    before = CLOCK.now_ms()
    await handlers(name, recorded)(run_of(payload, run_id=ID, attempt=2))
    (span,) = recorded.spans
    told = parse_traceparent(target.requests[0].headers["traceparent"])
    assert told == (TRACE, span["span_id"], True)
    assert (span["trace_id"], span["parent_id"]) == (TRACE, run_span_id(ID, 2, "run"))
    method = "GET" if name == "curl" else "PUT"
    assert (span["name"], span["kind"], span["error"]) == (method, "client", None)
    assert before <= span["start_ms"] <= span["end_ms"] <= CLOCK.now_ms()
    assert span["attributes"] == {
        "http.request.method": method,
        "server.address": "127.0.0.1",
        "server.port": target.port,
        "http.response.status_code": 200,
    }


async def test_a_call_that_fails_says_why(handlers: Callable[..., Handler], target: TargetServer) -> None:
    recorded = RecordedSpans()
    curl = handlers("curl", recorded)
    for path in ("/redirect?code=404", "/broken"):
        with pytest.raises(AttemptFailed):
            await curl(run_of(target.url(path), run_id=ID))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await curl(run_of(target.url("/hang"), run_id=ID))
    errors = [(span["error"], span["attributes"]["error.type"]) for span in recorded.spans]
    assert [one for one, same in errors if one == same] == ["404", "disconnected", "CancelledError"]


async def test_without_a_recorder_others_may_still_record(
    handlers: Callable[..., Handler], target: TargetServer
) -> None:
    await handlers("curl", None)(run_of(target.url(), run_id=ID))
    await handlers("curl", RecordedSpans(sampled=False))(run_of(target.url(), run_id=ID))
    await handlers("curl", None)(run_of(target.url(), run_id="of-somebody-else"))
    told = [request.headers.get("traceparent") for request in target.requests]
    span = f"{run_span_id(ID, 1, 'call'):016x}"
    assert told == [f"00-{ID}-{span}-01", f"00-{ID}-{span}-00", None]


async def test_an_attempt_is_a_span_from_its_reading_to_its_outcome() -> None:
    recorded = RecordedSpans()
    harness = RunnerHarness(spans=RunSpans(recorded))
    run = harness.run(run_id=ID, retry=RetryPolicy(max_attempts=2))
    await harness.iterate()
    harness.release(ID, AttemptFailed("no_luck", "none"))
    await harness.iterate()
    (span,) = recorded.spans
    assert (span["name"], span["trace_id"], span["kind"]) == ("run", TRACE, "consumer")
    assert (span["span_id"], span["parent_id"]) == (run_span_id(ID, 1, "run"), run_span_id(ID, 1, "emit"))
    assert (span["start_ms"], span["end_ms"], span["events"]) == (NOON, NOON, {"started": NOON})
    assert span["error"] == "no_luck"
    assert span["attributes"] == {
        "tasker.task_id": "t",
        "tasker.run_id": ID,
        "tasker.attempt": 1,
        "tasker.handler": run.handler,
        "tasker.outcome": "failed",
        "tasker.lane": "live",
        "tasker.partition": 0,
        "tasker.retried": True,
        "error.type": "no_luck",
    }
    ((header, value),) = harness.events.headers[0]
    assert (header, parse_traceparent(value.decode())) == ("traceparent", (TRACE, span["span_id"], True))


async def test_what_is_not_sampled_is_not_recorded() -> None:
    recorded = RecordedSpans(sampled=False)
    harness = RunnerHarness(spans=RunSpans(recorded))
    harness.run(handler="default", run_id=ID)
    harness.run(run_id=run_id("t", 1, "scheduled", 8), retry=RetryPolicy(max_attempts=2))
    await harness.iterate()
    harness.release(run_id("t", 1, "scheduled", 8), AttemptFailed("no_luck", "none"))
    await harness.iterate()
    assert (recorded.spans, len(harness.results.results), harness.events.headers) == ([], 2, [[]])


async def test_a_plug_in_is_told_the_span_of_its_attempt() -> None:
    async def told(run: PluginRun[Any]) -> str | None:
        return run.traceparent

    plugin = plugin_handler(
        as_handler(told), ProcessPool(), LingeringThreads(), CLOCK, RecordedLog(), RunSpans(RecordedSpans())
    )
    assert await plugin(run_of(None, run_id=ID)) == f"00-{ID}-{run_span_id(ID, 1, 'run'):016x}-01"
