"""Traces through the whole system: from a request or a producer's header to the log, at a real OTLP receiver."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio
from aiohttp import web
from aiokafka import AIOKafkaProducer

from tasker_core.messages.runs import Run, decode_due
from tasker_core.time.instant import parse_ms
from tasker_devstack.isolated_system import System
from tasker_devstack.otlp_receiver import OtlpReceiver, ReceivedSpan, otlp_receiver
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import HOST
from tasker_runtime.clock import utc_now

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
Json = dict[str, Any]
RUN_STAGES = {"emit", "run", "GET", "log"}


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def receiver() -> AsyncIterator[OtlpReceiver]:
    async with otlp_receiver() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def traced(kafka: str, mongodb: str, receiver: OtlpReceiver) -> AsyncIterator[System]:
    """A system whose services send their spans to the receiver."""
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint, "TASKER_LOG_FORMAT": "json", "TASKER_LOG_LEVEL": "debug"}
    system = System(kafka, mongodb, env=env)
    async with system.running():
        yield system


@pytest_asyncio.fixture(loop_scope="session")
async def target() -> AsyncIterator[tuple[str, list[str]]]:
    """The URL of a server that fails its first request, and the `traceparent` of each request."""
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers["traceparent"])
        return web.Response(status=503 if len(seen) == 1 else 200)

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    yield f"http://{HOST}:{runner.addresses[0][1]}/", seen
    await runner.cleanup()


async def spans_of(receiver: OtlpReceiver, trace_id: str, *names: str) -> dict[str, ReceivedSpan]:
    """The spans of a trace by name, once these are there."""

    async def look() -> dict[str, ReceivedSpan] | None:
        found = {span.name: span for span in receiver.of_trace(trace_id)}
        return found if found.keys() >= set(names) else None

    try:
        return await eventually(look, "spans")
    except AssertionError:
        found = [(span.service, span.name, span.attributes) for span in receiver.of_trace(trace_id)]
        raise AssertionError(f"expected {names} in the trace {trace_id}, found {found}") from None


async def finished_run(system: System, task_id: str, **wanted: str) -> Json:
    async with system.client() as client:

        async def look() -> Json | None:
            runs = (await client.get("/runs", params={"task_id": task_id} | wanted)).json()["items"]
            return runs[0] if runs else None

        found = await eventually(look, f"a run of {task_id}")
        return (await client.get(f"/runs/{found['id']}")).json()


def ms(run: Json, stage: str) -> int:
    return parse_ms(run[stage])


async def test_a_request_is_one_trace_and_each_run_another_that_links_to_it(
    traced: System, receiver: OtlpReceiver, target: tuple[str, list[str]]
) -> None:
    url, seen = target
    before = utc_now().timestamp() * 1000
    task = {
        "id": "by-rest",
        "schedule": {"at": (utc_now() + timedelta(seconds=3)).isoformat()},
        "handler": "curl",
        "payload": url,
        "retry": {"max_attempts": 2, "initial": "PT1S"},
    }
    async with traced.client() as client:
        answer = await client.post("/tasks", json=task, headers={"traceparent": f"00-{TRACE}-{CALLER}-01"})
    assert answer.status_code == 201, answer.text
    answered = utc_now().timestamp() * 1000

    request = "POST /api/v1/tasks"
    creating = await spans_of(receiver, TRACE, request, "apply", "project")
    assert creating.keys() == {request, "apply", "project"}
    api, apply, project = creating[request], creating["apply"], creating["project"]
    assert (api.service, api.kind, api.parent_id) == ("tasker-api", "server", CALLER)
    assert (api.attributes["http.response.status_code"], api.error) == (201, None)
    assert (apply.service, apply.parent_id) == ("tasker-ticker", api.span_id)
    assert (project.service, project.parent_id) == ("tasker-log-sink", api.span_id)
    assert before - 2 <= api.start_ms <= apply.start_ms <= apply.end_ms <= project.end_ms
    assert project.start_ms <= api.end_ms <= answered
    for span in (apply, project):
        assert {name: span.attributes[f"tasker.{name}"] for name in ("task_id", "event_type", "verdict")} == {
            "task_id": "by-rest", "event_type": "put", "verdict": "accepted",
        }  # fmt: skip

    run = await finished_run(traced, "by-rest", state="succeeded")
    emitted = [decode_due(r.value or b"") for r in await traced.records("due-tasks", "due-background")]
    runs = [one for one in emitted if isinstance(one, Run) and one.task_id == "by-rest"]
    assert [run.traceparent for run in runs] == [f"00-{TRACE}-{api.span_id}-01"] * 2

    async def both_attempts() -> bool:
        return len(receiver.of_trace(run["id"])) >= 10

    await eventually(both_attempts, f"all spans of the run, of {receiver.of_trace(run['id'])}")
    first, second = (by_attempt(receiver, run["id"], attempt) for attempt in (1, 2))
    assert (first["emit"].parent_id, first["emit"].links) == ("", [(TRACE, api.span_id)])
    assert (second["emit"].parent_id, second["emit"].links) == (first["run"].span_id, [(TRACE, api.span_id)])
    for spans in (first, second):
        assert spans["run"].parent_id == spans["emit"].span_id
        assert spans["GET"].parent_id == spans["log"].parent_id == spans["run"].span_id
        # (It ends when Kafka has answered: an executor may well have read the run, and be done with it, before.)
        assert spans["emit"].start_ms <= spans["run"].start_ms
        assert spans["run"].start_ms <= spans["run"].events["started"] <= spans["GET"].start_ms
        assert spans["GET"].end_ms <= spans["run"].end_ms == spans["log"].start_ms <= spans["log"].end_ms
    assert (first["GET"].error, first["GET"].attributes["error.type"]) == ("503", "503")
    assert (first["run"].error, first["run"].attributes["tasker.retried"]) == ("http_status", True)
    assert (second["run"].error, second["run"].attributes["tasker.outcome"]) == (None, "succeeded")
    assert first["emit"].start_ms == ms(run, "effective_at")
    assert second["run"].start_ms == ms(run, "received_at")
    assert second["run"].events["started"] == ms(run, "started_at")
    assert second["log"].start_ms == ms(run, "finished_at")
    assert abs(second["log"].end_ms - ms(run, "logged_at")) < 1_000
    assert [one["GET"].span_id for one in (first, second)] == [header.split("-")[2] for header in seen]
    assert {header.split("-")[1] for header in seen} == {run["id"]}
    retry = {span.name: span for span in receiver.of_trace(run["id"]) if span.name in ("apply", "project")}
    assert {span.parent_id for span in retry.values()} == {first["run"].span_id}


def by_attempt(receiver: OtlpReceiver, run_id: str, attempt: int) -> dict[str, ReceivedSpan]:
    """The spans of one attempt of a run; what it called bears no number, but is below its `run`."""
    spans = receiver.of_trace(run_id)
    found = {span.name: span for span in spans if span.attributes.get("tasker.attempt") == attempt}
    return found | {s.name: s for s in spans if s.name == "GET" and s.parent_id == found["run"].span_id}


async def test_a_producer_s_header_goes_all_the_way(traced: System, receiver: OtlpReceiver) -> None:
    trace, header = "4bf92f3577b34da6a3ce929d0e0e4736", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    at = (utc_now() + timedelta(seconds=2)).isoformat()
    put = {"type": "put", "id": "plain-put", "task": {"id": "plain-traced", "schedule": {"at": at}}}
    trigger = {"type": "trigger", "id": "plain-trigger", "task_id": "plain-traced"}
    untraced = {"type": "trigger", "id": "plain-untraced", "task_id": "plain-traced"}
    topic, key = f"{traced.topic_prefix}.task-events", b"plain-traced"
    plain: Any = AIOKafkaProducer(bootstrap_servers=traced.kafka)  # knows nothing of Tasker
    async with plain as producer:
        # On whatever partition: the ticker sends it on, with its headers.
        await producer.send_and_wait(topic, json.dumps(put).encode(), headers=[("traceparent", header)], partition=0)
        run = await finished_run(traced, "plain-traced", state="succeeded")
        other = header.replace(b"4736-", b"4737-")
        await producer.send_and_wait(topic, json.dumps(trigger).encode(), key=key, headers=[("traceparent", other)])
        await producer.send_and_wait(topic, json.dumps(untraced).encode(), key=key, headers=[("traceparent", b"no")])

    async def both_verdicts() -> bool:
        return {"forwarded", "accepted"} == {s.attributes["tasker.verdict"] for s in receiver.of_trace(trace)}

    await eventually(both_verdicts, f"apply and project on both partitions, of {receiver.of_trace(trace)}")
    await spans_of(receiver, trace, "apply", "project")
    assert {span.parent_id for span in receiver.of_trace(trace)} == {"00f067aa0ba902b7"}
    emit = (await spans_of(receiver, run["id"], "emit", "run", "log"))["emit"]
    assert emit.links == [(trace, "00f067aa0ba902b7")]

    async def manual(event_id: str) -> ReceivedSpan:
        async with traced.client() as client:

            async def verdict() -> Json | None:
                answer = await client.get(f"/journal/{event_id}")
                return answer.json() if answer.status_code == 200 else None

            run_id = (await eventually(verdict, f"the verdict on {event_id}"))["run_id"]
        return (await spans_of(receiver, run_id, "emit", "run", "log"))["emit"]

    assert (await manual("plain-trigger")).links == [("4bf92f3577b34da6a3ce929d0e0e4737", "00f067aa0ba902b7")]
    assert (await manual("plain-untraced")).links == []


async def test_log_lines_say_of_what_they_are(traced: System, target: tuple[str, list[str]]) -> None:
    async with traced.client() as client:
        task = {"id": "logged", "schedule": {"every": "PT1H"}, "handler": "curl", "payload": "http://192.168.0.1/"}
        assert (await client.post("/tasks", json=task)).status_code == 201
        header = {"traceparent": f"00-{'1' * 32}-{CALLER}-01"}
        run_id = (await client.post("/tasks/logged/trigger", headers=header)).json()["run_id"]
    await finished_run(traced, "logged", state="failed")
    failed = line(traced, "executor", "run failed", run_id=run_id)
    ours = {"task_id": "logged", "run_id": run_id, "trace_id": run_id, "attempt": 1}
    assert failed.items() >= ours.items()
    applied = line(traced, "ticker", "event applied", task_id="logged", event_type="trigger")
    published = line(traced, "api", "event published", task_id="logged", event_type="trigger")
    assert applied["trace_id"] == published["trace_id"] == "1" * 32
    assert (applied["partition"], applied["offset"]) == (published["partition"], published["offset"])
    assert failed["partition"] == published["partition"]
    assert line(traced, "api", "request", path="/api/v1/tasks/logged/trigger")["trace_id"] == "1" * 32


def line(system: System, service: str, action: str, **fields: str) -> Json:
    """The only line of an action with these fields among the last ones of a service."""
    lines: list[Json] = [json.loads(text) for text in system.log(service).splitlines() if text.startswith("{")]
    (found,) = (one for one in lines if one.get("action") == action and one.items() >= fields.items())
    return found
