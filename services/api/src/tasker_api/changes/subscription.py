"""One who listens: where he is in the log of changes. He holds nothing himself, however slowly he reads."""

import asyncio

from tasker_api.changes.change_hints import ChangeFilter, ChangeHints
from tasker_api.changes.change_log import ChangeLog, Position
from tasker_runtime.clock import is_set_within


class Subscription:
    """`reset`: he has missed what can't be read any more, and must be told so. `resumed`: nothing is missed."""

    def __init__(self, wanted: ChangeFilter) -> None:
        self.wanted = wanted
        self.position = Position(0, 0)
        self.reset = self.resumed = False
        self._changes: ChangeLog | None = None
        self._sequence = 0
        self._news = asyncio.Event()

    def place(self, changes: ChangeLog, position: Position, *, resumed: bool) -> None:
        """Begin at a position of a log that covers it."""
        self._changes, self.position, self.resumed = changes, position, resumed
        self._sequence = 0 if resumed else changes.sequence

    def move_to(self, changes: ChangeLog) -> None:
        """The log is another one, which begins earlier, or was begun anew after an interruption."""
        if self._changes is None or self._changes is changes:
            return
        if not changes.covers(self.position):
            self.reset, self.position = True, changes.end
        self._changes, self._sequence = changes, 0

    def wake(self) -> None:
        """There may be something to take."""
        self._news.set()

    def take(self) -> ChangeHints | None:
        """All that has come since the last time, None when nothing has. Sets `reset` when some of it is gone."""
        assert self._changes is not None
        self._news.clear()
        changes = self._changes
        if self._sequence == changes.sequence:
            return None
        found = changes.since(self._sequence, self.position)
        self._sequence, self.position = changes.sequence, max(self.position, changes.end)
        if found is None:
            self.reset = True
        return found

    async def news(self, seconds: float) -> bool:
        """Wait until there is something to take; False when there is nothing for so long."""
        return await is_set_within(self._news, seconds)
