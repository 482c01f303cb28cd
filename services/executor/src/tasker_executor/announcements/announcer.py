"""Announces the plug-ins of this executor, and withdraws what its group has no more."""

import asyncio

import msgspec

from tasker_core.errors import TaskerError
from tasker_core.messages import NULL, HandlerAnnounced, encode
from tasker_executor.handlers.plugins import Plugins
from tasker_runtime.handler_registry_reader import HandlerRegistryReader
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log

RETRY_SECONDS = 1.0
CHECK = "plug-ins"


class Announcing:
    """Sees to it that the plug-ins are announced for the executor's group; `ready` is set when they are.

    All executors of a group have the same plug-ins. What another group has announced is left to it.
    """

    def __init__(
        self,
        plugins: Plugins,
        group: str,
        followed: HandlerRegistryReader,
        sender: RecordProducer,
        topic: str,
        health: Health,
        log: Log,
    ) -> None:
        self._plugins, self._group, self._followed = plugins, group, followed
        self._sender, self._topic, self._health, self._log = sender, topic, health, log
        self.ready = asyncio.Event()
        health.expect(CHECK)

    async def run(self) -> None:
        """Follow the announcements until cancelled, and announce as soon as they are read."""
        following = asyncio.create_task(self._followed.run())
        try:
            while not await self._announced():
                await asyncio.sleep(RETRY_SECONDS)
            self.ready.set()
            await following
        finally:
            following.cancel()
            await asyncio.wait({following})

    async def _announced(self) -> bool:
        if not await self._followed.refresh():
            self._health.fail(CHECK, "waiting for the announced handlers to be read")
            return False
        try:
            taken = await self._announce()
        except (TaskerError, KafkaError) as error:
            self._health.fail(CHECK, f"can't write to {self._topic}: {error}")
            self._log.warning("plug-ins not announced", reason=str(error))
            return False
        told = [f"{name!r} is left to the group {group}, which announced it first" for name, group in taken.items()]
        self._health.ok(CHECK, "; ".join([self._plugins.told(), *told]))
        return True

    async def _announce(self) -> dict[str, str]:
        """Returns the plug-ins that are another group's."""
        stands, taken = self._followed.handlers(), dict[str, str]()
        for name, handler in self._plugins.handlers.items():
            schema = NULL if handler.schema is None else msgspec.Raw(msgspec.json.encode(handler.schema))
            said = HandlerAnnounced(
                name=name, description=handler.description[:2_000], payload_schema=schema, group=self._group
            )
            known = stands.get(name)
            if known is not None and known.announcement.group != self._group:
                taken[name] = known.announcement.group
                self._log.error("handler of another group", handler=name, group=known.announcement.group)
            elif known is None or encode(known.announcement) != encode(said):
                await self._send(name, encode(said))
                self._log.info("handler announced", handler=name)
        for name, known in stands.items():
            ours = name in self._plugins.handlers or name in self._plugins.broken
            if known.announcement.group == self._group and not ours:
                await self._send(name, None)
                self._log.info("handler withdrawn", handler=name)
        return taken

    async def _send(self, name: str, value: bytes | None) -> None:
        await self._sender.send(self._topic, value, key=name.encode(), partition=0)
