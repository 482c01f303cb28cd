"""Failed attempts on a real Kafka: the next one is requested, and only the last one leaves a dead letter."""

from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace
from prometheus_client import REGISTRY

from tasker_core.events.task_event import RetryEvent, parse_event
from tasker_core.ids import Kind
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Policy, RetryPolicy, Run
from tasker_core.time.instant import parse_ms, parse_second, rfc3339
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.execution.outcome import AttemptOutcome, failed, next_attempt_at_ms
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.partition.decoding import UndecodableRecord, decode_record
from tasker_executor.reporting.task_event_publisher import retry_event
from tasker_executor.testing.executor_harness import CLOCK, ExecutorHarness

NOON = 1_767_268_800_000
HOUR = 3_600_000
AT = "2026-01-01T12:00:00.000Z"
RETRY = RetryPolicy(max_attempts=3, initial="PT10S", jitter=0)
RUN = Run(
    run_id="r",
    task_id="t",
    task_name="t",
    generation=1,
    version=1,
    nominal_at=AT,
    effective_at=AT,
    emitted_at="2026-01-01T13:00:00.000Z",
    payload=Raw(b'{"a": [1,  2]}'),
    policy=Policy(retry=RETRY),
)
FAILED = failed(AttemptFailed("x", "y"))


def next_of(run: Run, outcome: AttemptOutcome = FAILED, after_ms: int = HOUR) -> int | None:
    due = next_attempt_at_ms(run, outcome, NOON + after_ms)
    return None if due is None else due - NOON


def test_the_pause_grows_until_the_attempts_are_over() -> None:
    assert next_of(RUN) == HOUR + 10_000
    assert next_of(replace(RUN, attempt=2)) == HOUR + 20_000
    assert next_of(replace(RUN, attempt=3)) is None
    assert next_of(RUN, after_ms=HOUR + 1) == HOUR + 11_000  # whole seconds, never earlier
    assert next_of(replace(RUN, policy=Policy())) is None


@pytest.mark.parametrize(
    "outcome",
    [AttemptOutcome("succeeded"), AttemptOutcome("cancelled"), AttemptOutcome("skipped"), FAILED._replace(final=True)],
)
def test_what_another_attempt_cannot_change_is_not_tried_again(outcome: AttemptOutcome) -> None:
    assert next_of(RUN, outcome) is None


@pytest.mark.parametrize(("wait", "after"), [(0, 10), (-5, 10), (nan, 10), (120, 120), (120.2, 121)])
def test_the_other_side_may_ask_for_more_time(wait: float, after: int) -> None:
    assert next_of(RUN, FAILED._replace(wait_seconds=wait)) == HOUR + after * 1000


def test_a_run_that_would_come_too_late_is_not_tried_again() -> None:
    assert next_of(RUN, FAILED._replace(wait_seconds=inf)) is None
    assert next_of(RUN, after_ms=24 * HOUR) is None
    assert next_of(replace(RUN, kind="backfill"), after_ms=24 * HOUR) == 24 * HOUR + 10_000


