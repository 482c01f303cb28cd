"""What an executor announces of its plug-ins, whatever their schemas are."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from tasker import handler
from tasker.handler_declaration import Handler
from tasker_core.handlers.handler_registry import HandlerRegistry
from tasker_core.kafka_record import RecordPosition
from tasker_executor.announcements.announcer import Announcer
from tasker_executor.handlers.plugins.loader import LoadedPlugins
from tasker_runtime.handler_registry_reader import HandlerRegistryReader
from tasker_runtime.health import Health
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.testing import RecordedLog


class EmptyRegistry(HandlerRegistryReader):
    """A topic that holds nothing."""

    def __init__(self) -> None:
        self.table = HandlerRegistry()

    async def refresh(self) -> bool:
        return True

    async def run(self) -> None:
        await asyncio.Event().wait()


class TopicOfHandlers(RecordProducer):
    """Keeps as a reader of the topic does what is sent to it."""

    def __init__(self) -> None:
        super().__init__(KafkaConnection("nowhere:1"))
        self.registry, self.troubles = HandlerRegistry(), list[str | None]()

    async def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        seconds: float = 10.0,
    ) -> RecordPosition:
        self.troubles.append(self.registry.apply(key, value))
        return RecordPosition(0, 0)


def with_codes(number: int) -> Handler[Any]:
    @handler(payload={"enum": [f"code-{one:08}" for one in range(number)]})
    async def one(_: Any) -> None:
        """Takes a code."""

    return one


@pytest.mark.parametrize(("codes", "is_checked"), [(10, True), (50_000, False), (200_000, False)])
async def test_a_plug_in_is_announced_however_large_its_schema_is(codes: int, is_checked: bool) -> None:
    log, topic = RecordedLog(), TopicOfHandlers()
    plugins = LoadedPlugins({"coded": with_codes(codes)})
    announcer = Announcer(plugins, "tasker-executor", EmptyRegistry(), topic, "tasker.handlers", Health(), log)
    announcing = asyncio.create_task(announcer.run())
    try:
        async with asyncio.timeout(5):
            await announcer.ready.wait()
    finally:
        announcing.cancel()
    assert topic.troubles == [None]
    assert topic.registry.group_of("coded") == "tasker-executor"
    assert bool(topic.registry.errors("coded", "no code")) is is_checked
    assert bool(log.fields_of("payload schema not announced")) is not is_checked
