"""Which handlers there are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from tasker_core.messages import Run
from tasker_executor.execution_log import ExecutionLog
from tasker_executor.handlers.curl import curl_handler
from tasker_executor.handlers.default import default_handler

Quick = Callable[[Run], object]
"""A handler that waits for nothing: it runs at once, and holds no slot. Raises Failed, or anything."""
Slow = Callable[[Run], Awaitable[object]]
"""A handler that waits: it holds a slot, for at most the task's time-out. Raises Failed, or anything."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The handlers by name; what they return becomes the result (JSON)."""

    quick: dict[str, Quick] = field(default_factory=dict[str, Quick])
    slow: dict[str, Slow] = field(default_factory=dict[str, Slow])

    def __contains__(self, name: str) -> bool:
        return name in self.quick or name in self.slow

    def names(self) -> str:
        """All names, for people."""
        return ", ".join(sorted({*self.quick, *self.slow}))


def built_in(transport: httpx.AsyncBaseTransport, lines: ExecutionLog) -> Registry:
    """The handlers that Tasker brings."""
    return Registry(quick={"default": default_handler(lines)}, slow={"curl": curl_handler(transport)})
