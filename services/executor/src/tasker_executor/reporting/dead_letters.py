"""Dead letters that must be written before the offset of their record may be committed."""

from tasker_core.kafka_record import Record
from tasker_executor.reporting.resend import send_until_acknowledged
from tasker_runtime.dead_letter_producer import DeadLetterProducer
from tasker_runtime.health import Health
from tasker_runtime.kafka.record_sender import RecordSender
from tasker_runtime.logs import Log
from tasker_runtime.metrics.service_metrics import DeadLetterReason

CHECK = "dead-letters"


class DeadLetterReporter:
    """Writes dead letters until they are acknowledged."""

    def __init__(self, producer: RecordSender, topic: str, health: Health, log: Log) -> None:
        self._dead_letters, self._topic = DeadLetterProducer(producer, topic, "executor"), topic
        self._health, self._log = health, log
        health.expect(CHECK)
        health.ok(CHECK)

    async def write(self, record: Record, reason: str, counted_as: DeadLetterReason) -> None:
        """Return when the dead letter is acknowledged."""
        await send_until_acknowledged(
            lambda: self._dead_letters.publish(record, reason, counted_as),
            self._topic,
            CHECK,
            self._health,
            self._log,
        )
