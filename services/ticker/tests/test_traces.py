"""The trace of an event: kept with its task, borne by the runs that come of it, and through restarts and retries."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.events.task_event import parse_event
from tasker_core.ticker_state import TaskState
from tasker_core.trace_context import run_span_id
from tasker_runtime.testing import RecordedSpans
from tasker_ticker import spans as spans_module
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent
from tasker_ticker.spans import TickerSpans
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness

EVERY_10: dict[str, Any] = {"every": "PT10S", "anchor": "2026-01-01T12:00:00Z"}


def header(number: int, sampled: bool = True) -> str:
    return f"00-{number:032x}-{number:016x}-{int(sampled):02x}"


def put(harness: PartitionHarness, at: float, traceparent: str | None, **task: Any) -> None:
    whole = {"id": "a", "schedule": EVERY_10} | task
    harness.append(at, {"type": "put", "task": whole}, traceparent=traceparent)


def links(harness: PartitionHarness, lane: str = "due-tasks") -> list[str | None]:
    return [run.get("traceparent") for run in harness.topics[lane]]


def test_the_runs_of_a_task_bear_the_trace_of_what_defined_it_last() -> None:
    harness = PartitionHarness()
    put(harness, 0, header(1))
    harness.tick(10)
    harness.restart()
    harness.tick(20)
    harness.send(21, type="pause", task_id="a")
    harness.send(21, type="resume", task_id="a")
    harness.tick(30)
    put(harness, 31, header(2), name="changed")
    harness.tick(40)
    put(harness, 41, None, name="changed by somebody without a trace")
    harness.tick(50)
    assert links(harness) == [header(1), header(1), header(1), header(2), None]
    assert [v.get("traceparent") for v in harness.verdicts()] == [header(1), None, None, header(2), None]


def test_a_trace_that_is_not_recorded_is_not_kept_but_answered() -> None:
    harness = PartitionHarness()
    put(harness, 0, header(1, sampled=False))
    put(harness, 0, "no header", id="b")
    harness.tick(10)
    assert links(harness) == [None, None]
    assert [v.get("traceparent") for v in harness.verdicts()] == [header(1, sampled=False), None]
    assert all("traceparent" not in text.decode() for text in harness.stored.values())


def test_what_an_event_asks_for_links_to_that_event() -> None:
    harness = PartitionHarness()
    put(harness, 0, header(1), schedule={"every": "PT1H", "anchor": "2026-01-01T12:00:00Z"})
    harness.append(1, {"type": "trigger", "task_id": "a"}, traceparent=header(2))
    harness.append(1, {"type": "trigger", "task_id": "a"})
    past = {"times": ["2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"], "rate": 1}
    harness.append(1, {"type": "backfill", "task_id": "a", **past}, traceparent=header(3))
    harness.commit(2)
    harness.restart()
    harness.settle(70)
    assert links(harness) == [header(2), None]
    assert links(harness, "due-background") == [header(3), header(3)]


def test_a_retry_keeps_what_its_run_links_to() -> None:
    harness = PartitionHarness()
    put(harness, 0, header(1))
    harness.tick(10)
    run = harness.topics["due-tasks"][0]
    event = {"type": "retry", "run": run, "attempt": 2, "retry_at": "2026-01-01T12:00:15Z"}
    harness.append(11, event, traceparent=header(9))
    harness.commit(12)
    harness.restart()
    harness.settle(15)
    assert links(harness, "due-background") == [header(1)]


def test_a_cloud_event_may_bear_the_trace_as_its_attribute() -> None:
    event = {"specversion": "1.0", "type": "tasker.pause", "source": "/s", "id": "1", "data": {"task_id": "a"}}
    structured = parse_event(msgspec.json.encode(event | {"traceparent": header(1)}), [], None)
    binary = parse_event(
        b'{"task_id":"a"}', [("ce_type", b"tasker.pause"), ("ce_traceparent", header(2).encode())], None
    )
    both = parse_event(
        msgspec.json.encode(event | {"traceparent": header(1)}), [("traceparent", header(3).encode())], None
    )
    for content, number in ((structured, 1), (binary, 2), (both, 3)):
        assert content.origin.trace is not None
        assert content.origin.trace.traceparent == header(number)


def test_states_of_earlier_releases_are_read_and_written_as_before() -> None:
    harness = PartitionHarness()
    put(harness, 0, None)
    harness.commit(1)
    stored = harness.stored["task/a"]
    assert b"trace" not in stored
    assert msgspec.json.decode(stored, type=TaskState).traceparent is None


def test_spans_are_of_what_was_committed() -> None:
    harness, spans = PartitionHarness(), RecordedSpans()
    put(harness, 0, header(1))
    harness.tick(9)
    batch = harness.commit(10)
    TickerSpans(spans).record(5, batch, (), NOON * 1000 + 10_004)
    (emit,) = spans.spans
    run = harness.topics["due-tasks"][0]
    assert (emit["name"], emit["trace_id"], emit["parent_id"]) == ("emit", int(run["run_id"], 16), None)
    assert (emit["span_id"], emit["link"][:2]) == (run_span_id(run["run_id"], 1, "emit"), (1, 1))
    assert (emit["start_ms"], emit["end_ms"]) == (NOON * 1000 + 10_000, NOON * 1000 + 10_004)
    assert emit["attributes"]["tasker.partition"] == 5


def test_an_event_is_applied_from_its_first_append_to_the_commit() -> None:
    harness, spans = PartitionHarness(), RecordedSpans(sampled=False)
    put(harness, 0, None)
    harness.commit(1)
    content = parse_event(b'{"type":"trigger","id":"t","task_id":"a"}', [("traceparent", header(7).encode())], None)
    incoming = IncomingEvent(1, AppendPosition(NOON * 1000 + 1_250, 3, 4), content, forwarded=True)
    batch = harness.scheduler.next_batch((NOON + 2) * 1000, [incoming])
    TickerSpans(spans).record(5, batch, [incoming], NOON * 1000 + 2_004)
    (apply,) = spans.spans
    assert (apply["name"], apply["trace_id"], apply["parent_id"]) == ("apply", 7, 7)
    assert (apply["start_ms"], apply["end_ms"]) == (NOON * 1000 + 1_250, NOON * 1000 + 2_004)
    about = {"task_id": "a", "event_id": "t", "event_type": "trigger", "partition": 5, "verdict": "accepted"}
    assert apply["attributes"].items() >= {f"tasker.{name}": value for name, value in about.items()}.items()
    assert len(apply["attributes"]["tasker.run_id"]) == 32


def test_what_is_not_sampled_is_not_recorded() -> None:
    harness, spans = PartitionHarness(), RecordedSpans(sampled=False)
    put(harness, 0, header(1))
    harness.tick(9)
    TickerSpans(spans).record(0, harness.commit(10), (), NOON * 1000)
    assert spans.spans == []


@pytest.mark.parametrize(
    ("recorder", "heads", "whole", "dropped"),
    [
        (RecordedSpans(), 0, 20, 0),
        (RecordedSpans(capacity=0), 20, 0, 20),
        (RecordedSpans(capacity=5), 15, 5, 15),
        (RecordedSpans(sampled=False), 20, 0, 0),
    ],
    ids=["all", "no room", "little room", "none sampled"],
)
def test_a_run_is_decoded_at_most_once_and_only_for_a_span_that_is_taken(
    monkeypatch: pytest.MonkeyPatch, recorder: RecordedSpans, heads: int, whole: int, dropped: int
) -> None:
    decoded: Counter[str] = Counter()

    def counting(name: str) -> Callable[[bytes], Any]:
        decode = getattr(spans_module, name)

        def decode_and_count(value: bytes) -> Any:
            decoded[name] += 1
            return decode(value)

        return decode_and_count

    for name in ("_decode_emitted", "decode_due"):
        monkeypatch.setattr(spans_module, name, counting(name))
    harness = PartitionHarness()
    for number in range(20):
        put(harness, 0, None, id=f"t{number}")
    harness.tick(9)
    TickerSpans(recorder).record(5, harness.commit(10), (), NOON * 1000 + 10_004)
    assert (decoded["_decode_emitted"], decoded["decode_due"]) == (heads, whole)
    assert (len(recorder.spans), recorder.dropped) == (whole, dropped)
