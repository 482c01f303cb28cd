"""What is announced on `handlers`, kept up to date in the background."""

from collections.abc import Callable
from typing import Protocol

from pydantic import JsonValue

from tasker_core.errors import FieldError
from tasker_core.handlers.handler_registry import AnnouncedHandler, HandlerRegistry
from tasker_runtime.compacted_topic_reader import CompactedTopicReader
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.logs import Log

CHECK = "handlers"


class HandlerValidator(Protocol):
    """Validates tasks against the handlers that can run."""

    def errors(self, handler: str, payload: JsonValue) -> list[FieldError]:
        """What is wrong with a handler's name and a payload for it; pointers are from the task."""
        ...

    async def refresh(self) -> bool:
        """Read on to where the announcements end now, within a bound; whether that was possible."""
        ...


class HandlerRegistryReader(CompactedTopicReader[HandlerRegistry]):
    """The handlers that are announced, as far as the topic is read."""

    def __init__(self, reader: Callable[[], PartitionReader], topic: str, health: Health, log: Log) -> None:
        super().__init__(reader, [TopicPartition(topic, 0)], HandlerRegistry, CHECK, health, log)

    def errors(self, handler: str, payload: JsonValue) -> list[FieldError]:
        """What is wrong with a handler's name and a payload for it; pointers are from the task."""
        found = self.table.errors(handler, payload)
        if not self.is_connected:
            suffix = "; the announced handlers can't be read at the moment, so try again in a while"
            found = [
                e.model_copy(update={"message": e.message + suffix}) if e.pointer == "/handler" else e for e in found
            ]
        return found

    def group_of(self, handler: str) -> str | None:
        """Whose a handler is: the group that announced it, None when nobody did."""
        return self.table.group_of(handler)

    def handlers(self) -> dict[str, AnnouncedHandler]:
        """All of them by name."""
        return dict(self.table.by_name)
