"""Announces the plug-ins of this executor, and withdraws those that its group has no more."""

import asyncio
from typing import Any

import msgspec

from tasker.handler_declaration import Handler
from tasker_core.errors import TaskerError
from tasker_core.handlers.handler_registry import MAX_RECORD_BYTES
from tasker_core.messages.announcements import HandlerAnnounced
from tasker_core.messages.base import NULL, encode
from tasker_executor.handlers.plugins.loader import LoadedPlugins
from tasker_runtime.handler_registry_reader import HandlerRegistryReader
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log

RETRY_SECONDS = 1.0
CHECK = "plug-ins"


class Announcer:
    """Announces the plug-ins for the executor's group; `ready` is set when that is done.

    All executors of a group have the same plug-ins. Announcements of other groups are not touched.
    """

    def __init__(
        self,
        plugins: LoadedPlugins,
        group: str,
        registry: HandlerRegistryReader,
        producer: RecordProducer,
        topic: str,
        health: Health,
        log: Log,
    ) -> None:
        self._plugins, self._group, self._registry = plugins, group, registry
        self._producer, self._topic, self._health, self._log = producer, topic, health, log
        self.ready = asyncio.Event()
        health.expect(CHECK)

    async def run(self) -> None:
        """Follow the announcements until cancelled, and announce as soon as they are read."""
        following = asyncio.create_task(self._registry.run())
        try:
            while not await self._try_to_announce():
                await asyncio.sleep(RETRY_SECONDS)
            self.ready.set()
            await following
        finally:
            following.cancel()
            await asyncio.wait({following})

    async def _try_to_announce(self) -> bool:
        if not await self._registry.refresh():
            self._health.fail(CHECK, "waiting for the announced handlers to be read")
            return False
        try:
            taken = await self._announce()
        except (TaskerError, KafkaError) as error:
            self._health.fail(CHECK, f"can't write to {self._topic}: {error}")
            self._log.warning("plug-ins not announced", reason=str(error))
            return False
        left = [f"{name!r} is left to the group {group}, which announced it first" for name, group in taken.items()]
        self._health.ok(CHECK, "; ".join([self._plugins.summary(), *left]))
        return True

    async def _announce(self) -> dict[str, str]:
        """Returns the plug-ins that are another group's."""
        announced, taken = self._registry.handlers(), dict[str, str]()
        for name, handler in self._plugins.handlers.items():
            announcement = self._announcement(name, handler)
            other = announced.get(name)
            if other is not None and other.announcement.group != self._group:
                taken[name] = other.announcement.group
                self._log.error("handler of another group", handler=name, group=other.announcement.group)
            elif other is None or encode(other.announcement) != encode(announcement):
                await self._send(name, encode(announcement))
                self._log.info("handler announced", handler=name)
        for name, other in announced.items():
            ours = name in self._plugins.handlers or name in self._plugins.broken
            if other.announcement.group == self._group and not ours:
                await self._send(name, None)
                self._log.info("handler withdrawn", handler=name)
        return taken

    def _announcement(self, name: str, handler: Handler[Any]) -> HandlerAnnounced:
        """What is announced of a plug-in: without its schema where with it nobody would read the record."""
        schema = NULL if handler.schema is None else msgspec.Raw(msgspec.json.encode(handler.schema))
        description = handler.description[:2_000]
        found = HandlerAnnounced(name=name, description=description, payload_schema=schema, group=self._group)
        if (size := len(encode(found))) <= MAX_RECORD_BYTES:
            return found
        self._log.warning("payload schema not announced", handler=name, bytes=size, most=MAX_RECORD_BYTES)
        return HandlerAnnounced(name=name, description=description, group=self._group)

    async def _send(self, name: str, value: bytes | None) -> None:
        await self._producer.send(self._topic, value, key=name.encode(), partition=0)
