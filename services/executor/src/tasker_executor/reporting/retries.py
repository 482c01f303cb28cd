"""The next attempts of failed runs: events for the ticker, which keeps them until they are due."""

import msgspec

from tasker_core.messages import Run, encode
from tasker_core.time.instant import rfc3339
from tasker_executor import metrics
from tasker_executor.reporting.resend import insist
from tasker_runtime.health import Health
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log

CHECK = "retries"


def retry_event(run: Run, due_ms: int) -> bytes:
    """The task event that asks for the attempt after this one. Its id is the attempt's, so that a repeat is known."""
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


class Retries:
    """Asks for next attempts."""

    def __init__(self, sender: RecordProducer, topic: str, health: Health, log: Log) -> None:
        self._sender, self._topic, self._health, self._log = sender, topic, health, log
        health.expect(CHECK)
        health.ok(CHECK)

    async def ask(self, run: Run, partition: int, due_ms: int) -> None:
        """Return when the event is acknowledged, in the partition of the run."""
        value, key = retry_event(run, due_ms), run.task_id.encode()
        await insist(
            lambda: self._sender.send(self._topic, value, key=key, partition=partition),
            self._topic,
            CHECK,
            self._health,
            self._log,
        )
        metrics.retries(run.handler).inc()
