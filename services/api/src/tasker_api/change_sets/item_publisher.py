"""Publishes the events of one change-set, and lets no more than so many of them be unanswered."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from tasker_api.publishing.command import Command
from tasker_api.publishing.verdict_stream import VerdictStream
from tasker_core.documents.journal import JournalDocument, entry_id
from tasker_runtime.kafka.record_producer import RecordProducer

PUBLISH_SECONDS = 10.0
Answered = Callable[[Sequence[str]], Awaitable[set[str]]]
"""Which of these entries are in the journal. Raises PyMongoError."""


class ItemPublisher:
    """`unanswered`: how many events have no verdict in the log yet. Whoever has one closes it."""

    def __init__(self, producer: RecordProducer, topic: str, verdicts: VerdictStream, answered: Answered) -> None:
        self._producer, self._topic, self._verdicts, self._ask = producer, topic, verdicts, answered
        self._waiting: dict[str, asyncio.Future[JournalDocument]] = {}
        self._answered = asyncio.Event()

    @property
    def unanswered(self) -> int:
        """How many events have no verdict yet."""
        return len(self._waiting)

    async def publish(self, commands: Sequence[Command], *, again: bool = False) -> None:
        """Publish events. Raises PyMongoError, KafkaError or KafkaTimeout: then they may be published again.

        `again`: they may have been published before. The journal has one entry for each, and nobody hears of it twice:
        so those that are in it by now are neither published nor waited for.
        """
        names = {entry_id(command.task_id, command.event_id): command for command in commands}
        for name in names.keys() - self._waiting.keys():
            self._waiting[name] = future = self._verdicts.register(name)
            future.add_done_callback(partial(self._forget, name))
        if again:  # once they are waited for, so that none comes in between
            await self.look_up(list(names))
        records = [(one.task_id.encode(), one.encoded()) for name, one in names.items() if name in self._waiting]
        if records:
            await self._producer.send_all(self._topic, records, PUBLISH_SECONDS)

    async def look_up(self, names: Sequence[str] | None = None) -> None:
        """Wait no more for those (None: all) whose verdict is in the journal already. Raises PyMongoError."""
        for name in await self._ask(list(self._waiting) if names is None else names):
            if (future := self._waiting.get(name)) is not None:
                self._forget(name, future)

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
