"""Of tasks that count their failures the ticker is told how runs end for good, before the runs are passed over."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from tasker_core.events.task_event import OutcomeEvent, parse_event
from tasker_core.ids import Kind
from tasker_core.messages import Cancel, Policy, RetryPolicy, Run, RunError, encode
from tasker_core.record import Record, RecordPosition
from tasker_core.time.instant import parse_second
from tasker_executor.execution.outcome import Ending, cancelled, failed, replaced, skipped, succeeded
from tasker_executor.failure import Failed
from tasker_executor.handlers.local_handlers import Registry
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import Offsets
from tasker_executor.partition.partition import Feed
from tasker_executor.reporting.dead_letters import Burials
from tasker_executor.reporting.reporter import Shell, Telling
from tasker_executor.reporting.result_producer import Results
from tasker_executor.reporting.retries import Retries
from tasker_executor.reporting.task_events import Outcomes, counts, outcome_event
from tasker_executor.testing.executor import CLOCK, Trial
from tasker_runtime.health import Health
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
FAILED = failed(Failed("x", "y"))


@pytest.mark.parametrize(
    ("ending", "told"),
    [(succeeded(None), True), (FAILED, True), (cancelled(), False), (replaced(RUN), False), (skipped(RUN, RUN), False)],
)
def test_only_successes_and_failures_count(ending: Ending, told: bool) -> None:
    assert counts(RUN, ending) is told
    assert not counts(replace(RUN, policy=Policy()), ending)


@pytest.mark.parametrize(("kind", "told"), [("scheduled", True), ("manual", True), ("backfill", False)])
def test_backfilled_runs_do_not_count(kind: Kind, told: bool) -> None:
    assert counts(replace(RUN, kind=kind), FAILED) is told


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

    begun: list[str] = field(default_factory=list[str])

    @property
    def registry(self) -> Registry:
        return Registry(
            quick={"good": lambda _: 1, "bad": self.bad},
            slow={"slow-good": self.slow_good, "slow-bad": self.slow_bad, "hangs": self.hangs},
        )

    def bad(self, _: Run) -> object:
        raise Failed("no_luck", "it was not to be")

    async def slow_good(self, _: Run) -> object:
        return 1

    async def slow_bad(self, run: Run) -> object:
        return self.bad(run)

    async def hangs(self, run: Run) -> object:
        self.begun.append(run.run_id)
        await asyncio.Event().wait()
        return None


def told(trial: Trial) -> dict[str, OutcomeEvent]:
    found: dict[str, OutcomeEvent] = {}
    for record in trial.events:
        event = parse_event(record.value, record.headers, record.key)
        if isinstance(event, OutcomeEvent):
            assert event.run_id not in found
            found[event.run_id] = event
    return found


async def test_each_last_end_is_told_and_no_other(trial: Trial) -> None:
    again = Policy(max_consecutive_failures=3, retry=RetryPolicy(max_attempts=2))
    mixed = Mixed()
    async with trial.executor(mixed.registry):
        good = [await trial.send(name, policy=COUNTED) for name in ("good", "slow-good")]
        bad = [await trial.send(name, policy=COUNTED, kind="manual") for name in ("bad", "slow-bad", "no-such")]
        last = await trial.send("bad", policy=again, attempt=2, lane="background")
        unseen = [
            await trial.send("bad", policy=again),
            await trial.send("good"),
            await trial.send("bad"),
            await trial.send("good", policy=COUNTED, kind="backfill"),
        ]
        hanging = await trial.send("hangs", policy=COUNTED)
        await trial.until(lambda: mixed.begun, "it hangs")
        await trial.send_raw(encode(Cancel(task_id=hanging.task_id)), hanging.task_id)
        await trial.all_finished([*good, *bad, last, *unseen, hanging])
        await trial.until(lambda: len(told(trial)) == 6, "all is told")
    events = told(trial)
    assert {run_id for run_id, event in events.items() if event.failed} == {run.run_id for run in (*bad, last)}
    assert {run_id for run_id, event in events.items() if not event.failed} == {run.run_id for run in good}
    assert events[bad[0].run_id].error == RunError("no_luck", "it was not to be")
    kinds = {run.run_id: trial.finished()[run.run_id].error for run in bad}
    assert {run_id: events[run_id].error for run_id in kinds} == kinds
    assert len(trial.dead_letters) == 5


class Slow(RecordProducer):
    """Writes nothing: an event is acknowledged when somebody says so."""

    def __init__(self) -> None:
        super().__init__("nowhere:1")
        self.asked: list[str] = []
        self.acknowledged = asyncio.Event()

    async def send(self, topic: str, value: bytes | None, **_: Any) -> RecordPosition:
        self.asked.append(topic)
        await self.acknowledged.wait()
        return RecordPosition(0, len(self.asked))


@pytest.mark.parametrize(("ending", "asked"), [(succeeded(1), ["events"]), (FAILED, ["letters", "events"])])
async def test_the_result_waits_until_the_outcome_is_acknowledged(ending: Ending, asked: list[str]) -> None:
    health, log, sender = Health(), configure("executor", "console"), Slow()
    results = Results("nowhere:1", "results", health, log)
    shell = Shell(
        handlers=Mixed().registry,
        results=results,
        burials=Burials(sender, "letters", health, log),
        retries=Retries(sender, "events", health, log),
        outcomes=Outcomes(sender, "events", health, log),
        clock=CLOCK,
        worker="w",
        log=log,
    )
    feed = Feed("live", Offsets(None))
    record = Record("due", 5, 0, 0, b"t", encode(RUN), ())
    started: list[asyncio.Task[None]] = []
    telling = Telling(shell, lambda feed, work: started.append(feed.start(work)), lambda _: None)
    telling.ended(Job(feed, record, RUN, 0, 60.0), ending, None)
    await asyncio.sleep(0)
    assert (len(results), sender.asked) == (0, asked[:1])
    sender.acknowledged.set()
    await asyncio.gather(*started)
    assert (len(results), sender.asked) == (1, asked)

    again: list[asyncio.Task[None]] = []
    telling = Telling(shell, lambda feed, work: again.append(feed.start(work)), lambda _: None)
    telling.ended(Job(feed, record, replace(RUN, policy=Policy()), 0, 60.0), succeeded(1), None)
    assert (len(results), again) == (2, [])  # of other tasks nothing is told, and nothing waits
