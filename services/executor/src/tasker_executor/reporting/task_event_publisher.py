"""Task events for the ticker: next attempts, waits for callbacks, final outcomes, and ends that start tasks.

The ticker keeps a next attempt until it is due and a wait until its report comes, counts the failures in a row, lets
people be told of changes, and emits what is started.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from tasker_core.chains.links import FinalOutcome, Predecessor
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Run, RunError
from tasker_core.time.instant import rfc3339
from tasker_executor import metrics
from tasker_executor.execution.outcome import AttemptOutcome
from tasker_executor.partition.job import Job
from tasker_executor.partition.priority_lanes import Lane
from tasker_executor.reporting.resend import send_until_acknowledged
from tasker_executor.reporting.result_messages import ReceivedRun
from tasker_executor.run_spans import RunSpans
from tasker_runtime.health import Health
from tasker_runtime.kafka.record_sender import RecordSender
from tasker_runtime.logs import Log

RETRIES_CHECK = "retries"
WAITS_CHECK = "waits"
OUTCOMES_CHECK = "outcomes"
CHAINS_CHECK = "chains"


def retry_event(run: Run, due_ms: int) -> bytes:
    """The event that requests the attempt after this one. Its id is the attempt's, so that a repetition is known."""
    attempt = run.attempt + 1
    return encode(
        {
            "type": "retry",
            "id": f"retry-{run.run_id}-{attempt}",
            "actor": "executor",
            "run": msgspec.Raw(encode(run)),
            "attempt": attempt,
            "retry_at": rfc3339(due_ms),
        }
    )


def wait_event(job: ReceivedRun, started_ms: int, deadline: int) -> bytes:
    """The event that lets an attempt wait for its callback until `deadline` (epoch seconds)."""
    run = job.run
    return encode(
        {
            "type": "wait",
            "id": f"wait-{run.run_id}-{run.attempt}",
            "actor": "executor",
            "run": msgspec.Raw(encode(run)),
            "until": rfc3339(deadline * 1000),
            "received_at": rfc3339(job.received_ms),
            "started_at": rfc3339(started_ms),
            "lane": job.lane,
        }
    )


def reports_end(run: Run, outcome: AttemptOutcome) -> bool:
    """Whether the ticker wants to know the final outcome of a run; that of a failed one only after its last attempt."""
    if run.kind == "backfill":
        return False
    counted = run.policy.max_consecutive_failures is not None and outcome.status in ("failed", "succeeded")
    return run.policy.report_end or counted


def outcome_event(run: Run, outcome: AttemptOutcome) -> bytes:
    """The event with the final outcome of a run. Its id is the run's, so that a repetition is known."""
    fields: dict[str, str | int | RunError] = {
        "type": "outcome",
        "id": f"outcome/{run.run_id}",
        "actor": "executor",
        "task_id": run.task_id,
        "run_id": run.run_id,
        "generation": run.generation,
        "version": run.version,
        "effective_at": run.effective_at,
        "outcome": outcome.status,
    }
    if outcome.error is not None:
        fields["error"] = outcome.error
    return encode(fields)


def started_tasks(run: Run, outcome: FinalOutcome) -> Sequence[str]:
    """The tasks that a run starts when it has ended so for good."""
    return [link.task for link in run.policy.then or () if link.follows(outcome)]


def chain_event(run: Run, lane: Lane, outcome: FinalOutcome, successor: str) -> bytes:
    """The event that starts a successor. Its id is the run's and the successor's, so that a repetition is known."""
    after = Predecessor(run.task_id, run.run_id, run.nominal_at, outcome)
    event = {
        "type": "chain",
        "id": f"chain-{run.run_id}-{successor}",
        "actor": "executor",
        "task_id": successor,
        "after": after,
        "chain": (*run.chain, run.task_id),
    }
    return encode(event if lane == "live" else event | {"lane": lane})


class TaskEventPublisher:
    """Publishes task events, each to the partition of its task, as its key says."""

    def __init__(
        self, producer: RecordSender, topic: str, health: Health, log: Log, spans: RunSpans | None = None
    ) -> None:
        self._traced = spans or RunSpans()
        self._producer, self._topic, self._health, self._log = producer, topic, health, log
        for check in (RETRIES_CHECK, WAITS_CHECK, OUTCOMES_CHECK, CHAINS_CHECK):
            health.expect(check)
            health.ok(check)

    async def publish_retry(self, run: Run, partition: int, due_ms: int) -> None:
        """Return when the request for the next attempt is acknowledged."""
        await self._publish(run, partition, retry_event(run, due_ms), RETRIES_CHECK)
        metrics.retries(run.handler).inc()

    async def publish_wait(self, job: Job, started_ms: int, deadline: int) -> None:
        """Return when the wait of an attempt is acknowledged."""
        await self._publish(job.run, job.record.partition, wait_event(job, started_ms, deadline), WAITS_CHECK)
        metrics.waits(job.run.handler).inc()

    async def publish_outcome(self, run: Run, partition: int, outcome: AttemptOutcome) -> None:
        """Return when the final outcome is acknowledged."""
        await self._publish(run, partition, outcome_event(run, outcome), OUTCOMES_CHECK)

    async def publish_starts(self, run: Run, lane: Lane, outcome: FinalOutcome) -> None:
        """Return when the events that start what follows the run are acknowledged."""
        events = [(task, chain_event(run, lane, outcome, task)) for task in started_tasks(run, outcome)]
        await asyncio.gather(*(self._publish(run, None, event, CHAINS_CHECK, task) for task, event in events))

    async def _publish(
        self, run: Run, partition: int | None, value: bytes, check: str, task_id: str | None = None
    ) -> None:
        """Publish an event about the task of the run, whose partition is known, or about another one."""
        key, headers = (task_id or run.task_id).encode(), self._traced.event_headers(run)
        await send_until_acknowledged(
            lambda: self._producer.send(self._topic, value, key=key, partition=partition, headers=headers),
            self._topic,
            check,
            self._health,
            self._log,
        )
