"""The handlers of this executor, by name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tasker_core.messages.runs import Run

QuickHandler = Callable[[Run], object]
"""A handler that waits for nothing: it runs at once, and holds no slot. Raises AttemptFailed, or anything."""
SlowHandler = Callable[[Run], Awaitable[object]]
"""A handler that waits: it holds a slot, for at most the task's time-out. Raises AttemptFailed, or anything."""
CalledHost = Callable[[Run], str | None]
"""What a run calls that others may call too, such as a host; None when that is nothing."""


@dataclass(frozen=True, slots=True)
class LocalHandlers:
    """Quick and slow handlers; what they return becomes the result (JSON). `hosts`: for those that call a host."""

    quick: dict[str, QuickHandler] = field(default_factory=dict[str, QuickHandler])
    slow: dict[str, SlowHandler] = field(default_factory=dict[str, SlowHandler])
    hosts: dict[str, CalledHost] = field(default_factory=dict[str, CalledHost])

    def __contains__(self, name: object) -> bool:
        """Whether there is a handler of this name."""
        return name in self.quick or name in self.slow

    def called_host(self, run: Run) -> str | None:
        """What a run calls that others may call too; None when that is nothing."""
        called_host = self.hosts.get(run.handler)
        return None if called_host is None else called_host(run)

    def names(self) -> str:
        """All names, for people."""
        return ", ".join(sorted({*self.quick, *self.slow}))
