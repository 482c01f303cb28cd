"""Dead letters that must be written before a record may be passed over."""

from tasker_core.record import Record
from tasker_executor import metrics
from tasker_executor.reporting.resend import insist
from tasker_runtime.dead_letters import DeadLetterProducer
from tasker_runtime.health import Health
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log

CHECK = "dead-letters"


class Burials:
    """Writes dead letters."""

    def __init__(self, sender: RecordProducer, topic: str, health: Health, log: Log) -> None:
        self._letters, self._topic = DeadLetterProducer(sender, topic, "executor"), topic
        self._health, self._log = health, log
        health.expect(CHECK)
        health.ok(CHECK)

    async def publish(self, record: Record, reason: str) -> None:
        """Return when the dead letter is acknowledged."""
        await insist(lambda: self._letters.publish(record, reason), self._topic, CHECK, self._health, self._log)
        metrics.DEAD_LETTERS.inc()
