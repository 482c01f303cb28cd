"""Publishes task events, and waits until the verdict, and with it the projection, is there."""

import asyncio

from tasker_api.publishing.command import Command
from tasker_api.publishing.recent_keys import RecentKeys
from tasker_api.publishing.verdict import OtherContent, OutcomeUnknown, VerdictPending, accepted_verdict
from tasker_api.publishing.verdict_stream import VerdictStream
from tasker_api.queries.journal import JournalQueries
from tasker_api.tracing.current_trace import trace_headers
from tasker_core.documents.journal import JournalDocument
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

VERDICT_SECONDS = 2.0
PUBLISH_SECONDS = 4.0


class CommandPublisher:
    """The writing side of the API."""

    def __init__(
        self, producer: RecordProducer, topic: str, verdicts: VerdictStream, journal: JournalQueries, log: Log
    ) -> None:
        self._log, self._keys = log, RecentKeys()
        self._producer, self._topic, self._verdicts, self._journal = producer, topic, verdicts, journal

    async def execute(self, command: Command) -> JournalDocument:
        """Publish, and return the accepted verdict.

        Raises Problem when it is rejected or Kafka is away, VerdictPending when there is no verdict within two seconds.
        """
        return accepted_verdict(command, await self._verdict(command))

    async def earlier_verdict(self, command: Command) -> JournalDocument | None:
        """The accepted verdict that a repeated command has already, None for a new one. Raises Problem."""
        earlier = await self._recorded(command) if command.repeatable else None
        return None if earlier is None else accepted_verdict(command, earlier)

    async def _verdict(self, command: Command) -> JournalDocument:
        async with self._verdicts.expect(command.task_id, command.event_id) as verdict:
            if command.repeatable and (
                earlier := await self._recorded(command) or await self._of_another_task(command)
            ):
                return earlier
            if command.repeatable and not self._keys.claim(command):
                raise OtherContent
            try:
                # The key decides the partition: aiokafka's partitioner is murmur2.
                position = await self._producer.send(
                    self._topic,
                    command.encoded(),
                    key=command.task_id.encode(),
                    headers=trace_headers(),
                    seconds=PUBLISH_SECONDS,
                )
            except (KafkaError, KafkaTimeout) as error:
                raise OutcomeUnknown(command, error) from error
            about = {"task_id": command.task_id, "event_id": command.event_id, "event_type": command.type}
            self._log.debug("event published", **about, **position._asdict())
            try:
                async with asyncio.timeout(VERDICT_SECONDS):
                    return await verdict
            except TimeoutError:
                if recorded := await self._recorded(command):
                    return recorded
                raise VerdictPending(command) from None

    async def _of_another_task(self, command: Command) -> JournalDocument | None:
        """The verdict on another request of the same actor under the same Idempotency-Key, about another task.

        Others may well have chosen the same key, and learn nothing of each other.
        """
        if not self._verdicts.is_open:
            return None
        try:
            return await self._journal.find_requested(command.event_id, command.actor)
        except PyMongoError:
            return None

    async def _recorded(self, command: Command) -> JournalDocument | None:
        """The verdict in the journal, if the database can be asked."""
        if not self._verdicts.is_open:
            return None
        try:
            return await self._journal.find(command.event_id, command.task_id)
        except PyMongoError:
            return None
