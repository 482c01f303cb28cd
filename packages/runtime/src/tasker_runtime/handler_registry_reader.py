"""What is announced on `handlers`, kept up to date in the background."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from pydantic import JsonValue

from tasker_core.errors import FieldError, TaskerError
from tasker_core.handlers.handler_registry import AnnouncedHandler, HandlerRegistry
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.logs import Log

POLL_MS = 1_000
RETRY_SECONDS = 1.0
PATIENCE_SECONDS = 5.0
STILL_POLLS = 10
SILENCE_MS = 120_000
CHECK = "handlers"


class HandlerValidator(Protocol):
    """Validates tasks against the handlers that can run."""

    def errors(self, handler: str, payload: JsonValue) -> list[FieldError]:
        """What is wrong with a handler's name and a payload for it; pointers are from the task."""
        ...

    async def refresh(self) -> bool:
        """Read on to where the announcements end now, within a bound; whether that was possible."""
        ...


class HandlerRegistryReader:
    """The handlers that are announced, as far as the topic is read. `run` reads it until cancelled.

    While the topic can't be read, what was read last holds, and nobody waits for more.
    """

    def __init__(self, reader: Callable[[], PartitionReader], topic: str, health: Health, log: Log) -> None:
        self._make, self._partition = reader, TopicPartition(topic, 0)
        self._health, self._log = health, log
        self._table = HandlerRegistry()
        self._reader: PartitionReader | None = None
        self._position = 0
        self._settled, self._moved = asyncio.Event(), asyncio.Event()
        health.expect(CHECK, every_ms=SILENCE_MS)

    def errors(self, handler: str, payload: JsonValue) -> list[FieldError]:
        """What is wrong with a handler's name and a payload for it; pointers are from the task."""
        found = self._table.errors(handler, payload)
        if self._reader is None:
            suffix = "; the announced handlers can't be read at the moment, so try again in a while"
            found = [
                e.model_copy(update={"message": e.message + suffix}) if e.pointer == "/handler" else e for e in found
            ]
        return found

    def group_of(self, handler: str) -> str | None:
        """Whose a handler is: the group that announced it, None when nobody did."""
        return self._table.group_of(handler)

    def handlers(self) -> dict[str, AnnouncedHandler]:
        """All of them by name."""
        return dict(self._table.by_name)

    async def refresh(self) -> bool:
        """Read on to where the announcements end now, within PATIENCE_SECONDS; whether that was possible."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._settled.wait()
                if (reader := self._reader) is None:
                    return False
                _, end = await reader.bounds(self._partition)
                while self._reader is reader and self._position < end:
                    self._moved.clear()
                    await self._moved.wait()
                return self._reader is reader
        except (TimeoutError, TaskerError, KafkaError):
            return False

    async def run(self) -> None:
        """Follow the topic until cancelled; while Kafka is away, try again and again."""
        while True:
            reader = self._make()
            try:
                await reader.start()
                await self._follow(reader)
            except (TaskerError, KafkaError) as error:
                self._health.fail(CHECK, f"the topic {self._partition.topic} can't be read: {error}")
                self._log.warning("announced handlers not read", reason=f"{type(error).__name__}: {error}")
            finally:
                self._reader = None
                self._settled.set()
                self._moved.set()
                await reader.stop()
            await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self, reader: PartitionReader) -> None:
        """Read all of it, and then what comes. A new table each time: what it forgot may be forgotten there, too."""
        first, end = await reader.bounds(self._partition)
        reader.assign(self._partition)
        reader.seek(self._partition, first)
        table, still, position = HandlerRegistry(), 0, first
        while position < end:
            before, position = position, await self._read(reader, table)
            still = still + 1 if position == before else 0
            if still > STILL_POLLS:
                raise KafkaTimeout(f"no progress towards offset {end}")
        self._table, self._reader, self._position = table, reader, position
        self._settled.set()
        self._log.info("announced handlers", names=sorted(table.by_name))
        while True:
            self._health.ok(CHECK)
            self._position = await self._read(reader, table)
            self._moved.set()

    async def _read(self, reader: PartitionReader, table: HandlerRegistry) -> int:
        """Take in what comes within a moment; returns the position after it."""
        for record in await reader.poll(POLL_MS):
            if trouble := table.apply(record.key, record.value):
                name = (record.key or b"")[:100].decode(errors="replace")
                self._log.warning("announcement", handler=name, offset=record.offset, reason=trouble[:500])
        return await reader.position(self._partition)
