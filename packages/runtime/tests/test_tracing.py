"""Spans at a real OTLP receiver, and what becomes of them when there is none."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from typing import Any

import psutil
import pytest
import pytest_asyncio
from pydantic import ValidationError

from tasker_core.trace_context import TraceContext
from tasker_devstack.otlp_receiver import OtlpReceiver, otlp_receiver
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import HOST, free_port
from tasker_runtime.testing import RecordedLog
from tasker_runtime.tracing.otlp import MAX_WAITING, OtlpRecorder
from tasker_runtime.tracing.recorder import start_tracing
from tasker_runtime.tracing.settings import TracingSettings
from tasker_runtime.tracing.spans import FinishedSpan

TRACE = int("0af7651916cd43dd8448eb211c80319c", 16)


def span(number: int = 1, **fields: Any) -> FinishedSpan:
    whole: dict[str, Any] = {"name": "run", "trace_id": TRACE, "span_id": number, "start_ms": 1_000, "end_ms": 1_007}
    return FinishedSpan(**(whole | fields))


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[OtlpReceiver]:
    async with otlp_receiver() as running:
        yield running


async def test_a_span_arrives_whole(receiver: OtlpReceiver) -> None:
    recorder = start_tracing("executor", RecordedLog(), TracingSettings(endpoint=receiver.endpoint))
    assert recorder is not None
    recorder.record(
        span(
            parent_id=5,
            kind="consumer",
            attributes={"tasker.attempt": 1, "tasker.outcome": "failed", "share": 0.5, "again": True},
            events={"started": 1_003},
            link=TraceContext(6, 7, sampled=True),
            error="timeout",
        )
    )
    await recorder.close()
    (found,) = receiver.spans
    assert (found.service, found.name, found.kind) == ("tasker-executor", "run", "consumer")
    assert (found.trace_id, found.span_id, found.parent_id) == (f"{TRACE:032x}", f"{1:016x}", f"{5:016x}")
    assert (found.start_ms, found.end_ms, found.events) == (1_000, 1_007, {"started": 1_003})
    assert found.attributes == {"tasker.attempt": 1, "tasker.outcome": "failed", "share": 0.5, "again": True}
    assert (found.links, found.error) == ([(f"{6:032x}", f"{7:016x}")], "timeout")


async def test_spans_are_sent_without_being_asked_for(receiver: OtlpReceiver) -> None:
    recorder = OtlpRecorder("ticker", TracingSettings(endpoint=receiver.endpoint), RecordedLog())
    for number in range(1, 3_001):
        recorder.record(span(number))

    async def all_there() -> bool:
        return len(receiver.spans) == 3_000

    await eventually(all_there, "3,000 spans")
    await recorder.close()


def test_without_an_endpoint_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert start_tracing("api", RecordedLog()) is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
    assert start_tracing("api", RecordedLog()) is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:9/v1/traces")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert start_tracing("api", RecordedLog()) is None


async def test_the_endpoint_of_traces_alone_is_enough(receiver: OtlpReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{receiver.endpoint}/v1/traces")
    recorder = start_tracing("api", RecordedLog())
    assert recorder is not None
    recorder.record(span(9))
    await recorder.close()
    assert [one.span_id for one in receiver.spans] == [f"{9:016x}"]


@pytest.mark.parametrize(
    "url", ["grpc://tasker:horse@h:1", "http://tasker:ho/rse@h", "http://tasker:horse@", "http://tasker:horse@[h"]
)
@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_an_endpoint_that_is_unusable_shows_no_password(monkeypatch: pytest.MonkeyPatch, name: str, url: str) -> None:
    monkeypatch.setenv(name, url)
    with pytest.raises(ValidationError, match=name) as raised:
        TracingSettings()
    assert not re.search(r"horse|tasker:|rse@", str(raised.value))


async def test_the_log_shows_no_password_of_the_receiver() -> None:
    log, address = RecordedLog(), f"{HOST}:{free_port()}"
    settings = TracingSettings(endpoint=f"http://tasker:horse@{address}/collect")
    recorder = OtlpRecorder("ticker", settings, log, close_seconds=0.1)
    recorder.record(span())
    await recorder.close()

    async def said() -> bool:
        return any("receiver" in fields for fields in log.fields_of("spans not exported"))

    await eventually(said, "that spans are not exported", 20)
    assert address in str(log.lines)
    assert "horse" not in f"{log.lines} {settings!r} {settings}"


async def test_without_an_endpoint_the_sdk_is_not_even_loaded() -> None:
    loaded = "any(name.startswith('opentelemetry.sdk') for name in sys.modules)"
    code = f"import sys, tasker_executor.main, tasker_api.main; sys.exit({loaded})"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ("OTEL_TRACES_SAMPLER_ARG", "all"),
    ],
)
def test_a_setting_that_is_unusable_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValidationError, match=variable):
        TracingSettings()


async def test_the_id_of_a_trace_decides_whether_it_is_recorded(receiver: OtlpReceiver) -> None:
    def sampled(share: float) -> list[int]:
        settings = TracingSettings(endpoint=receiver.endpoint, sampled_share=share)
        recorder = OtlpRecorder("ticker", settings, RecordedLog())
        ids = [(n * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128 for n in range(1, 10_001)]
        assert recorder.samples_all == (share == 1.0)
        return [one for one in ids if recorder.samples(one)]

    none, few, more, everything = (sampled(share) for share in (0.0, 0.01, 0.25, 1.0))
    assert (len(none), len(everything)) == (0, 10_000)
    assert 60 < len(few) < 140
    assert 2_300 < len(more) < 2_700
    assert set(few) < set(more), "who samples more has all that others have"


async def test_a_receiver_that_is_away_holds_nothing_up(receiver: OtlpReceiver) -> None:
    log, loop = RecordedLog(), asyncio.get_running_loop()
    settings = TracingSettings(endpoint=f"http://{HOST}:{free_port()}")
    recorder = OtlpRecorder("ticker", settings, log, close_seconds=0.3)
    before, began = psutil.Process().memory_info().rss, loop.time()
    for number in range(1, 10 * MAX_WAITING):
        recorder.record(span(number))
    assert not recorder.has_room
    assert loop.time() - began < 5
    assert psutil.Process().memory_info().rss - before < 100 * 1024 * 1024
    began = loop.time()
    await recorder.close()
    assert 0.2 < loop.time() - began < 5, "its own bound, and not the ten seconds of an export"
    (said,) = log.fields_of("spans not exported")
    assert said["spans"] > MAX_WAITING - 2_000


async def test_that_spans_are_not_taken_is_said_once_and_that_they_are_again_too(receiver: OtlpReceiver) -> None:
    log = RecordedLog()
    receiver.status = 400
    recorder = OtlpRecorder("ticker", TracingSettings(endpoint=receiver.endpoint), log)

    async def refused(times: int) -> None:
        recorder.record(span())

        async def look() -> bool:
            return receiver.requests >= times

        await eventually(look, f"{times} refused requests")

    await refused(1)
    await refused(2)
    receiver.status = 200
    recorder.record(span(7))
    await recorder.close()
    assert [one.span_id for one in receiver.spans] == [f"{7:016x}"]
    (warned,) = log.fields_of("spans not exported")
    address = receiver.endpoint.removeprefix("http://")
    assert warned["receiver"] == address
    assert log.fields_of("spans exported again") == [{"receiver": address, "lost": 2}]
