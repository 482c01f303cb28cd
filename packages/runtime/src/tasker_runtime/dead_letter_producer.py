"""Publishes dead letters."""

from tasker_core.kafka_record import Record
from tasker_core.messages.dead_letter import dead_letter_of
from tasker_runtime.kafka.record_sender import RecordSender
from tasker_runtime.metrics.service_metrics import DeadLetterReason, count_dead_letter


class DeadLetterProducer:
    """Publishes to the dead-letters topic; an acknowledgement comes before the source's offset may move on."""

    def __init__(self, producer: RecordSender, topic: str, service: str) -> None:
        self._producer, self._topic, self._service = producer, topic, service

    async def publish(self, record: Record, reason: str, counted_as: DeadLetterReason = "unusable") -> None:
        """Publish a record as a dead letter, and count it.

        Raises KafkaError or KafkaTimeout when it is not acknowledged: the record must not be passed over then.
        """
        value, key, headers = dead_letter_of(record, reason, self._service)
        await self._producer.send(self._topic, value, key=key, headers=headers)
        count_dead_letter(self._service, record.topic, counted_as)