@given(st.sampled_from(["scheduled", "manual", "backfill"]), st.integers(1, 999), st.text(max_size=20))
def test_the_ticker_reads_the_event_as_the_run_was(kind: Kind, attempt: int, name: str) -> None:
    run = replace(RUN, kind=kind, attempt=attempt, task_name=name)
    event = parse_event(retry_event(run, NOON + 90_000), [], b"t")
    assert isinstance(event, RetryEvent)
    assert (event.run, event.attempt, event.retry_at) == (run, attempt + 1, NOON // 1000 + 90)
    assert bytes(event.run.payload) == bytes(run.payload)
    assert event.origin.event_id == f"retry-r-{attempt + 1}"


@pytest.mark.parametrize(
    "fields", [{"initial": "soon"}, {"max": ""}, {"max_age": "P1Y"}, {"factor": 1e300}, {"jitter": 2.0}]
)
def test_a_retry_policy_without_a_usable_time_makes_a_run_unusable(fields: dict[str, Any]) -> None:
    with pytest.raises(UndecodableRecord):
        decode_record(encode(replace(RUN, policy=Policy(retry=replace(RETRY, **fields)))))
    assert decode_record(encode(RUN)) == (RUN, 60.0)


class Failing:
    """`fails` fails, `quick-fails` too; `for-good` in a way that another attempt can't change; `busy` wants to wait."""

    def __init__(self) -> None:
        self.handlers = LocalHandlers(
            quick={"quick-fails": self.quickly},
            slow={"fails": self.fails, "for-good": self.for_good, "busy": self.busy, "odd": self.odd},
        )

    def quickly(self, _: Run) -> object:
        raise AttemptFailed("no_luck", "it was not to be")

    async def fails(self, _: Run) -> object:
        raise AttemptFailed("no_luck", "it was not to be", {"kept": 1})

    async def for_good(self, _: Run) -> object:
        raise AttemptFailed("no_use", "it never will be", final=True)

    async def busy(self, _: Run) -> object:
        raise AttemptFailed("busy", "come again", wait_seconds=500)

    async def odd(self, _: Run) -> object:
        return object()


def requested(harness: ExecutorHarness) -> list[RetryEvent]:
    found: list[RetryEvent] = []
    for record in harness.events:
        event = parse_event(record.value, record.headers, record.key)
        assert isinstance(event, RetryEvent)
        found.append(event)
    return found


@pytest.mark.parametrize("handler", ["fails", "quick-fails"])
async def test_a_failed_attempt_is_followed_by_the_next_until_the_last_one(
    harness: ExecutorHarness, handler: str
) -> None:
    def count() -> float:
        return REGISTRY.get_sample_value("tasker_executor_retries_total", {"handler": handler}) or 0

    before, policy = count(), Policy(retry=RetryPolicy(max_attempts=2, initial="PT10S"))
    async with harness.executor(Failing().handlers):
        run = await harness.send(handler, {"a": 1}, policy=policy, traceparent="00-1-2-00")
        await harness.all_finished([run])
        await harness.until(lambda: harness.events, "the next attempt is requested")
        end = harness.finished()[run.run_id]
        assert (end.outcome, end.attempt) == ("failed", 1)
        assert end.retry_at is not None
        (event,) = requested(harness)
        assert event.run == run
        assert (event.attempt, event.retry_at) == (2, parse_second(end.retry_at))
        assert 9_000 <= parse_ms(end.retry_at) - parse_ms(end.finished_at) <= 11_000
        assert not harness.dead_letters
        assert count() == before + 1
        # the ticker would send this one
        emitted: dict[str, Any] = {name: getattr(run, name) for name in run.__struct_fields__ if name != "payload"}
        emitted["attempt"] = 2
        last = await harness.send(lane="background", payload={"a": 1}, **emitted)
        await harness.until(lambda: harness.ends()[run.run_id] == 2, "the second attempt has ended")
        await harness.until(lambda: harness.dead_letters, "a dead letter")
    second = harness.results[-1]
    assert (second.run_id, second.attempt, second.traceparent) == (last.run_id, 2, "00-1-2-00")
    assert getattr(second, "retry_at", "") is None
    assert len(harness.events) == 1
    assert dict(harness.dead_letters[0].headers)["tasker-reason"].startswith(b"no_luck")


@pytest.mark.parametrize(
    ("handler", "fields"),
    [
        ("for-good", {}),
        ("odd", {}),
        ("no-such", {}),
        ("fails", {"emitted_at": rfc3339(CLOCK.now_ms() - 25 * HOUR), "effective_at": rfc3339(CLOCK.now_ms())}),
    ],
)
async def test_what_makes_no_sense_to_repeat_ends_at_once(
    harness: ExecutorHarness, handler: str, fields: dict[str, Any]
) -> None:
    async with harness.executor(Failing().handlers):
        run = await harness.send(handler, policy=Policy(retry=RETRY), **fields)
        await harness.all_finished([run])
        await harness.until(lambda: harness.dead_letters, "a dead letter")
    assert harness.finished()[run.run_id].retry_at is None
    assert not harness.events


async def test_the_next_attempt_waits_as_long_as_it_was_asked_to_and_no_slot_is_held(harness: ExecutorHarness) -> None:
    async with harness.executor(Failing().handlers, executor_concurrency=1):
        runs = [await harness.send("busy", policy=Policy(retry=RETRY)) for _ in range(5)]
        await harness.all_finished(runs)
        await harness.until(lambda: len(harness.events) == 5, "all next attempts are requested")
    for run, event in zip(
        sorted(runs, key=lambda run: run.run_id), sorted(requested(harness), key=lambda e: e.run.run_id), strict=True
    ):
        end = harness.finished()[run.run_id]
        assert end.retry_at is not None
        assert parse_ms(end.retry_at) - parse_ms(end.finished_at) >= 500_000
        assert event.retry_at == parse_second(end.retry_at)
