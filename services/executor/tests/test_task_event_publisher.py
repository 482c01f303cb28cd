"""The final outcomes of tasks that count their failures go to the ticker, before the runs are finished."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from tasker_core.events.task_event import OutcomeEvent, parse_event
from tasker_core.ids import Kind
from tasker_core.kafka_record import Record, RecordPosition
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Cancel, Policy, RetryPolicy, Run, RunError
from tasker_core.time.instant import parse_second
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.execution.outcome import AttemptOutcome, cancelled, failed, replaced, skipped, succeeded
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.reporting.dead_letters import DeadLetterReporter
from tasker_executor.reporting.reporter import Reporter
from tasker_executor.reporting.task_event_publisher import TaskEventPublisher, outcome_event, reports_end
from tasker_executor.testing.executor_harness import CLOCK, ExecutorHarness
from tasker_executor.testing.runner_harness import FakeResultProducer
from tasker_runtime.health import Health
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import configure

AT = "2026-01-01T12:00:00.000Z"
COUNTED = Policy(max_consecutive_failures=3)
RUN = Run(
    run_id="r",
    task_id="t",
    task_name="t",
    generation=1,
    version=2,
    nominal_at=AT,
    effective_at=AT,
    emitted_at=AT,
    policy=COUNTED,
)
FAILED = failed(AttemptFailed("x", "y"))


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [(succeeded(None), True), (FAILED, True), (cancelled(), False), (replaced(RUN), False), (skipped(RUN, RUN), False)],
)
def test_only_successes_and_failures_count(outcome: AttemptOutcome, counted: bool) -> None:
    assert reports_end(RUN, outcome) is counted
    assert not reports_end(replace(RUN, policy=Policy()), outcome)


@pytest.mark.parametrize("outcome", [succeeded(None), FAILED, cancelled(), replaced(RUN), skipped(RUN, RUN)])
def test_where_somebody_is_told_of_a_task_every_end_is_reported(outcome: AttemptOutcome) -> None:
    told = replace(RUN, policy=Policy(report_end=True))
    assert reports_end(told, outcome)
    assert not reports_end(replace(told, kind="backfill"), outcome)


@pytest.mark.parametrize(("kind", "counted"), [("scheduled", True), ("manual", True), ("backfill", False)])
def test_backfilled_runs_do_not_count(kind: Kind, counted: bool) -> None:
    assert reports_end(replace(RUN, kind=kind), FAILED) is counted


def test_the_ticker_reads_the_event_as_it_was_meant() -> None:
    event = parse_event(outcome_event(RUN, FAILED), [], b"t")
    assert isinstance(event, OutcomeEvent)
    assert (event.run_id, event.generation, event.version, event.effective) == ("r", 1, 2, parse_second(AT))
    assert (event.failed, event.error, event.origin.event_id) == (True, RunError("x", "y"), "outcome/r")
    good = parse_event(outcome_event(RUN, succeeded(7)), [], b"t")
    assert isinstance(good, OutcomeEvent)
    assert (good.failed, good.error) == (False, None)


@dataclass
class Mixed:
    """`good` and `bad` wait for nothing; `slow-good` and `slow-bad` do; `hangs` until it is stopped."""

    started: list[str] = field(default_factory=list[str])

    @property
    def handlers(self) -> LocalHandlers:
        return LocalHandlers(
            quick={"good": lambda _: 1, "bad": self.bad},
            slow={"slow-good": self.slow_good, "slow-bad": self.slow_bad, "hangs": self.hangs},
        )

    def bad(self, _: Run) -> object:
        raise AttemptFailed("no_luck", "it was not to be")

    async def slow_good(self, _: Run) -> object:
        return 1

    async def slow_bad(self, run: Run) -> object:
        return self.bad(run)

    async def hangs(self, run: Run) -> object:
        self.started.append(run.run_id)
        await asyncio.Event().wait()
        return None


def outcome_events(harness: ExecutorHarness) -> dict[str, OutcomeEvent]:
    found: dict[str, OutcomeEvent] = {}
    for record in harness.events:
        event = parse_event(record.value, record.headers, record.key)
        if isinstance(event, OutcomeEvent):
            assert event.run_id not in found
            found[event.run_id] = event
    return found


async def test_each_final_outcome_is_published_and_no_other(harness: ExecutorHarness) -> None:
    again = Policy(max_consecutive_failures=3, retry=RetryPolicy(max_attempts=2))
    mixed = Mixed()
    async with harness.executor(mixed.handlers):
        good = [await harness.send(name, policy=COUNTED) for name in ("good", "slow-good")]
        bad = [await harness.send(name, policy=COUNTED, kind="manual") for name in ("bad", "slow-bad", "no-such")]
        last = await harness.send("bad", policy=again, attempt=2, lane="background")
        unseen = [
            await harness.send("bad", policy=again),
            await harness.send("good"),
            await harness.send("bad"),
            await harness.send("good", policy=COUNTED, kind="backfill"),
        ]
        hanging = await harness.send("hangs", policy=COUNTED)
        await harness.until(lambda: mixed.started, "it hangs")
        await harness.send_raw(encode(Cancel(task_id=hanging.task_id)), hanging.task_id)
        await harness.all_finished([*good, *bad, last, *unseen, hanging])
        await harness.until(lambda: len(outcome_events(harness)) == 6, "all is published")
    events = outcome_events(harness)
    assert {run_id for run_id, event in events.items() if event.failed} == {run.run_id for run in (*bad, last)}
    assert {run_id for run_id, event in events.items() if not event.failed} == {run.run_id for run in good}
    assert events[bad[0].run_id].error == RunError("no_luck", "it was not to be")
    kinds = {run.run_id: harness.finished()[run.run_id].error for run in bad}
    assert {run_id: events[run_id].error for run_id in kinds} == kinds
    assert len(harness.dead_letters) == 5


class DelayedProducer(RecordProducer):
    """Sends nothing: records are acknowledged when the test says so."""

    def __init__(self) -> None:
        super().__init__(KafkaConnection("nowhere:1"))
        self.topics: list[str] = []
        self.acknowledged = asyncio.Event()

    async def send(self, topic: str, value: bytes | None, **_: Any) -> RecordPosition:
        self.topics.append(topic)
        await self.acknowledged.wait()
        return RecordPosition(0, len(self.topics))


@pytest.mark.parametrize(("outcome", "topics"), [(succeeded(1), ["events"]), (FAILED, ["dead-letters", "events"])])
async def test_the_result_waits_until_the_outcome_is_acknowledged(outcome: AttemptOutcome, topics: list[str]) -> None:
    health, log, producer = Health(), configure("executor", "console"), DelayedProducer()
    results, spawned = FakeResultProducer(), list[asyncio.Task[None]]()
    reporter = Reporter(
        results,
        DeadLetterReporter(producer, "dead-letters", health, log),
        TaskEventPublisher(producer, "events", health, log),
        lambda partition, work: spawned.append(partition.start(work)),
        Mixed().handlers,
        CLOCK,
        "w",
        log,
    )
    partition = LanePartition("live", OffsetTracker(None))
    record = Record("due", 5, 0, 0, b"t", encode(RUN), ())
    reporter.report_outcome(Job(partition, record, RUN, 0, 60.0), outcome, None, lambda _: None)
    await asyncio.sleep(0)
    assert (len(results), producer.topics) == (0, topics[:1])
    producer.acknowledged.set()
    await asyncio.gather(*spawned)
    assert (len(results), producer.topics) == (1, topics)

    spawned.clear()
    uncounted = Job(partition, record, replace(RUN, policy=Policy()), 0, 60.0)
    reporter.report_outcome(uncounted, succeeded(1), None, lambda _: None)
    assert (len(results), spawned) == (2, [])  # of other tasks nothing is published, and nothing waits
