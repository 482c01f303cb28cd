"""How runs of tasks that count their failures have ended for good: events for the ticker, which counts."""

from tasker_core.messages import Run, RunError, encode
from tasker_executor.execution.outcome import Ending
from tasker_executor.reporting.resend import insist
from tasker_runtime.health import Health
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log

CHECK = "outcomes"


def counts(run: Run, ending: Ending) -> bool:
    """Whether the ticker wants to know of the end of a run; of a failed one only when it is its last attempt."""
    limit = run.policy.max_consecutive_failures
    return limit is not None and run.kind != "backfill" and ending.outcome in ("failed", "succeeded")


def outcome_event(run: Run, ending: Ending) -> bytes:
    """The task event that tells it. Its id is the run's: a repeat is known."""
    told: dict[str, str | int | RunError] = {
        "type": "outcome",
        "id": f"outcome/{run.run_id}",
        "actor": "executor",
        "task_id": run.task_id,
        "run_id": run.run_id,
        "generation": run.generation,
        "version": run.version,
        "effective_at": run.effective_at,
        "outcome": ending.outcome,
    }
    if ending.error is not None:
        told["error"] = ending.error
    return encode(told)


class Outcomes:
    """Tells how runs have ended."""

    def __init__(self, sender: RecordProducer, topic: str, health: Health, log: Log) -> None:
        self._sender, self._topic, self._health, self._log = sender, topic, health, log
        health.expect(CHECK)
        health.ok(CHECK)

    async def tell(self, run: Run, partition: int, ending: Ending) -> None:
        """Return when the event is acknowledged, in the partition of the run."""
        value, key = outcome_event(run, ending), run.task_id.encode()
        await insist(
            lambda: self._sender.send(self._topic, value, key=key, partition=partition),
            self._topic,
            CHECK,
            self._health,
            self._log,
        )
