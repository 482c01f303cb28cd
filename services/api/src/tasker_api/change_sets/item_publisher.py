"""Publishes the events of one change-set, and lets no more than so many of them be unanswered."""

import asyncio
from collections.abc import Sequence
from functools import partial

from tasker_api.publishing.command import Command
from tasker_api.publishing.verdict_stream import VerdictStream
from tasker_core.documents.journal import JournalDocument, entry_id
from tasker_runtime.kafka.record_producer import RecordProducer

PUBLISH_SECONDS = 10.0


class ItemPublisher:
    """`unanswered`: how many events have no verdict in the log yet. Whoever has one closes it."""

    def __init__(self, producer: RecordProducer, topic: str, verdicts: VerdictStream) -> None:
        self._producer, self._topic, self._verdicts = producer, topic, verdicts
        self._waiting: dict[str, asyncio.Future[JournalDocument]] = {}
        self._answered = asyncio.Event()

    @property
    def unanswered(self) -> int:
        """How many events have no verdict yet."""
        return len(self._waiting)

    async def publish(self, commands: Sequence[Command]) -> None:
        """Publish events. Raises KafkaError or KafkaTimeout: they may be published again, which is harmless."""
        for command in commands:
            name = entry_id(command.task_id, command.event_id)
            if name not in self._waiting:
                self._waiting[name] = future = self._verdicts.register(name)
                future.add_done_callback(partial(self._forget, name))
        records = [(command.task_id.encode(), command.encoded()) for command in commands]
        await self._producer.send_all(self._topic, records, PUBLISH_SECONDS)

    async def until_at_most(self, unanswered: int, seconds: float) -> bool:
        """Wait until no more events are without a verdict; False when that takes longer."""
        try:
            async with asyncio.timeout(seconds):
                while len(self._waiting) > unanswered:
                    self._answered.clear()
                    await self._answered.wait()
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Wait for no verdict any more."""
        for name, future in list(self._waiting.items()):
            self._forget(name, future)

    def _forget(self, name: str, future: "asyncio.Future[JournalDocument]") -> None:
        if self._waiting.pop(name, None) is not None:
            self._verdicts.forget(name, future)
            self._answered.set()
