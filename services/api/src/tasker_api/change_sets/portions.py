"""PURE. What a change-set does, portion after portion: the events for tasks, and what becomes of those without one."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, NamedTuple, Protocol

from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_core.messages.change_sets import LeftOutTask
from tasker_core.messages.verdicts import EventType


class Item(NamedTuple):
    """The event for one task. `if_version`: the version that it must have (None: any), 0 for one that must not be."""

    task_id: str
    event_type: EventType
    data: dict[str, Any]
    if_version: int | None = None


class Portion(NamedTuple):
    """Some of the tasks. With it all up to the position `after` are dealt with.

    `unchanged` (their ids) are as wanted already, `left_out` can't be changed: neither gets an event.
    """

    after: str
    items: Sequence[Item] = ()
    unchanged: Sequence[str] = ()
    left_out: Sequence[LeftOutTask] = ()


class PortionSource(Protocol):
    """Where the portions of a change-set come from, in a fixed order of positions."""

    def portions(self, after: str | None) -> AsyncGenerator[Portion]:
        """The portions behind a position, None for all. Raises PyMongoError; then one may ask again."""
        ...

    async def total(self) -> int:
        """How many tasks it is about, as far as that can be said now. Raises PyMongoError."""
        ...

    def close(self) -> None:
        """It is not asked any more."""
        ...


SourceOf = Callable[[ChangeSetDocument], PortionSource]
"""Says of a change-set as the log shows it what it is about."""
